"""Fields of a term: the client and category it is for, the amount, and how often it is paid."""

from django import forms
from django.urls import reverse_lazy

from crm.forms.fields import RecordField, WholeNumberField
from crm.models import Company
from crud.forms.line_forms import LineFormMixin
from recurring.forms.fields import AmountFormField, CategoryNameField
from recurring.models import RevenueCategory, RevenueTerm


def client_field(**options):
    return RecordField(
        Company,
        reverse_lazy("crm:company-options"),
        label="Client",
        help_text="Type its name. One that is not there yet is added with the profile.",
        **options,
    )


def category_field(**options):
    return CategoryNameField(
        RevenueCategory,
        reverse_lazy("recurring:category-names"),
        label="Category",
        help_text="What it is for. A new one is added as you type it.",
        **options,
    )


class TermFieldsMixin(LineFormMixin, forms.Form):
    """The fields of what is agreed: an amount and how often it is paid."""

    amount = AmountFormField(
        label="Amount",
        help_text="Net, for one interval. 0 is free: the client is new once something is paid.",
    )
    unit = forms.ChoiceField(label="Per", choices=RevenueTerm.Unit, help_text="How often that is paid.")
    count = WholeNumberField(
        largest=1200,
        example="3",
        label="Every … intervals",
        required=False,
        help_text="1 if empty. 18, with the interval month, is paid every 18 months.",
    )
    quantity = AmountFormField(
        example="7", label="Quantity", required=False, help_text="How many of it: seats, sites. 1 if empty."
    )
    discount = AmountFormField(
        largest=100,
        example="10",
        is_percentage=True,
        label="Discount %",
        required=False,
        help_text="Counted in full.",
    )

    def clean_count(self):
        if self.cleaned_data["count"] == 0:
            raise forms.ValidationError("Enter a whole number from 1.")
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
