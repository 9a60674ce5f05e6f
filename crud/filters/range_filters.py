"""Filters by a range of numbers or days, both ends included, and by having no value at all.

django-filter's own range filters have two parameters and no third one for blanks; they read neither
numbers nor dates as people write them.
"""

import datetime
from dataclasses import dataclass

from django import forms
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crud import display
from crud.filters.fields import NONE
from crud.filters.filters import FieldFilter
from crud.forms.fields import DateField, NumberField, input_type
from crud.parsing.numbers import LARGEST_INTEGER
from crud.parsing.text import clean_line


@dataclass(frozen=True)
class Range:
    low: object = None
    high: object = None
    is_blank: bool = False

    def __bool__(self):
        return self != Range()


class RangeInput(forms.Widget):
    def __init__(self, suffixes):
        self.suffixes = suffixes
        super().__init__()

    def value_from_datadict(self, data, files, name):
        return [clean_line(data.get(f"{name}{suffix}", "")) for suffix in self.suffixes]


class RangeField(forms.Field):
    """From, to, or none at all."""

    def __init__(self, *, source, **options):
        self.end = source.end()
        super().__init__(widget=RangeInput(source.suffixes), **options)

    def clean(self, value):
        blank_value, low, high = value
        if blank_value not in ("", NONE):
            message = _("“%(text)s” isn’t valid here. Use “%(none)s”.")
            raise forms.ValidationError(message % {"text": blank_value[:40], "none": NONE})
        ends, errors = [], []
        for text in (low, high):
            try:
                ends.append(self.end.clean(text))
            except forms.ValidationError as error:
                errors += [message for message in error.messages if message not in errors]
        if errors:
            raise forms.ValidationError(errors)
        low, high = ends
        if low is not None and high is not None and low > high:
            message = _("The range ends before it starts: %(low)s to %(high)s. Swap the two values.")
            raise forms.ValidationError(message % {"low": display.plain(low), "high": display.plain(high)})
        return Range(low, high, blank_value == NONE)


class RangeFilter(FieldFilter):
    """Rows whose value lies between two ends, both included; or that have none."""

    field_class = RangeField

    def filter(self, rows, value):
        if not value:
            return rows
        name = self.field_name
        within = Q()
        if value.low is not None:
            within &= Q(**{f"{name}__gte": self.from_here(value.low)})
        if value.high is not None:
            within &= self.up_to(value.high)
        blank = Q(**{f"{name}__isnull": True}) if value.is_blank else Q()
        return rows.filter(within | blank)

    def input_type(self, text):
        """Return the type of the input that shows one end as it was typed."""
        return "text"

    def from_here(self, low):
        return low

    def up_to(self, high):
        return Q(**{f"{self.field_name}__lte": high})

    def display_value(self, name, data, understood):
        ends = [
            (f"{name}{suffix}", label, data.get(f"{name}{suffix}", ""))
            for suffix, label in zip(self.suffixes[1:], (_("from"), _("to")), strict=True)
        ]
        return {
            "ends": [(*end, self.input_type(end[-1])) for end in ends],
            "may_be_blank": self.model_field.null,
            "is_blank": data.get(name) == NONE,
        }

    def describe(self, value):
        low, high = (display.plain(end) for end in (value.low, value.high))
        if low and high:
            between = f"{low} – {high}"
        elif low:
            between = _("from %(low)s") % {"low": low}
        else:
            between = _("up to %(high)s") % {"high": high} if high else ""
        if not value.is_blank:
            return between
        return _("%(range)s or empty") % {"range": between} if between else _("is empty")


class NumberRangeFilter(RangeFilter):
    """Between two numbers, of the size and with the decimals that the column can hold."""

    kind = "numbers"
    suffixes = ("", "_min", "_max")
    is_percentage = False

    def end(self):
        places = getattr(self.model_field, "decimal_places", 0)
        largest = LARGEST_INTEGER // 10**places
        return NumberField(
            places=places,
            smallest=-largest,
            largest=largest,
            is_percentage=self.is_percentage,
            required=False,
        )


class DateRangeFilter(RangeFilter):
    """Between two days; of a moment, as they begin and end in the user's time zone."""

    kind = "days"
    suffixes = ("", "_after", "_before")

    def end(self):
        return DateField(required=False)

    def input_type(self, text):
        return input_type(text)

    @property
    def is_of_moments(self):
        return isinstance(self.model_field, models.DateTimeField)

    def from_here(self, low):
        return start_of_day(low) if self.is_of_moments else low

    def up_to(self, high):
        if self.is_of_moments:
            return Q(**{f"{self.field_name}__lt": start_of_day(high + datetime.timedelta(days=1))})
        return super().up_to(high)


def start_of_day(day):
    """The moment at which a day begins, in the time zone that is active."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
