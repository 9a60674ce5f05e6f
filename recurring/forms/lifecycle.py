"""The small forms of what is done to a profile: each is one act of recurring.acts."""

from django import forms

from crud.forms.line_forms import LineFormMixin
from recurring.forms.fields import day_field
from recurring.forms.terms import TermFieldsMixin, category_field, term_values
from recurring.lifecycle import operations
from recurring.lifecycle.checks import format_day, history_of
from recurring.lifecycle.renewal import renew_profile
from recurring.models import RevenueEnding, RevenueTerm
from recurring.mrr.renewals import last_day_of_term, renewal_start, term_to_renew
from workspaces.tenancy.scope import active_workspace

Reason = RevenueTerm.Reason
OTHER_REASONS = {
    Reason.NEW,
    Reason.TRANSFER,
    Reason.RENEWAL,
    Reason.CORRECTION,
}  # than those why an amount changes


def note():
    return forms.CharField(label="Note", required=False, max_length=500, widget=forms.TextInput())


def reason(first):
    """Why an amount changes; `first` is what stands for none of the reasons."""
    return forms.ChoiceField(
        label="Reason",
        required=False,
        choices=[
            ("", first),
            *((value, label) for value, label in Reason.choices if value not in OTHER_REASONS),
        ],
        help_text="A price rise counts as uplift, apart from what is sold in addition.",
    )


class OperationForm(LineFormMixin, forms.Form):
    """Something done to `profile`, from a day on. `act` does it, or raises ValidationError."""

    label = title = ""  # of the button that leads here; what the page is headed with
    button = "Save"
    about = ""
    is_plain = False  # whether it does something as it is proposed, so that the preview comes at once

    def __init__(self, *args, profile, **kwargs):
        self.profile = profile
        super().__init__(*args, **kwargs)
        for name, value in self.get_proposed_values().items():
            self.initial.setdefault(name, value)
        if "category" in self.fields:
            self.fields["category"].current = None
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)

    def set_user(self, user):
        if "category" in self.fields:
            self.fields["category"].may_add = user.has_perm("recurring.add_revenuecategory")

    def get_proposed_values(self):
        return {}

    @property
    def today(self):
        """The day that is proposed: today, or the nearest one of service."""
        today, history = active_workspace().today(), history_of(self.profile)
        today = max(today, history.start)
        return min(today, history.last_day) if history.last_day else today

    def category_given(self):
        """The category of the form, saved now if it is new."""
        row = self.cleaned_data["category"]
        if row.pk is None:
            row.save()
        return row

    def act(self, submission):
        """Do what the form asks for, once for each `submission`: each kind of act says how.

        A profile is answered where it is another one that goes on.
        """
        raise NotImplementedError


class AmountForm(TermFieldsMixin, OperationForm):
    label, title = "Change amount", "Change the amount from …"
    about = "What was agreed before stays in its months; from this day on the new amount counts."

    from_date = day_field("From", "The first day that the new amount is for.")
    reason = reason("—")
    note = note()
    field_order = ["from_date", "amount", "unit"]

    def get_proposed_values(self):
        term = history_of(self.profile).term_on(self.today)
        current_line = {name: getattr(term, name) for name in operations.LINE} if term else {}
        return {"from_date": self.today} | current_line

    def act(self, submission):
        values = self.cleaned_data
        operations.change_amount(
            self.profile,
            values["from_date"],
            reason=values["reason"],
            note=values["note"],
            submission=submission,
            **term_values(values),
        )


class CategoryForm(OperationForm):
    label, title = "Change category", "Change the category from …"
    about = "The amount stays as it is. Months before keep the category they had."

    from_date = day_field("From", "The first day in the new category.")
    category = category_field()
    note = note()

    def get_proposed_values(self):
        return {"from_date": self.today}

    def act(self, submission):
        values = self.cleaned_data
        operations.change_category(
            self.profile,
            values["from_date"],
            self.category_given(),
            note=values["note"],
            submission=submission,
        )


