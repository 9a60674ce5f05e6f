"""Forms that correct a dated row of a revenue profile."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recurring.forms.lifecycle import AmountForm, EndForm, PauseForm, Reason
from recurring.forms.terms import category_field, term_values
from recurring.lifecycle.operations import (
    LINE,
    correct,
)
from recurring.models import RevenueEnding, RevenuePause, RevenueTerm


class CorrectionForm:
    """In place of the act: put the row right that it wrote, or take it out."""

    label, title = _("Edit"), _("Edit entry")
    is_plain = False
    about = _("The previous entry stays in the history. Months it applied to will change.")
    model, names = None, ()

    def __init__(self, *args, row, **kwargs):
        self.row = row
        super().__init__(*args, profile=row.profile, **kwargs)
        if "category" in self.fields:
            self.fields["category"].current = row.category

    def get_proposed_values(self):
        return {name: getattr(self.row, name) for name in self.names}

    def act(self, submission):
        correct(self.row, submission=submission, **self.changes())

    def changes(self):
        return {name: self.cleaned_data[name] for name in self.names}


class CorrectTerm(CorrectionForm, AmountForm):
    model, names = RevenueTerm, ("from_date", *LINE, "reason", "note")
    category = category_field()
    field_order = ["from_date", "amount", "unit", "category"]
    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=[("", "—"), *Reason.choices])

    def get_proposed_values(self):
        return super().get_proposed_values() | {"category": self.row.category_id}

    def changes(self):
        line = term_values(self.cleaned_data)
        own_values = {name: self.cleaned_data[name] for name in ("from_date", "reason", "note")}
        return {**line, **own_values, "category": self.category_given()}


class CorrectPause(CorrectionForm, PauseForm):
    model, names = RevenuePause, ("from_date", "to_date", "reason", "note")


class CorrectEnding(CorrectionForm, EndForm):
    button = _("Save")
    model, names = RevenueEnding, ("end", "notice_date", "kind", "reason", "note")


def correction_form(row):
    return {form.model: form for form in (CorrectTerm, CorrectPause, CorrectEnding)}[type(row)]
