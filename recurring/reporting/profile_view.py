"""A profile as its rows stand in the dataset, answering as ProfileHistory does without a copy of each row.

Of ten thousand profiles some thousands come up for renewal; each is asked for a day or two.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from recurring.mrr.money import from_units
from recurring.mrr.profiles import value_in_base


class TermView(NamedTuple):
    """A row of Books.terms."""

    profile: Any
    from_date: date
    units: int
    category: Any
    reason: str

    @property
    def monthly(self):
        return from_units(self.units)


@dataclass(slots=True)
class ProfileView:
    """What renewals.py asks of a profile. `terms` are rows of Books, oldest first; `pauses` too."""

    id: Any
    client: Any
    start: date
    last_day: date | None
    currency: str
    renewal: str
    term_months: int | None
    notice_days: int
    is_noticed: bool
    terms: list
    pauses: tuple = ()

    def term_on(self, day):
        """The latest term with from_date ≤ day, or None."""
        for row in reversed(self.terms):
            if row[1] <= day:
                return TermView._make(row)
        return None

    def mrr(self, day, rates=None):
        """What it is worth per month on a day."""
        if self.is_in_service(day) and not (self.pauses and self.is_paused(day)):
            for row in reversed(self.terms):
                if row[1] <= day:
                    worth = from_units(row[2])
                    return worth if rates is None else value_in_base(worth, self.currency, day, rates)
        return Decimal(0)

    def is_in_service(self, day):
        return self.start <= day and (self.last_day is None or day <= self.last_day)

    def is_paused(self, day):
        return any(begin <= day and (end is None or day <= end) for _, begin, end, _ in self.pauses)
