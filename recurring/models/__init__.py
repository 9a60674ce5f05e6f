"""What Recurring Revenue keeps: what clients pay again and again, as dated rows, none of them overwritten."""

from .categories import RevenueCategory
from .changes import RevenueEnding, RevenuePause, RevenueTerm
from .profiles import RevenueProfile, TaggedRevenueProfile
from .rates import ClosedMonth, ExchangeRate

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
