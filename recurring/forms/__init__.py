"""The forms of revenue profiles, of what is done to them, and of exchange rates."""

from .acts import ACTS, CANCEL_PAUSE, act_form, correction_form
from .profiles import DetailsForm, ProfileForm
from .rates import RatesForm

__all__ = ["ACTS", "CANCEL_PAUSE", "DetailsForm", "ProfileForm", "RatesForm", "act_form", "correction_form"]
