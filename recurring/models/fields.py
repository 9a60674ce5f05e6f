"""Amounts in the database: whole ten-thousandths, so that no database can round them; Decimals in Python."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from crud.parsing.numbers import currency_places, round_half_up
from recurring.mrr.money import PLACES, UNITS_PER_ONE, from_units, round_shown


class AmountField(models.BigIntegerField):
    """A Decimal of at most 4 places, kept as a bigint. Sums over it in SQL are in ten-thousandths."""

    description = "An exact amount"
    decimal_places = PLACES

    def from_db_value(self, value, expression, connection):
        return None if value is None else from_units(value)

    def to_python(self, value):
        return value if value is None or isinstance(value, Decimal) else Decimal(value)

    def get_prep_value(self, value):
        if value is None or hasattr(value, "resolve_expression"):
            return value
        whole = Decimal(value) * UNITS_PER_ONE
        if whole != int(whole):
            raise ValidationError(_("Enter at most %(number)s decimal places.") % {"number": PLACES})
        return int(whole)

    def display_value(self, value):
        return amount_text(value, least=0)  # of an unknown currency, which may have no decimals

    def display_in_record(self, value, record):
        """Return the value with the decimals of the record's currency, if it has one."""
        if not record.currency:
            return self.display_value(value)
        places = currency_places(record.currency)
        rounded = round_half_up(value, places)
        return amount_text(rounded if rounded or not value else value, least=places)

    def export_value(self, value):
        """Return the amount for a file: the exact number, without trailing zeros."""
        return value.normalize() if value else 0


class CurrencyField(models.CharField):
    """A currency, shown by its code."""

    def display_value(self, value):
        return value


def amount_text(amount, least=2):
    """An amount as people write it: 2 places, more only where there are more."""
    amount = Decimal(amount)
    if amount == round_shown(amount):
        amount = round_shown(amount)
    if least == 0 and amount == int(amount):
        amount = Decimal(int(amount))
    text = f"{amount.normalize() if -amount.as_tuple().exponent > 2 else amount:f}"
    places = max(least, len(text.partition(".")[2]))
    return number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
