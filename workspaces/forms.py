"""What workspaces and their members are asked; what accounts are, is in accounts/forms.py."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crud.forms.edit_form import EditForm
from crud.forms.line_forms import LineFormMixin
from workspaces.models import User, Workspace
from workspaces.models.currencies_and_zones import current_currencies, current_time_zones, offer_current


class NewWorkspaceForm(LineFormMixin, forms.ModelForm):
    """The first things a workspace needs; all but its address can be changed later."""

    slug = forms.SlugField(
        label=_("Workspace URL"),
        max_length=40,
        required=False,
        help_text=_("Used in links. You can’t change it later. Leave it blank to use the name."),
    )

    class Meta:
        model = Workspace
        fields = ["name", "slug", "currency", "time_zone"]
        help_texts = {
            "name": _("Usually your company name."),
            "time_zone": _("Used for dates in reports."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_current(self, currency=current_currencies(), time_zone=current_time_zones())

    def clean_slug(self):
        slug = self.cleaned_data["slug"].lower()
        if slug != slug.strip("-_"):
            raise forms.ValidationError(_("Start and end it with a letter or a digit."))
        return slug


class WorkspaceForm(EditForm):
    """The workspace itself, as its admins set it up."""

    class Meta:
        model = Workspace
        fields = [
            "name",
            "currency",
            "time_zone",
            "fiscal_year_start",
            "has_crm",
            "has_recurring",
            "requires_loss_reason",
            "requires_second_factor",
        ]
        help_texts = {
            "currency": _("Changing the currency doesn’t convert existing amounts."),
            "time_zone": _("Used for dates in reports."),
            "has_crm": _("People, companies and opportunities. Turning it off hides it; no data is lost."),
            "has_recurring": _(
                "Each client’s monthly recurring revenue. Turning it off hides it; no data is lost."
            ),
        }

    def __init__(self, *args, without_factor, user, **kwargs):
        """`without_factor`: the members who have no second factor yet."""
        super().__init__(*args, **kwargs)
        offer_current(self, currency=current_currencies(), time_zone=current_time_zones())
        is_user_without = any(member.user_id == user.pk for member in without_factor)
        self.fields["requires_second_factor"].help_text = second_factor_help(
            len(without_factor), is_user_without
        )


def second_factor_help(number, includes_user):
    """Return what requiring 2FA means for the `number` members who haven't set it up."""
    if number == 0:
        return _("All members have set up two-factor authentication.")
    if number == 1 and includes_user:
        return _(
            "Members without 2FA must set it up before they can open this workspace. "
            "You haven’t set it up yet."
        )
    if includes_user:
        text = _(
            "Members without 2FA must set it up before they can open this workspace. "
            "%(number)s members, including you, haven’t set it up yet."
        )
    else:
        text = ngettext(
            "Members without 2FA must set it up before they can open this workspace. "
            "%(number)s member hasn’t set it up yet.",
            "Members without 2FA must set it up before they can open this workspace. "
            "%(number)s members haven’t set it up yet.",
            number,
        )
    return text % {"number": number}


class ProfileForm(EditForm):
    """How somebody is called, and how they like to see things."""

    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("How dates and numbers are written.")
    )

    class Meta:
        model = User
        fields = ["name", "language", "time_zone", "theme"]
        labels = {"name": _("Your name"), "time_zone": _("Time zone")}
        help_texts = {"time_zone": _("Used for dates and times.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_current(self, time_zone=current_time_zones())
        self.fields["time_zone"].choices = [
            ("", _("Same as the workspace")),
            *(choice for choice in self.fields["time_zone"].choices if choice[0]),
        ]
        self.initial["language"] = self.initial.get("language") or settings.LANGUAGE_CODE
