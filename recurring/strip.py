"""The figures on top of the graphs: what each is now, what it was, and how it came along."""

from dataclasses import dataclass, field

from . import rates
from .money import annualized, months_after
from .months import CLOSED


@dataclass(frozen=True)
class Figure:
    """One figure on top of the page: what it is now, what it was, and how it came along."""

    name: str
    label: str
    kind: str  # how it is written: money, number, percent
    value: object
    before: object = None
    url: str = ""
    note: str = ""
    line: list = field(default_factory=list)  # its last months, for the sparkline

    @property
    def change(self):
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def points(self):
        """The sparkline as the points of an SVG of 100 × 24."""
        known = [float(value) for value in self.line if value is not None]
        if len(known) < 2:
            return ""
        low, high = min(known), max(known)
        height = (high - low) or 1
        step = 100 / (len(known) - 1)
        return " ".join(
            f"{at * step:.1f},{22 - 20 * (value - low) / height:.1f}" for at, value in enumerate(known)
        )


def strip(figures):
    """[Figure] of the Figures of a page."""
    now, before, past = figures.now, figures.before, figures.past[-13:]
    ahead = months_after(figures.today, 3)
    committed = figures.ledger.month(ahead).closing
    kept = [figures.retention[month] for month in sorted(figures.retention)]
    here, ago = kept[-1], kept[-2] if len(kept) > 1 else None
    since = f"{here.month:%Y-%m}"
    this = f"{figures.today:%Y-%m}"
    return [
        Figure(
            "mrr",
            "MRR",
            "money",
            now.closing,
            now.opening,
            figures.behind(month=this),
            line=[month.closing for month in past],
        ),
        Figure(
            "arr",
            "ARR, annualized",
            "money",
            annualized(now.closing),
            annualized(now.opening),
            figures.behind(month=this),
            line=[annualized(month.closing) for month in past],
        ),
        Figure(
            "net_new",
            "Net new MRR this month",
            "money",
            now.net_new,
            None,  # some days are not compared with a whole month
            figures.explained(figures.today),
            note="to date",
            line=[month.net_new for month in past if month.status == CLOSED],
        ),
        Figure(
            "clients",
            "Paying clients",
            "number",
            now.paying,
            before.paying,
            figures.behind(month=this),
            note=f"{now.clients - now.paying} paused" if now.clients > now.paying else "",
            line=[month.paying for month in past],
        ),
        Figure(
            "arpa",
            "ARPA",
            "money",
            rates.arpa(now),
            rates.arpa(before),
            figures.behind(month=this),
            line=[rates.arpa(month) for month in past],
        ),
        Figure(
            "nrr",
            "NRR, 12 months",
            "percent",
            here.net,
            ago and ago.net,
            figures.behind(month=since, what="retention"),
            line=[each.net for each in kept],
        ),
        Figure(
            "grr",
            "GRR, 12 months",
            "percent",
            here.gross,
            ago and ago.gross,
            figures.behind(month=since, what="retention"),
            line=[each.gross for each in kept],
        ),
        Figure(
            "committed",
            "Committed in 3 months",
            "money",
            committed,
            now.closing,
            figures.behind(month=f"{ahead:%Y-%m}"),
            note="against today",
            line=[month.closing for month in figures.months if month.status != CLOSED],
        ),
    ]
