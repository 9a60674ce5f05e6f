"""What the tables of figures are made of, and what the movements are called and colored."""

from dataclasses import dataclass
from datetime import date

from .months import CLOSED, GAINS, LOSSES

MOVES = (*GAINS, *LOSSES)
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


@dataclass(frozen=True)
class Cell:
    """A figure of a table, the address behind it, and how strong its ground is (of a heat map, 0 to 10)."""

    value: object
    url: str = ""
    step: int = 0


@dataclass(frozen=True)
class Row:
    """A line of a table: what it is called, its cells, whether its month is over."""

    label: object
    cells: list
    status: str = CLOSED
    url: str = ""
    color: str = ""


def signed(month, kind):
    """A movement of a month with its sign."""
    amount = getattr(month, kind)
    return -amount if kind in LOSSES else amount


def step_of(fraction):
    """How strong the ground of a heat map's cell is: 0 at nothing, 10 from all of it on."""
    return 0 if fraction is None else max(0, min(10, int(fraction * 10)))


def month_asked(text):
    """The month of an address, "2026-10"; None where it is none that we keep."""
    try:
        year, month = text.split("-")
        found = date(int(year), int(month), 1) if len(year) == 4 and len(month) == 2 else None
    except ValueError:
        return None
    return found if found and date(1970, 1, 1) <= found <= date(2100, 12, 1) else None
