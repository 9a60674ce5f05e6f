"""The small forms of what is done to a profile: each is one act of recurring.acts."""

from django import forms
from django.utils.translation import gettext_lazy as _

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
    return forms.CharField(label=_("Note"), required=False, max_length=500, widget=forms.TextInput())


def reason(first):
    """Why an amount changes; `first` is what stands for none of the reasons."""
    return forms.ChoiceField(
        label=_("Reason"),
        required=False,
        choices=[
            ("", first),
            *((value, label) for value, label in Reason.choices if value not in OTHER_REASONS),
        ],
        help_text=_("A price increase counts as uplift, separately from upsells."),
    )


class OperationForm(LineFormMixin, forms.Form):
    """Something done to `profile`, from a day on. `act` does it, or raises ValidationError."""

    label = title = ""  # of the button that leads here; what the page is headed with
    button = _("Save")
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
    label, title = _("Change amount"), _("Change amount from…")
    about = _("The new amount applies from this date; earlier months don’t change.")

    from_date = day_field(_("From"), _("The first day of the new amount."))
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
    label, title = _("Change category"), _("Change category from…")
    about = _("The amount stays the same. Earlier months keep their category.")

    from_date = day_field(_("From"), _("The first day in the new category."))
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
    label, title = _("Renew"), _("Renew this profile")
    is_plain = True
    button = _("Renew")
    about = _(
        "Renewed up to 60 days late, the new term starts on the day after the old one: no gap, no churn. "
        "After that the profile stays ended, and the client comes back with a new profile from the day of "
        "the renewal."
    )

    renewed_on = day_field(_("Renewed on"), _("The day you agreed on it."))
    until = day_field(_("New fixed last day"), _("Leave blank if the new term has no end."), required=False)
    reason = reason(_("Renewal"))
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
    label, title = _("Pause"), _("Pause this profile")
    is_plain = True
    about = _("Paused revenue doesn’t count as churn.")

    from_date = day_field(_("From"), _("The first day without service."))
    to_date = day_field(
        _("To"), _("The last day without service. Leave blank if you don’t know it yet."), required=False
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)
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


CANCEL_PAUSE = _("Cancel planned pause")


class ResumeForm(OperationForm):
    label, title = _("Resume"), _("Resume this profile")
    is_plain = True
    about = _("The previous amount applies again from this day.")

    from_date = day_field(_("From"), _("The first day of service."))
    note = note()

    def __init__(self, *args, profile, **kwargs):
        self.pause = operations.find_resumable_pause(profile)
        super().__init__(*args, profile=profile, **kwargs)
        if self.cancels:
            self.label, self.title, self.button = CANCEL_PAUSE, CANCEL_PAUSE, _("Cancel pause")
            days = {"start": format_day(self.pause.from_date)}
            if self.pause.to_date:
                text, days["end"] = _("Planned from %(start)s to %(end)s."), format_day(self.pause.to_date)
            else:
                text = _("Planned from %(start)s, with no end date.")
            self.about = text % days
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
    label, title = _("End"), _("End this profile")
    is_plain = True
    button = _("End profile")
    about = _("The last day of service is still paid for. Churn is dated on the day after.")

    end = day_field(_("Last day of service"))
    notice_date = day_field(_("Notice given on"), required=False)
    kind = forms.ChoiceField(label=_("How"), choices=RevenueEnding.Kind)
    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("", "—"), *RevenueEnding.Reason.choices]
    )
    note = note()

    def get_proposed_values(self):
        return {"end": self.today}

    def act(self, submission):
        values = dict(self.cleaned_data)
        operations.end(self.profile, values.pop("end"), submission=submission, **values)


class UndoForm(OperationForm):
    label, title = _("Undo ending"), _("Undo ending")
    is_plain = True
    button = _("Undo ending")
    about = _("The churn is removed, as if notice had never been given. The ending stays in the history.")

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
