"""Month-end exchange rates: what one unit of a currency is worth in the base currency.

An amount times a rate is not rounded, so sums by client, category and currency
agree to the last digit, and an exchange row is exactly what the rates moved.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from recurring.mrr.calendar import month_at, month_index
from recurring.mrr.money import from_units, parse_exact

RATE_PLACES = 10


class MissingRate(ValueError):
    """A currency has no rate for the month, nor for any month before it."""

    def __init__(self, currency, month):
        self.currency, self.month = currency, month
        super().__init__(f"There is no {currency} rate for {month:%B %Y} or before.")


@dataclass(frozen=True)
class ExchangeRates:
    """The rate table: {"EUR": {date(2025, 1, 31): Decimal("1.10")}} beside the base currency's code.

    Any day of a month stands for its month-end. A month without a rate takes the
    latest one before it, so committed months are valued at today's rate.
    ValueError: a rate that is not a number above 0 with at most 10 decimals.
    """

    base: str
    table: dict[str, dict[date, Decimal]] = field(default_factory=dict)
    places: int = field(init=False, repr=False, compare=False)  # the most decimals of a rate
    dated: dict = field(init=False, repr=False, compare=False)  # currency: [(month_index(), rate)]

    def __post_init__(self):
        dated = {}
        for currency, by_month in self.table.items():
            rates = {}
            for day, rate in by_month.items():
                rate = parse_exact(rate, f"The {currency} rate", places=RATE_PLACES)
                if rate == 0:
                    raise ValueError(f"The {currency} rate must be above 0.")
                rates[month_index(day)] = rate
            if currency != self.base and rates:
                dated[currency] = sorted(rates.items())
        decimals = [-rate.normalize().as_tuple().exponent for rates in dated.values() for _, rate in rates]
        object.__setattr__(self, "places", max([0, *decimals]))
        object.__setattr__(self, "dated", dated)

    def rate(self, currency: str, month: date) -> Decimal:
        """The rate of a month-end, a Decimal; MissingRate if there is none yet."""
        return from_units(self.units(currency, month_index(month)), self.places)

    def first(self, currency: str) -> int | None:
        """The month_index() of a currency's first rate; None if it has none."""
        if self.dated.get(currency):
            return self.dated[currency][0][0]
        return 0 if currency == self.base else None

    def units(self, currency: str, index: int) -> int:
        """The rate as an int of 10**-places, for the month of a month_index()."""
        if currency == self.base:
            return 10**self.places
        rates = self.dated.get(currency, [])
        index_after = bisect_right(rates, index, key=lambda rate: rate[0])
        if not index_after:
            raise MissingRate(currency, month_at(index))
        return int(rates[index_after - 1][1].scaleb(self.places))


class LenientRates(ExchangeRates):
    """Rates that are 0 where there is none, so that a missing one hides what needs it and nothing else."""

    def units(self, currency: str, index: int) -> int:
        try:
            return super().units(currency, index)
        except MissingRate:
            return 0


@dataclass(frozen=True)
class FixedRates:
    """The rates of one month, whatever the day: for a figure that spans months."""

    rates: ExchangeRates
    month: date

    @property
    def base(self) -> str:
        return self.rates.base

    def rate(self, currency: str, day: date) -> Decimal:
        return self.rates.rate(currency, self.month)