class RenewForm(TermFieldsMixin, OperationForm):
    label, title = "Renew", "Renew this profile"
    is_plain = True
    button = "Renew"
    about = (
        "Renewed up to 60 days late, the new term counts from the day after the old one: no gap, no churn. "
        "What has been over for longer stays over, and the client comes back with a new profile, from the "
        "day it was renewed."
    )

    renewed_on = day_field("Renewed on", "The day on which you agreed on it.")
    until = day_field(
        "New fixed last day", "Where the new term has one. It runs on if empty.", required=False
    )
    reason = reason("Renewal")
    note = note()
    field_order = ["renewed_on", "until", "amount", "unit"]

    def get_proposed_values(self):
        today, history = active_workspace().today(), history_of(self.profile)
        over = term_to_renew(history, today)
        term = over and history.term_on(over)
        current_line = {name: getattr(term, name) for name in operations.LINE} if term else {}
        if over and history.last_day and history.term_months:
            current_line["until"] = last_day_of_term(renewal_start(over, today), history.term_months)
        return {"renewed_on": today} | current_line

    def act(self, submission):
        values = self.cleaned_data
        return renew_profile(
            self.profile,
            values["renewed_on"],
            values["until"],
            reason=values["reason"],
            note=values["note"],
            submission=submission,
            **term_values(values),
        )


class PauseForm(OperationForm):
    label, title = "Pause", "Pause this profile"
    is_plain = True
    about = "While it is paused nothing is paid, and the client is kept: that is no churn."

    from_date = day_field("From", "The first day without service.")
    to_date = day_field(
        "To", "The last one, if it is known. Else resume it when the day has come.", required=False
    )
    reason = forms.CharField(label="Reason", required=False, max_length=200)
    note = note()

    def get_proposed_values(self):
        days = history_of(self.profile).unpaused_days(active_workspace().today())
        if days is None:
            return {"from_date": self.today}
        first, last = days
        is_followed = any(pause.from_date > first for pause in history_of(self.profile).pauses)
        return {"from_date": first} | ({"to_date": last} if is_followed else {})

    def act(self, submission):
        operations.pause(self.profile, submission=submission, **self.cleaned_data)


CANCEL_PAUSE = "Cancel planned pause"


class ResumeForm(OperationForm):
    label, title = "Resume", "Resume this profile"
    is_plain = True
    about = "It is paid again from this day on, as was agreed before."

    from_date = day_field("From", "The first day of service again.")
    note = note()

    def __init__(self, *args, profile, **kwargs):
        self.pause = operations.find_resumable_pause(profile)
        super().__init__(*args, profile=profile, **kwargs)
        if self.cancels:
            self.label, self.title, self.button = CANCEL_PAUSE, "Cancel the planned pause", "Cancel the pause"
            until = f"until {format_day(self.pause.to_date)}" if self.pause.to_date else "with no end yet"
            start = format_day(self.pause.from_date)
            self.about = f"It was to be paused from {start} {until}. It stays in service."
            del self.fields["from_date"]

    @property
    def cancels(self):
        """True if the pause is only planned: there is nothing to resume from yet."""
        return self.pause is not None and operations.is_planned(self.pause)

    def get_proposed_values(self):
        return {"from_date": max(self.today, self.pause.from_date) if self.pause else self.today}

    def act(self, submission):
        operations.resume(
            self.profile,
            self.pause.from_date if self.cancels else self.cleaned_data["from_date"],
            note=self.cleaned_data["note"],
            submission=submission,
        )


class EndForm(OperationForm):
    label, title = "End", "End this profile"
    is_plain = True
    button = "End it"
    about = "The last day of service is still paid for; the client has left on the day after."

    end = day_field("Last day of service")
    notice_date = day_field("Notice given on", required=False)
    kind = forms.ChoiceField(label="How", choices=RevenueEnding.Kind)
    reason = forms.ChoiceField(
        label="Reason", required=False, choices=[("", "—"), *RevenueEnding.Reason.choices]
    )
    note = note()

    def get_proposed_values(self):
        return {"end": self.today}

    def act(self, submission):
        values = dict(self.cleaned_data)
        operations.end(self.profile, values.pop("end"), submission=submission, **values)


class UndoForm(OperationForm):
    label, title = "Undo ending", "Undo the ending"
    is_plain = True
    button = "Undo the ending"
    about = "The churn it made is gone, as if notice had never been given; the ending stays in the history."

    def act(self, submission):
        operations.undo_ending(self.profile)


OPERATIONS = {
    "amount": AmountForm,
    "category": CategoryForm,
    "renew": RenewForm,
    "pause": PauseForm,
    "resume": ResumeForm,
    "end": EndForm,
    "undo": UndoForm,
}


def get_operation_form(name):
    return OPERATIONS[name]
