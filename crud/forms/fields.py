"""Form fields for numbers and dates, shared by the forms of all apps and by the filters of lists."""

import datetime
import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError

from crud.parsing.dates import EARLIEST, LATEST, check_bounds, parse_date
from crud.parsing.email_addresses import normalize_email, validate_email
from crud.parsing.numbers import LARGEST_INTEGER, format_number, parse_number

ISO_DATE = re.compile(r"\d{4,6}-\d\d-\d\d")


class NumberField(forms.CharField):
    """A number as people write it, "$12,000" or "49,90 EUR"; an int, or with `places` a Decimal.

    A percentage is read with its sign, "35 %"; elsewhere that is no number.
    """

    def __init__(
        self,
        *,
        places=0,
        smallest=0,
        largest=LARGEST_INTEGER,
        below=None,
        example=None,
        is_percentage=False,
        **options,
    ):
        self.bounds = {
            "places": places,
            "smallest": smallest,
            "largest": largest,
            "below": below,
            "example": example,
            "is_percentage": is_percentage,
        }
        super().__init__(**options)
        mode = "decimal" if places else "numeric"
        # A telephone's keypad for numbers has no minus sign.
        self.widget.attrs |= {"inputmode": "text" if smallest < 0 else mode, "autocomplete": "off"}

    def prepare_value(self, value):
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        return format_number(value) if is_number else value

    def to_python(self, value):
        try:
            return parse_number(super().to_python(self.prepare_value(value)) or "", **self.bounds)
        except ValidationError as error:
            # A form may have one sentence for all that is no such number.
            sentence = self.error_messages.get("number")
            raise ValidationError(sentence, code=error.code) if sentence else error from None

    def has_changed(self, initial, data):
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return str(self.prepare_value(initial)) != str(data)


class EmailAddressField(forms.EmailField):
    """An email address in ASCII, also taken out of "Ada <ada@example.com>" or a mailto: link."""

    default_validators = [validate_email]

    def to_python(self, value):
        return super().to_python(normalize_email(value or ""))


class DateInput(forms.DateInput):
    """The browser's date picker; a text box where it holds what the picker could not show."""

    def __init__(self, attrs=None):
        # With a bound the picker takes four digits for the year, and the next keys go to the next part.
        super().__init__({"type": "date", "max": "9999-12-31", **(attrs or {})}, format="%Y-%m-%d")

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        text = context["widget"]["value"]
        context["widget"]["attrs"]["type"] = context["widget"]["type"] = input_type(text)
        if input_type(text) == "text":
            context["widget"]["attrs"].pop("max", None)
        return context


def input_type(text):
    """Return the type of the input that shows what was typed as a date."""
    return "date" if not text or ISO_DATE.fullmatch(str(text)) else "text"


class DateField(forms.Field):
    """A date as people write it, within bounds that catch a mistyped year."""

    widget = DateInput

    def __init__(self, *, earliest=EARLIEST, latest=LATEST, **options):
        self.earliest, self.latest = earliest, latest
        super().__init__(**options)

    def to_python(self, value):
        if isinstance(value, datetime.datetime):
            value = value.date()
        if isinstance(value, datetime.date):
            check_bounds(value, self.earliest, self.latest)
            return value
        return parse_date(str(value or ""), earliest=self.earliest, latest=self.latest)

    def has_changed(self, initial, data):
        written = initial.isoformat() if isinstance(initial, datetime.date) else initial or ""
        try:
            return str(written) != str(data or "") and self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True
