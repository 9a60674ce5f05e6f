"""What Recurring Revenue keeps: what clients pay again and again, as dated rows, none of them overwritten."""

from recurring.models.closed_months import ClosedMonth
from recurring.models.exchange_rates import ExchangeRate
from recurring.models.terms import RevenueEnding, RevenuePause, RevenueTerm

from .categories import RevenueCategory
from .profiles import RevenueProfile, TaggedRevenueProfile

__all__ = [
    "ClosedMonth",
    "ExchangeRate",
    "RevenueCategory",
    "RevenueEnding",
    "RevenuePause",
    "RevenueProfile",
    "RevenueTerm",
    "TaggedRevenueProfile",
]
