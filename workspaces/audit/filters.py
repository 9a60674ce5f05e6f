"""What the audit trail can be narrowed by."""

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crud.filters.fields import NONE
from crud.filters.filters import ChoiceFilter
from crud.filters.filterset import FilterSet
from workspaces.audit.models import kinds_told
from workspaces.models import AuditEntry, Membership


class ByMember(ChoiceFilter):
    """By who did it."""

    @cached_property
    def choices(self):
        members = Membership.objects.all_by_id().values()
        return {NONE: _("System"), **{str(member.user_id): str(member) for member in members}}

    def find_by_name(self, texts):
        return {}  # a search finds what they did, and what was done to them, by the same word

    def color(self, value):
        return ""


class ByKind(ChoiceFilter):
    """By what it was done to."""

    choices = property(lambda self: kinds_told())

    def find_by_name(self, texts):
        return {}


class EntryFilter(FilterSet):
    labels = {"kind": _("Record type")}

    @classmethod
    def kind_for(cls, field):
        return {"user": ByMember, "kind": ByKind}.get(field.name) or super().kind_for(field)

    class Meta:
        model = AuditEntry
        fields = ["user", "action", "kind", "at"]
