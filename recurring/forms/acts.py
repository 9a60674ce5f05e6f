"""The small forms of what is done to a profile: each is one act of recurring.acts."""

from django import forms

from crud.line_forms import LineFormMixin
from recurring import acts
from recurring.inputs import day
from recurring.models import RevenueEnding, RevenuePause, RevenueTerm
from recurring.renewals import last_day_of_term, renewal_start, term_to_renew
from recurring.renewing import renew
from workspaces.scope import active_workspace

from .profiles import LineFields, category, line_of

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


class ActForm(LineFormMixin, forms.Form):
    """Something done to `profile`, from a day on. `act` does it, or raises ValidationError."""

    label = title = ""  # of the button that leads here; what the page is headed with
    button = "Save"
    about = ""
    is_plain = False  # whether it does something as it is proposed, so that the preview comes at once

    def __init__(self, *args, profile, **kwargs):
        self.profile = profile
        super().__init__(*args, **kwargs)
        for name, value in self.proposed().items():
            self.initial.setdefault(name, value)
        if "category" in self.fields:
            self.fields["category"].current = None
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)

    def may(self, user):
        if "category" in self.fields:
            self.fields["category"].may_add = user.has_perm("recurring.add_revenuecategory")

    def proposed(self):
        return {}

    @property
    def today(self):
        """The day that is proposed: today, or the nearest one of service."""
        today, history = active_workspace().today(), acts.history_of(self.profile)
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


class AmountForm(LineFields, ActForm):
    label, title = "Change amount", "Change the amount from …"
    about = "What was agreed before stays in its months; from this day on the new amount counts."

    from_date = day("From", "The first day that the new amount is for.")
    reason = reason("—")
    note = note()
    field_order = ["from_date", "amount", "unit"]

    def proposed(self):
        term = acts.history_of(self.profile).term_on(self.today)
        same = {name: getattr(term, name) for name in acts.LINE} if term else {}
        return {"from_date": self.today} | same

    def act(self, submission):
        said = self.cleaned_data
        acts.change_amount(
            self.profile,
            said["from_date"],
            reason=said["reason"],
            note=said["note"],
            submission=submission,
            **line_of(said),
        )


class CategoryForm(ActForm):
    label, title = "Change category", "Change the category from …"
    about = "The amount stays as it is. Months before keep the category they had."

    from_date = day("From", "The first day in the new category.")
    category = category()
    note = note()

    def proposed(self):
        return {"from_date": self.today}

    def act(self, submission):
        said = self.cleaned_data
        acts.change_category(
            self.profile, said["from_date"], self.category_given(), note=said["note"], submission=submission
        )


class RenewForm(LineFields, ActForm):
    label, title = "Renew", "Renew this profile"
    is_plain = True
    button = "Renew"
    about = (
        "Renewed up to 60 days late, the new term counts from the day after the old one: no gap, no churn. "
        "What has been over for longer stays over, and the client comes back with a new profile, from the "
        "day it was renewed."
    )

    renewed_on = day("Renewed on", "The day on which you agreed on it.")
    until = day("New fixed last day", "Where the new term has one. It runs on if empty.", required=False)
    reason = reason("Renewal")
    note = note()
    field_order = ["renewed_on", "until", "amount", "unit"]

    def proposed(self):
        today, history = active_workspace().today(), acts.history_of(self.profile)
        over = term_to_renew(history, today)
        term = over and history.term_on(over)
        same = {name: getattr(term, name) for name in acts.LINE} if term else {}
        if over and history.last_day and history.term_months:
            same["until"] = last_day_of_term(renewal_start(over, today), history.term_months)
        return {"renewed_on": today} | same

    def act(self, submission):
        said = self.cleaned_data
        return renew(
            self.profile,
            said["renewed_on"],
            said["until"],
            reason=said["reason"],
            note=said["note"],
            submission=submission,
            **line_of(said),
        )


class PauseForm(ActForm):
    label, title = "Pause", "Pause this profile"
    is_plain = True
    about = "While it is paused nothing is paid, and the client is kept: that is no churn."

    from_date = day("From", "The first day without service.")
    to_date = day("To", "The last one, if it is known. Else resume it when the day has come.", required=False)
    reason = forms.CharField(label="Reason", required=False, max_length=200)
    note = note()

    def proposed(self):
        days = acts.history_of(self.profile).unpaused_days(active_workspace().today())
        if days is None:
            return {"from_date": self.today}
        first, last = days
        is_followed = any(pause.from_date > first for pause in acts.history_of(self.profile).pauses)
        return {"from_date": first} | ({"to_date": last} if is_followed else {})

    def act(self, submission):
        acts.pause(self.profile, submission=submission, **self.cleaned_data)


