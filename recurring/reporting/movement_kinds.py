"""Labels, colors and signs of the kinds of movements."""

from django.utils.translation import gettext_lazy as _

from recurring.mrr.results import CLOSED, COMMITTED, GAINS, LOSSES, TO_DATE

MOVEMENT_KINDS = (*GAINS, *LOSSES)


LABELS = {
    "new": _("New"),
    "reactivation": _("Reactivation"),
    "expansion": _("Expansion"),
    "uplift": _("Price increase"),
    "resume": _("Resumed"),
    "contraction": _("Contraction"),
    "churn": _("Churn"),
    "pause": _("Paused"),
    "exchange": _("Exchange rate"),
    "transfer": _("Transfer"),
    "transferred": _("Moved between categories"),
}


STATUS_LABELS = {CLOSED: _("closed"), TO_DATE: _("to date"), COMMITTED: _("committed")}

COLORS = {
    "new": "blue",
    "reactivation": "cyan",
    "expansion": "green",
    "uplift": "teal",
    "resume": "yellow",
    "contraction": "orange",
    "churn": "red",
    "pause": "gray",
    "exchange": "purple",
    "transfer": "pink",
    "transferred": "pink",
}


def signed_amount(month, kind):
    """A movement of a month with its sign."""
    amount = getattr(month, kind)
    return -amount if kind in LOSSES else amount
