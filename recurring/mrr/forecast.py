"""Forecast of the months to come from terms that end."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from recurring.mrr.calendar import ONE_DAY, month_end
from recurring.mrr.profiles import value_in_base
from recurring.mrr.renewals import last_day_of_term
from recurring.mrr.results import CLOSED, COMMITTED


@dataclass(frozen=True, slots=True)
class Forecast:
    """A month to come: what is signed, what will likely be renewed beside it, and where the trend leads."""

    month: date
    committed: Decimal
    expected: Decimal
    trend: Decimal


def forecast_mrr(months, profiles, today, *, rate, rates=None):
    """The committed months of a ledger with what may be expected of them: [Forecast].

    months    a Ledger's months, made with `today`: some closed ones (the trend is the mean net
              new MRR of the last 12), the one to date and the committed ones
    profiles  those with a fixed end from today on; others add nothing
    rate      the renewal_rate() to expect, a fraction
    """
    closed = [month.net_new for month in months if month.status == CLOSED][-12:]
    step = sum(closed, Decimal(0)) / max(len(closed), 1)
    forecasts, worth = [], Decimal(0)
    profiles = [profile for profile in profiles if profile.last_day is not None and not profile.is_noticed]
    for month in months:
        if month.status != COMMITTED:
            worth = month.closing
            continue
        day = month_end(month.month)
        likely = sum((lapsed_mrr(profile, day, today, rate, rates) for profile in profiles), Decimal(0))
        trend = max(worth + step * (len(forecasts) + 1), Decimal(0))
        forecasts.append(Forecast(month.month, month.closing, month.closing + likely, trend))
    return forecasts


def lapsed_mrr(profile, day, today, rate, rates=None):
    """What may be expected on a day of a profile whose fixed end has passed: its last MRR × rate per renewal.

    Nothing where notice was given, where it is not meant to be renewed, or where it ended before today.
    """
    end = profile.last_day
    if end is None or profile.is_noticed or profile.renewal == "evergreen" or not today <= end < day:
        return Decimal(0)
    times = 1
    while profile.term_months and last_day_of_term(end + ONE_DAY, times * profile.term_months) < day:
        times += 1
    return value_in_base(profile.mrr(end), profile.currency, day, rates) * rate**times
