"""Filters of the CRM's lists."""

import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from crm.parsing.countries import ALIASES, codes_by_alias
from crud.filters.fields import NONE, normalized_choices
from crud.filters.filters import ChoiceFilter
from crud.filters.filterset import FilterSet
from crud.filters.range_filters import NumberRangeFilter
from crud.search import normalize_text
from workspaces.models import Membership
from workspaces.tenancy.scope import active_member_id, active_workspace

from . import models

ME = "me"


class Assigned(ChoiceFilter):
    """By who is to look after it: `me` is whoever asks, so that one link serves all."""

    @property
    def choices(self):
        choices = super().choices
        return {NONE: choices[NONE], ME: _("Me"), **choices}

    def filter(self, rows, value):
        mine = str(active_member_id() or 0)
        return super().filter(rows, [mine if item == ME else item for item in value or []])


class CountryFilter(ChoiceFilter):
    """By country: its aliases (Turkey, USA, Holland) are found, and understood in a URL."""

    def resolve(self, text):
        if text in self.choices:
            return text
        name = normalize_text(" ".join(text.split()))
        codes = normalized_choices(self.model_field).get(name) or codes_by_alias().get(name)
        return codes[0] if codes else text.upper() if text.upper() in self.choices else text

    def aliases(self, value):
        return ", ".join(ALIASES.get(value, ()))

    def find_by_name(self, texts):
        codes = {alias: codes_by_alias()[alias] for alias in texts if alias in codes_by_alias()}
        return normalized_choices(self.model_field) | codes


class OfStatusKind(ChoiceFilter):
    """By what a status means, whatever it is called: what the dashboard's figures go by."""

    @property
    def choices(self):
        return {kind.value: str(kind.label) for kind in models.Status.Kind}

    def find_by_name(self, texts):
        return {}  # the statuses themselves are offered

    def filter(self, rows, value):
        return rows.of_kind(*value) if value else rows


class OfStatus(ChoiceFilter):
    def filter(self, rows, value):
        return rows.with_status([int(item) for item in value]) if value else rows


class WinPercentFilter(NumberRangeFilter):
    """By the win % that lists show and figures count with: 100 once won, 0 once lost or abandoned."""

    is_percentage = True

    def filter(self, rows, value):
        if value is None or (value.low is None and value.high is None):
            return super().filter(rows, value)
        kinds = models.Status.Kind
        low = -1 if value.low is None else value.low
        high = 101 if value.high is None else value.high
        closed = [kinds.WON] if low <= 100 <= high else []
        closed += [kinds.LOST, kinds.ABANDONED] if low <= 0 <= high else []
        # As a list: SQLite looks for no bare column in an index.
        is_open = Q(is_open__in=[True], win_percent__gte=low, win_percent__lte=high)
        return rows.filter(is_open | Q(status__in=models.Status.ids_of(*closed)))


class RecordFilter(FilterSet):
    labels = {"updated_by": _("Updated by"), "moved_at": _("Last stage change")}

    @classmethod
    def kind_for(cls, field):
        if isinstance(field, CountryField):
            return CountryFilter
        return Assigned if field.related_model is Membership else super().kind_for(field)


class PersonFilter(RecordFilter):
    class Meta:
        model = models.Person
        fields = ["company", "email", "title", "created_at", "updated_at", "updated_by"]


class CompanyFilter(RecordFilter):
    class Meta:
        model = models.Company
        fields = [
            "contact_type",
            "assignee",
            "tags",
            "country",
            "city",
            "state",
            "created_at",
            "updated_at",
            "updated_by",
        ]


def get_quick_opportunity_filters():
    """Return the quick filters of the opportunity list: see ModelViewSet."""
    today, is_open = active_workspace().today(), {"kind": models.Status.Kind.OPEN.value}
    first, next_month = (
        today.replace(day=1),
        (today.replace(day=1) + datetime.timedelta(days=31)).replace(day=1),
    )
    day = datetime.timedelta(days=1)
    return [
        (_("Mine"), {"assignee": ME}),
        (_("Open"), is_open),
        (_("Closing this month"), is_open | closing_between(first, next_month - day)),
        (_("Overdue"), is_open | closing_between(None, today - day)),
    ]


def closing_between(first, last):
    return {
        "expected_close_after": first and first.isoformat(),
        "expected_close_before": last.isoformat(),
    }


class OpportunityFilter(RecordFilter):
    kind = OfStatusKind(label=_("Status type"))

    @classmethod
    def kind_for(cls, field):
        if field.name == "win_percent":
            return WinPercentFilter
        return OfStatus if field.related_model is models.Status else super().kind_for(field)

    class Meta:
        model = models.Opportunity
        fields = [
            "stage",
            "status",
            "kind",
            "value",
            "win_percent",
            "priority",
            "assignee",
            "source",
            "loss_reason",
            "tags",
            "company",
            "contact",
            "close_date",
            "expected_close",
            "created_at",
            "updated_at",
            "updated_by",
            "moved_at",
        ]
