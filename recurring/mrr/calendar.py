"""Months as dates and as numbers. No database, no clock."""

from calendar import monthrange
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def month_of(day: date) -> date:
    """The month a day is in: the date of its first day."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The last day of the month a day is in."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def month_index(day: date) -> int:
    """Months since year 0, an int: what months are counted with."""
    return day.year * 12 + day.month - 1


def month_at(index: int) -> date:
    """The inverse of month_index(): the date of the month's first day."""
    return date(index // 12, index % 12 + 1, 1)


def months_after(month: date, count: int) -> date:
    """The month `count` months later (earlier, if negative)."""
    return month_at(month_index(month) + count)


def months_between(first: date, last: date) -> list[date]:
    """Every month from the first to the last, both included."""
    return [month_at(index) for index in range(month_index(first), month_index(last) + 1)]