CANCEL_PAUSE = "Cancel planned pause"


class ResumeForm(ActForm):
    label, title = "Resume", "Resume this profile"
    is_plain = True
    about = "It is paid again from this day on, as was agreed before."

    from_date = day("From", "The first day of service again.")
    note = note()

    def __init__(self, *args, profile, **kwargs):
        self.pause = acts.resumable(profile)
        super().__init__(*args, profile=profile, **kwargs)
        if self.cancels:
            self.label, self.title, self.button = CANCEL_PAUSE, "Cancel the planned pause", "Cancel the pause"
            until = f"until {acts.said(self.pause.to_date)}" if self.pause.to_date else "with no end yet"
            self.about = (
                f"It was to be paused from {acts.said(self.pause.from_date)} {until}. It stays in service."
            )
            del self.fields["from_date"]

    @property
    def cancels(self):
        """True if the pause is only planned: there is nothing to resume from yet."""
        return self.pause is not None and acts.is_planned(self.pause)

    def proposed(self):
        return {"from_date": max(self.today, self.pause.from_date) if self.pause else self.today}

    def act(self, submission):
        acts.resume(
            self.profile,
            self.pause.from_date if self.cancels else self.cleaned_data["from_date"],
            note=self.cleaned_data["note"],
            submission=submission,
        )


class EndForm(ActForm):
    label, title = "End", "End this profile"
    is_plain = True
    button = "End it"
    about = "The last day of service is still paid for; the client has left on the day after."

    end = day("Last day of service")
    notice_date = day("Notice given on", required=False)
    kind = forms.ChoiceField(label="How", choices=RevenueEnding.Kind)
    reason = forms.ChoiceField(
        label="Reason", required=False, choices=[("", "—"), *RevenueEnding.Reason.choices]
    )
    note = note()

    def proposed(self):
        return {"end": self.today}

    def act(self, submission):
        said = dict(self.cleaned_data)
        acts.end(self.profile, said.pop("end"), submission=submission, **said)


class UndoForm(ActForm):
    label, title = "Undo ending", "Undo the ending"
    is_plain = True
    button = "Undo the ending"
    about = "The churn it made is gone, as if notice had never been given; the ending stays in the history."

    def act(self, submission):
        acts.undo_ending(self.profile)


ACTS = {
    "amount": AmountForm,
    "category": CategoryForm,
    "renew": RenewForm,
    "pause": PauseForm,
    "resume": ResumeForm,
    "end": EndForm,
    "undo": UndoForm,
}


def act_form(name):
    return ACTS[name]


class CorrectionForm:
    """In place of the act: put the row right that it wrote, or take it out."""

    label, title = "Correct", "Put it right"
    is_plain = False
    about = (
        "The row as it was stays in the history, superseded by this one. Months that it was wrong for change."
    )
    model, names = None, ()

    def __init__(self, *args, row, **kwargs):
        self.row = row
        super().__init__(*args, profile=row.profile, **kwargs)
        if "category" in self.fields:
            self.fields["category"].current = row.category

    def proposed(self):
        return {name: getattr(self.row, name) for name in self.names}

    def act(self, submission):
        acts.correct(self.row, submission=submission, **self.changes())

    def changes(self):
        return {name: self.cleaned_data[name] for name in self.names}


class CorrectTerm(CorrectionForm, AmountForm):
    model, names = RevenueTerm, ("from_date", *acts.LINE, "reason", "note")
    category = category()
    field_order = ["from_date", "amount", "unit", "category"]
    reason = forms.ChoiceField(label="Reason", required=False, choices=[("", "—"), *Reason.choices])

    def proposed(self):
        return super().proposed() | {"category": self.row.category_id}

    def changes(self):
        line = line_of(self.cleaned_data)
        own = {name: self.cleaned_data[name] for name in ("from_date", "reason", "note")}
        return {**line, **own, "category": self.category_given()}


class CorrectPause(CorrectionForm, PauseForm):
    model, names = RevenuePause, ("from_date", "to_date", "reason", "note")


class CorrectEnding(CorrectionForm, EndForm):
    button = "Save"
    model, names = RevenueEnding, ("end", "notice_date", "kind", "reason", "note")


def correction_form(row):
    return {form.model: form for form in (CorrectTerm, CorrectPause, CorrectEnding)}[type(row)]
