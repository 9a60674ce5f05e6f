"""Forms of members and invitations."""

from django import forms
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _

from crud.forms.edit_form import EditForm
from crud.forms.fields import EmailAddressField
from workspaces.members.invitations import PERMISSION_FIELDS
from workspaces.members.reassignment import assigned_records_of
from workspaces.models import Invitation, Membership


class PermissionsFormMixin(EditForm):
    """Says what somebody may do."""

    @property
    def makes_an_admin(self):
        return self.cleaned_data["is_admin"] and "is_admin" in self.changed_data


class PermissionsForm(PermissionsFormMixin):
    """What a member may do."""

    class Meta:
        model = Membership
        fields = PERMISSION_FIELDS


class InvitationForm(PermissionsFormMixin):
    """Whom to let in, and what they may do."""

    class Meta:
        model = Invitation
        fields = ["email", *PERMISSION_FIELDS]
        field_classes = {"email": EmailAddressField}
        labels = {"email": _("Email")}
        help_texts = {name: Membership._meta.get_field(name).help_text for name in PERMISSION_FIELDS}

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        member = Membership.objects.active().filter(user__email=email).first()
        if member:
            raise forms.ValidationError(
                _("%(name)s is already a member of this workspace.") % {"name": member}
            )
        return email


class ReassignmentForm(forms.Form):
    """One question for each kind of work that the member has: who gets it."""

    NOBODY = "nobody"

    def __init__(self, member, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.work, self.heirs = (
            assigned_records_of(member),
            Membership.objects.sales_staff().exclude(pk=member.pk).in_bulk(),
        )
        people = [(str(pk), str(heir)) for pk, heir in self.heirs.items()]
        for work, number in self.work:
            ways = [(value, label) for value, (label, _function) in work.ways.items()]
            self.fields[work.name] = forms.ChoiceField(
                label=_("Reassign %(records)s to") % {"records": work.run_counts(number)},
                choices=[("", _("Choose…")), *ways, *people, (self.NOBODY, _("Unassigned"))],
                error_messages={"required": _("Choose a new assignee or “Unassigned”.")},
            )
        self.rows = {work.name: work.rows(member) for work, _number in self.work}

    def hand_over(self):
        """Give everything to whom it was said, and say what was given: "2 companies and 1 opportunity"."""
        for work, _number in self.work:
            wish, rows = self.cleaned_data[work.name], self.rows[work.name]
            if wish in work.ways:
                work.ways[wish][1](rows)
            else:
                work.give(rows, None if wish == self.NOBODY else self.heirs[int(wish)])
        return get_text_list([work.run_counts(number) for work, number in self.work], _("and"))
