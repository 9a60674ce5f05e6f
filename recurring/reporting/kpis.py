"""The figures on top of the graphs: what each is now, what it was, and how it came along."""

from dataclasses import dataclass, field

from django.utils.formats import date_format

from recurring.mrr import metrics
from recurring.mrr.calendar import months_after
from recurring.mrr.money import annualize
from recurring.mrr.results import CLOSED
from recurring.templatetags.recurring import month_name


@dataclass(frozen=True)
class Kpi:
    """One figure on top of the page: what it is now, what it was, and how it came along."""

    name: str
    label: str
    kind: str  # how it is written: money, number, percent
    value: object
    before: object = None
    url: str = ""
    note: str = ""
    against: str = ""  # names what `before` is the value of
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


def build_kpis(figures):
    """[Figure] of the Figures of a page."""
    now, earlier, past = figures.now, figures.earlier, figures.past[-13:]
    ahead = months_after(figures.today, 3)
    committed = figures.ledger.month(ahead).closing
    kept = [figures.retention[month] for month in sorted(figures.retention)]
    here, ago = kept[-1], kept[-2] if len(kept) > 1 else None
    since = f"{here.month:%Y-%m}"
    this = f"{figures.today:%Y-%m}"
    # A month that is not over is compared with the same stretch of the one before, not with its end.
    same_day = f"against {date_format(figures.same_day, 'M j')}"
    month_ago = f"against {month_name(ago.month)}" if ago else ""
    return [
        Kpi(
            "mrr",
            "MRR",
            "money",
            now.closing,
            earlier.closing,
            figures.behind(month=this),
            against=same_day,
            line=[month.closing for month in past],
        ),
        Kpi(
            "arr",
            "ARR, annualized",
            "money",
            annualize(now.closing),
            annualize(earlier.closing),
            figures.behind(month=this),
            against=same_day,
            line=[annualize(month.closing) for month in past],
        ),
        Kpi(
            "net_new",
            "Net new MRR this month",
            "money",
            now.net_new,
            earlier.net_new,
            figures.explain_month(figures.today),
            note="to date",
            against=f"against {stretch(figures.same_day)}",
            line=[month.net_new for month in past if month.status == CLOSED],
        ),
        Kpi(
            "clients",
            "Paying clients",
            "number",
            now.paying,
            earlier.paying,
            figures.behind(month=this),
            against=same_day,
            note=f"{now.clients - now.paying} paused" if now.clients > now.paying else "",
            line=[month.paying for month in past],
        ),
        Kpi(
            "arpa",
            "ARPA",
            "money",
            metrics.arpa(now),
            metrics.arpa(earlier),
            figures.behind(month=this),
            against=same_day,
            line=[metrics.arpa(month) for month in past],
        ),
        Kpi(
            "nrr",
            "NRR, 12 months",
            "percent",
            here.net,
            ago and ago.net,
            figures.behind(month=since, what="retention"),
            note=f"to {month_name(here.month)}",
            against=month_ago,
            line=[each.net for each in kept],
        ),
        Kpi(
            "grr",
            "GRR, 12 months",
            "percent",
            here.gross,
            ago and ago.gross,
            figures.behind(month=since, what="retention"),
            note=f"to {month_name(here.month)}",
            against=month_ago,
            line=[each.gross for each in kept],
        ),
        Kpi(
            "committed",
            "Committed in 3 months",
            "money",
            committed,
            now.closing,
            figures.behind(month=f"{ahead:%Y-%m}"),
            against="against today",
            line=[month.closing for month in figures.months if month.status != CLOSED],
        ),
    ]


def stretch(day):
    """The days of a month up to one of them: "Oct 1 to 15", "Oct 1"."""
    first = date_format(day.replace(day=1), "M j")
    return first if day.day == 1 else f"{first} to {day.day}"
