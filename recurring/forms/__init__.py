"""The forms of revenue profiles, of what is done to them, and of exchange rates."""

from recurring.forms.corrections import correction_form
from recurring.forms.exchange_rates import RatesForm
from recurring.forms.lifecycle import CANCEL_PAUSE, OPERATIONS, get_operation_form
from recurring.forms.profiles import DetailsForm, RevenueProfileForm

__all__ = [
    "CANCEL_PAUSE",
    "OPERATIONS",
    "DetailsForm",
    "RatesForm",
    "RevenueProfileForm",
    "correction_form",
    "get_operation_form",
]
