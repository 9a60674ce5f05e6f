"""The periods that figures are asked for: a workspace's months, quarters and years, or two dates.

The workspace decides what today is and in which month its fiscal year begins. No database, no clock.
"""

import calendar
import datetime
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from crud.forms.fields import DateField
from crud.forms.line_forms import LineFormMixin

LABELS = {
    "all": _("All time"),
    "this-month": _("This month"),
    "last-month": _("Last month"),
    "this-quarter": _("This quarter"),
    "last-quarter": _("Last quarter"),
    "this-year": _("This year"),
    "last-year": _("Last year"),
    "custom": _("Custom"),
}


@dataclass(frozen=True)
class Period:
    """From its first to its last day, both included; None: without that end."""

    key: str
    first: datetime.date | None = None
    last: datetime.date | None = None

    @property
    def label(self):
        return LABELS[self.key]

    @property
    def query(self):
        """What stands for it in an address."""
        if self.key == "all":
            return {}
        if self.key != "custom":
            return {"period": self.key}
        ends = {"from": self.first, "to": self.last}
        return {"period": "custom", **{name: end.isoformat() for name, end in ends.items() if end}}

    def of(self, name):
        """The conditions, for an ORM filter, under which the date of that name lies in it."""
        ends = {f"{name}__gte": self.first, f"{name}__lte": self.last}
        return {condition: end for condition, end in ends.items() if end}

    def months(self, today, most=12):
        """The first days of its last `most` months, in order; without an end, those up to today's."""
        last = month_period(self.last or max(today, self.first or today))
        first = add_months(last, 1 - most)
        first = max(first, month_period(self.first)) if self.first else first
        return [add_months(first, n) for n in range(months_of_period(first, last) + 1)]


ALL_TIME = Period("all")


def month_period(date):
    """The first day of the date's month."""
    return date.replace(day=1)


def add_months(first, number):
    """The first day of the month so many months later; at the ends of the calendar, the calendar's."""
    years, months = divmod(first.year * 12 + first.month - 1 + number, 12)
    if not datetime.MINYEAR <= years <= datetime.MAXYEAR:
        return datetime.date(datetime.MINYEAR, 1, 1) if number < 0 else datetime.date(datetime.MAXYEAR, 12, 1)
    return datetime.date(years, months + 1, 1)


def months_of_period(first, last):
    return (last.year - first.year) * 12 + last.month - first.month


def end_of_month(date):
    return date.replace(day=calendar.monthrange(date.year, date.month)[1])


def named_period(key, today, year_starts=1):
    """The period of that name, as it is today where the fiscal year begins in the month `year_starts`."""
    position, _, unit = key.partition("-")
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    into = (today.month - year_starts) % length  # months since the unit began
    first = add_months(month_period(today), -into - (length if position == "last" else 0))
    return Period(key, first, end_of_month(add_months(first, length - 1)))


class CustomForm(LineFormMixin, forms.Form):
    """Two dates; one of them is enough."""

    from_ = DateField(label=_("From"), required=False)
    to = DateField(label=_("To"), required=False)

    def add_prefix(self, field_name):
        return super().add_prefix(field_name.rstrip("_"))  # "from" is a word of Python's

    def clean(self):
        first, last = self.cleaned_data.get("from_"), self.cleaned_data.get("to")
        if first and last and first > last:
            self.add_error("to", _("The end date must be after the start date."))
        if not self.errors and not first and not last:
            self.add_error("from_", _("Enter a start date, an end date or both."))

    @property
    def period(self):
        return Period("custom", self.cleaned_data["from_"], self.cleaned_data["to"])


def parse_period(parameters, today, year_starts=1):
    """(the period that an address asks for, its form); all time where it makes none, which the form says."""
    key = parameters.get("period", "")
    if key == "custom":
        form = CustomForm(parameters)
        return (form.period if form.is_valid() else ALL_TIME), form
    is_known = key in LABELS and key != "all"
    period = named_period(key, today, year_starts) if is_known else ALL_TIME
    return period, CustomForm(initial={"from_": period.first, "to": period.last})
