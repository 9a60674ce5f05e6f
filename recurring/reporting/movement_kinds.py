"""Labels, colors and signs of the kinds of movements."""

from recurring.mrr.results import GAINS, LOSSES

MOVEMENT_KINDS = (*GAINS, *LOSSES)


LABELS = {
    "new": "New",
    "reactivation": "Reactivation",
    "expansion": "Expansion",
    "uplift": "Uplift",
    "resume": "Resumed",
    "contraction": "Contraction",
    "churn": "Churn",
    "pause": "Paused",
    "exchange": "Exchange rate",
    "transfer": "Transfer",
    "transferred": "Moved between categories",
}


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
