"""Fields of a term: the client and category it is for, the amount, and how often it is paid."""

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from crm.forms.fields import RecordField, WholeNumberField
from crm.models import Company
from crud.forms.line_forms import LineFormMixin
from recurring.forms.fields import AmountFormField, CategoryNameField
from recurring.models import RevenueCategory, RevenueTerm


def client_field(**options):
    return RecordField(
        Company,
        reverse_lazy("crm:company-options"),
        label=_("Client"),
        help_text=_("Search or type a new name to create one."),
        **options,
    )


def category_field(**options):
    return CategoryNameField(
        RevenueCategory,
        reverse_lazy("recurring:category-names"),
        label=_("Category"),
        help_text=_("Search or type a new name to create one."),
        **options,
    )


class TermFieldsMixin(LineFormMixin, forms.Form):
    """The fields of what is agreed: an amount and how often it is paid."""

    amount = AmountFormField(
        label=_("Amount"),
        help_text=_("Price per billing period, before tax."),
    )
    unit = forms.ChoiceField(label=_("Per"), choices=RevenueTerm.Unit, help_text=_("The billing period."))
    count = WholeNumberField(
        largest=1200,
        example="3",
        label=_("Billing frequency"),
        required=False,
        help_text=_("e.g. 18 for every 18 months"),
    )
    quantity = AmountFormField(
        example="7", label=_("Quantity"), required=False, help_text=_("Seats, sites… Defaults to 1.")
    )
    discount = AmountFormField(
        largest=100,
        example="10",
        is_percentage=True,
        label=_("Discount %"),
        required=False,
        help_text=_("Deducted in full from the amount."),
    )

    def clean_count(self):
        if self.cleaned_data["count"] == 0:
            raise forms.ValidationError(_("Enter 1 or more."))
        return self.cleaned_data["count"]


ONE_OFF = "once"  # beside the intervals of what recurs


def term_values(cleaned):
    """Return the values of a term from the cleaned data of a form."""
    return {
        "amount": cleaned["amount"],
        "unit": cleaned["unit"],
        "count": cleaned.get("count") or 1,
        "quantity": 1 if cleaned.get("quantity") is None else cleaned["quantity"],
        "discount": cleaned.get("discount") or 0,
    }
