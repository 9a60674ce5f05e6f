"""What workspaces and their members are asked; what accounts are, is in account_forms.py."""

from django import forms
from django.conf import settings

from crud.fields import EmailAddressField
from crud.line_forms import LineFormMixin

from .currencies_and_zones import current_currencies, current_time_zones, offer_current
from .joining import MARKS
from .leaving import work_of
from .models import Invitation, Membership, User, Workspace


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


class WorkspaceForm(LineFormMixin, forms.ModelForm):
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
        said = "A code or a passkey besides the password, at each sign-in. "
        if number := len(without_factor):
            others = [member for member in without_factor if member.user_id != user.pk]
            who = "only you have" if not others else f"{number} member{'s have' if number > 1 else ' has'}"
            among = ", you among them" if others and len(others) < number else ""
            said += (
                f"Who has none sets one up before they see anything of this workspace: {who} none yet{among}."
            )
        else:
            said += "Every member has one already."
        self.fields["requires_second_factor"].help_text = said


class ProfileForm(LineFormMixin, forms.ModelForm):
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


class Granting(LineFormMixin, forms.ModelForm):
    """Says what somebody may do."""

    @property
    def makes_an_admin(self):
        return self.cleaned_data["is_admin"] and "is_admin" in self.changed_data


class MarksForm(Granting):
    """What a member may do."""

    class Meta:
        model = Membership
        fields = MARKS


class InvitationForm(Granting):
    """Whom to let in, and what they may do."""

    class Meta:
        model = Invitation
        fields = ["email", *MARKS]
        field_classes = {"email": EmailAddressField}
        labels = {"email": "E-mail address"}
        help_texts = {name: Membership._meta.get_field(name).help_text for name in MARKS}

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        member = Membership.objects.active().filter(user__email=email).first()
        if member:
            raise forms.ValidationError(f"{member} is a member of this workspace already.")
        return email


class HandOverForm(forms.Form):
    """One question for each kind of work that the member has: who gets it."""

    NOBODY = "nobody"

    def __init__(self, member, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.work, self.heirs = (
            work_of(member),
            Membership.objects.sales_staff().exclude(pk=member.pk).in_bulk(),
        )
        people = [(str(pk), str(heir)) for pk, heir in self.heirs.items()]
        for work, number in self.work:
            ways = [(value, label) for value, (label, _) in work.ways.items()]
            self.fields[work.name] = forms.ChoiceField(
                label=f"{work.counted(number)} {'goes' if number == 1 else 'go'} to",
                choices=[("", "Choose …"), *ways, *people, (self.NOBODY, "Nobody")],
                error_messages={"required": "Choose who gets them, or nobody."},
            )
        self.rows = {work.name: work.rows(member) for work, _ in self.work}

    def hand_over(self):
        """Give everything to whom it was said, and say what was given: "2 companies and 1 opportunity"."""
        for work, _ in self.work:
            wish, rows = self.cleaned_data[work.name], self.rows[work.name]
            if wish in work.ways:
                work.ways[wish][1](rows)
            else:
                work.give(rows, None if wish == self.NOBODY else self.heirs[int(wish)])
        return " and ".join(work.counted(number) for work, number in self.work)
