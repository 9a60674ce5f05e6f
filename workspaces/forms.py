"""What workspaces and their members are asked; what accounts are, is in accounts/forms.py."""

from django import forms
from django.conf import settings

from crud.forms.edit_form import EditForm
from crud.forms.line_forms import LineFormMixin
from workspaces.models import User, Workspace
from workspaces.models.currencies_and_zones import current_currencies, current_time_zones, offer_current


class NewWorkspaceForm(LineFormMixin, forms.ModelForm):
    """The first things a workspace needs; all but its address can be changed later."""

    slug = forms.SlugField(
        label="Address",
        max_length=40,
        required=False,
        help_text="Part of every link, and fixed from then on. Left empty, it is made from the name.",
    )

    class Meta:
        model = Workspace
        fields = ["name", "slug", "currency", "time_zone"]
        help_texts = {
            "name": "Most take their firm's name.",
            "time_zone": "Decides when a day and a month begin.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_current(self, currency=current_currencies(), time_zone=current_time_zones())

    def clean_slug(self):
        slug = self.cleaned_data["slug"].lower()
        if slug != slug.strip("-_"):
            raise forms.ValidationError("Begin and end it with a letter or a digit.")
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
            "currency": "Amounts are shown in it; a change converts nothing.",
            "time_zone": 'Decides what "today" and "this month" mean in figures.',
            "has_crm": "People, companies and opportunities. Switched off, it is hidden and nothing is lost.",
            "has_recurring": "What each client pays every month. It can be hidden the same way.",
        }

    def __init__(self, *args, without_factor, user, **kwargs):
        """`without_factor`: the members who have no second factor yet."""
        super().__init__(*args, **kwargs)
        offer_current(self, currency=current_currencies(), time_zone=current_time_zones())
        help_text = "A code or a passkey besides the password, at each sign-in. "
        if number := len(without_factor):
            other_members = [member for member in without_factor if member.user_id != user.pk]
            subject = (
                "only you have"
                if not other_members
                else f"{number} member{'s have' if number > 1 else ' has'}"
            )
            also_you = ", you among them" if other_members and len(other_members) < number else ""
            help_text += "Who has none sets one up before they see anything of this workspace: "
            help_text += f"{subject} none yet{also_you}."
        else:
            help_text += "Every member has one already."
        self.fields["requires_second_factor"].help_text = help_text


class ProfileForm(EditForm):
    """How somebody is called, and how they like to see things."""

    language = forms.ChoiceField(
        choices=settings.LANGUAGES, help_text="Decides how dates and numbers are written."
    )

    class Meta:
        model = User
        fields = ["name", "language", "time_zone", "theme"]
        labels = {"name": "Your name", "time_zone": "Time zone"}
        help_texts = {"time_zone": "In which times are shown to you."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_current(self, time_zone=current_time_zones())
        self.fields["time_zone"].choices = [
            ("", "The workspace's"),
            *(choice for choice in self.fields["time_zone"].choices if choice[0]),
        ]
        self.initial["language"] = self.initial.get("language") or settings.LANGUAGE_CODE
