"""Fields of forms: exact amounts and days, as people write them."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import formats

from crm.inputs import GROUPED, Related

from .acts import EARLIEST, LATEST
from .fields import amount_text
from .models import RevenueCategory
from .money import LARGEST, PLACES


class Amount(forms.CharField):
    """An amount as people write it: "$1,200.50", "1.200,50", "49,90 EUR". Where it could be two, it asks."""

    def __init__(self, *, largest=LARGEST, example="1,200 or 49.90", **options):
        self.largest, self.example = largest, example
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value):
        return amount_text(value, least=0) if isinstance(value, Decimal) else value

    def to_python(self, value):
        text = re.sub(r"[\s_]+", " ", super().to_python(value) or "").strip()
        return self.understood(text) if text else None

    def understood(self, text):
        text = re.sub(r"^[A-Za-z]{2,3}(?=[^A-Za-z]*\d)|[A-Za-z]{3}$|%$", "", text.replace("−", "-"))
        text = "".join(ch for ch in text if unicodedata.category(ch) != "Sc").strip()
        if re.fullmatch(r"-\s*[\d., ]+|\([\d., ]+\)", text):
            raise ValidationError("Enter an amount that is not negative.")
        text = text.removeprefix("+").strip()
        if ambiguous := re.fullmatch(r"(\d{1,3})\.(\d{3})", text):
            whole, fraction = ambiguous.groups()
            raise ValidationError(
                f"Did you mean {int(whole + fraction):,} or {whole}.{fraction}0? Write it like that."
            )
        whole, fraction = text, ""
        if not GROUPED.fullmatch(text) and (parts := re.fullmatch(r"(.*)([.,])(\d*)", text)):
            whole, fraction = parts[1] if parts[2] not in parts[1] else "?", parts[3]
        if len(text) > 60 or not GROUPED.fullmatch(whole or "0") or not (whole or fraction):
            raise ValidationError(f"Enter an amount, such as {self.example}.")
        if len(fraction.rstrip("0")) > PLACES:
            raise ValidationError(f"Enter at most {PLACES} decimals.")
        try:
            amount = Decimal(f"{re.sub(r'[^0-9]', '', whole) or 0}.{fraction[:PLACES] or 0}")
        except InvalidOperation:
            raise ValidationError(f"Enter an amount, such as {self.example}.") from None
        if amount > self.largest or amount == LARGEST:
            raise ValidationError(
                f"Enter less than {LARGEST:,}."
                if self.largest == LARGEST
                else f"Enter at most {self.largest:,}."
            )
        return amount


def day(label, help_text="", **options):
    """A day of service: a date that an agreement may be about."""
    sound = [
        MinValueValidator(EARLIEST, f"Enter a date from {formats.date_format(EARLIEST, 'Y')} on."),
        MaxValueValidator(LATEST, f"Enter a date up to {formats.date_format(LATEST, 'Y')}."),
    ]
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        validators=sound,
        error_messages={"invalid": "Enter a date that there is, such as 2026-05-31."},
        **options,
    )


class CategoryName(Related):
    """A category chosen by typing its name; one that is not there yet is made when the form is saved."""

    def found(self, typed):
        """By its name alone: there is one of a name, whatever the case."""
        categories = RevenueCategory.objects.whole()
        row = categories.get(int(typed.id)) if typed.is_untouched and typed.id.isdecimal() else None
        row = row or next((row for row in categories.values() if self.agrees(row, typed)), None)
        if row is None:
            return RevenueCategory(name=typed.text)
        if row.is_retired and row != self.current:
            raise ValidationError(f"“{row}” is retired. Choose another one, or have an admin bring it back.")
        return row

    def prepare_value(self, value):
        return RevenueCategory.objects.whole().get(value) if isinstance(value, int) else value
