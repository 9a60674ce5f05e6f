"""Fields of forms: exact amounts and days, as people write them."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.forms.fields import RecordField
from crud.forms.fields import DateField, NumberField
from crud.params import parse_id
from recurring.lifecycle.operations import EARLIEST, LATEST
from recurring.models import RevenueCategory
from recurring.mrr.money import LARGEST, PLACES


class AmountFormField(NumberField):
    """An amount as people write it: "$1,200.50", "1.200,50", "49,90 EUR". Where it could be two, it asks."""

    def __init__(self, *, largest=LARGEST, **options):
        bound = {"below": LARGEST} if largest == LARGEST else {"largest": largest}
        super().__init__(places=PLACES, **bound, **options)

    def prepare_value(self, value):
        # Without the zeros that a Decimal carries.
        return super().prepare_value(value.normalize() if isinstance(value, Decimal) else value)


def day_field(label, help_text="", **options):
    """A day of service: a date that an agreement may be about."""
    return DateField(label=label, help_text=help_text, earliest=EARLIEST, latest=LATEST, **options)


class CategoryNameField(RecordField):
    """A category chosen by typing its name; one that is not there yet is made when the form is saved."""

    def find(self, record_input):
        """By its name alone: there is one of a name, whatever the case."""
        categories = RevenueCategory.objects.all_by_id()
        row = categories.get(parse_id(record_input.id)) if record_input.is_untouched else None
        row = row or next((row for row in categories.values() if self.agrees(row, record_input)), None)
        if row is None:
            return RevenueCategory(name=record_input.text)
        if row.is_retired and row != self.current:
            message = _("“%(name)s” is archived. Choose another one, or ask an admin to restore it.")
            raise ValidationError(message % {"name": row})
        return row

    def prepare_value(self, value):
        return RevenueCategory.objects.all_by_id().get(value) if isinstance(value, int) else value
