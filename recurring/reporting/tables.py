"""What the tables of figures are made of, and what the movements are called and colored."""

from dataclasses import dataclass
from datetime import date

from recurring.mrr.results import CLOSED


@dataclass(frozen=True)
class TableCell:
    """A figure of a table, the address behind it, and how strong its ground is (of a heat map, 0 to 10)."""

    value: object
    url: str = ""
    step: int = 0


@dataclass(frozen=True)
class TableRow:
    """A line of a table: what it is called, its cells, whether its month is over."""

    label: object
    cells: list
    status: str = CLOSED
    url: str = ""
    color: str = ""


def heat_step(fraction):
    """How strong the ground of a heat map's cell is: 0 at nothing, 10 from all of it on."""
    return 0 if fraction is None else max(0, min(10, int(fraction * 10)))


def parse_month(text):
    """The month of an address, "2026-10"; None where it is none that we keep."""
    try:
        year, month = text.split("-")
        month_start = date(int(year), int(month), 1) if len(year) == 4 and len(month) == 2 else None
    except ValueError:
        return None
    return month_start if month_start and date(1970, 1, 1) <= month_start <= date(2100, 12, 1) else None
