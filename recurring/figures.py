"""What the graphs page shows, folded from one Ledger. No queries of its own, and no HTML.

Each figure knows the address of the clients behind it (`behind`), so that the page, its charts and the export
lead to the same rows.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property

from . import rates
from .cohorts import cohorts, retention_series
from .money import annualized, month_end, months_after, months_between
from .months import CLOSED, COMMITTED, GAINS, LOSSES
from .renewals import forecast, renewal_rate, renewals

SPANS = (12, 24, 36)
AHEAD = 6  # months to come that are shown
TOP = 10
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


class Figures:
    """All figures of the page, of the last `span` months and of those to come."""

    def __init__(self, books, span=12):
        self.books, self.span, self.today = books, span, books.month
        self.first = months_after(self.today, 1 - span)
        self.last = months_after(self.today, AHEAD)
        # One month more: the change of the first one shown, and of the figures on top.
        self.ledger = books.ledger(min(self.first, months_after(self.today, -12)), self.last)

    def behind(self, **what):
        """The address of the clients behind a figure."""
        said = {name: value for name, value in what.items() if value is not None}
        chosen = [pair for pair in self.books.chosen.parameters if pair[0] not in said]
        return f"{self.behind_at}?{urlencode([*said.items(), *chosen])}"

    @cached_property
    def behind_at(self):
        return reverse("recurring:clients")

    def explained(self, month):
        query = urlencode(self.books.chosen.parameters)
        return reverse("recurring:month", args=[f"{month:%Y-%m}"]) + (f"?{query}" if query else "")

    @cached_property
    def months(self):
        """The Months that are shown, those to come included."""
        return [month for month in self.ledger.months if month.month >= self.first]

    @property
    def past(self):
        """Those that are over, and the one to date."""
        return [month for month in self.months if month.status != COMMITTED]

    @property
    def closed(self):
        return [month for month in self.months if month.status == CLOSED]

    @property
    def now(self):
        return self.ledger.month(self.today)

    @property
    def before(self):
        return self.ledger.month(months_after(self.today, -1))

    @property
    def is_empty(self):
        return not self.books.rows

    # On top

    @cached_property
    def retention(self):
        """{month: Retention} over the twelve months before each, of the months that are over."""
        last = months_after(self.today, -1)
        first = max(self.first, months_after(self.today, -12))
        return {each.month: each for each in retention_series(self.ledger, first, last)}

    @property
    def top(self):
        """The figures on top: [Figure]."""
        now, before, past = self.now, self.before, self.past[-13:]
        ahead = months_after(self.today, 3)
        committed = self.ledger.month(ahead).closing
        kept = [self.retention[month] for month in sorted(self.retention)]
        here, ago = kept[-1], kept[-2] if len(kept) > 1 else None
        since = f"{here.month:%Y-%m}"
        this = f"{self.today:%Y-%m}"
        return [
            Figure(
                "mrr",
                "MRR",
                "money",
                now.closing,
                now.opening,
                self.behind(month=this),
                line=[month.closing for month in past],
            ),
            Figure(
                "arr",
                "ARR, annualized",
                "money",
                annualized(now.closing),
                annualized(now.opening),
                self.behind(month=this),
                line=[annualized(month.closing) for month in past],
            ),
            Figure(
                "net_new",
                "Net new MRR this month",
                "money",
                now.net_new,
                before.net_new,
                self.explained(self.today),
                note="to date",
                line=[month.net_new for month in past],
            ),
            Figure(
                "clients",
                "Paying clients",
                "number",
                now.paying,
                before.paying,
                self.behind(month=this),
                note=f"{now.clients - now.paying} paused" if now.clients > now.paying else "",
                line=[month.paying for month in past],
            ),
            Figure(
                "arpa",
                "ARPA",
                "money",
                rates.arpa(now),
                rates.arpa(before),
                self.behind(month=this),
                line=[rates.arpa(month) for month in past],
            ),
            Figure(
                "nrr",
                "NRR, 12 months",
                "percent",
                here.net,
                ago and ago.net,
                self.behind(month=since, what="retention"),
                line=[each.net for each in kept],
            ),
            Figure(
                "grr",
                "GRR, 12 months",
                "percent",
                here.gross,
                ago and ago.gross,
                self.behind(month=since, what="retention"),
                line=[each.gross for each in kept],
            ),
            Figure(
                "committed",
                "Committed in 3 months",
                "money",
                committed,
                now.closing,
                self.behind(month=f"{ahead:%Y-%m}"),
                note="against today",
                line=[month.closing for month in self.months if month.status != CLOSED],
            ),
        ]

    # By category

    @cached_property
    def category_columns(self):
        """[(category, [MRR of each month shown])] in the settings' order, those with nothing left out."""
        skip = len(self.ledger.months) - len(self.months)
        found = {pk: column[skip:] for pk, column in self.ledger.categories.items()}
        rows = self.books.categories
        return [(row, found[pk]) for pk, row in rows.items() if pk in found and any(found[pk])]

    @property
    def by_category(self):
        """The table of months by category: newest first."""
        lines = []
        for at, month in enumerate(self.months):
            of = f"{month.month:%Y-%m}"
            cells = [
                Cell(column[at], self.behind(month=of, category=row.pk) if column[at] else "")
                for row, column in self.category_columns
            ]
            total = Cell(month.closing, self.behind(month=of) if month.closing else "")
            lines.append(Row(month.month, [*cells, total], month.status, self.explained(month.month)))
        return lines[::-1]

    # Movements

    @cached_property
    def kinds(self):
        """The kinds of movement that there are in the months shown."""
        kinds = [
            kind for kind in (*MOVES, "exchange", "transfer") if any(getattr(m, kind) for m in self.past)
        ]
        return kinds or ["new", "expansion", "contraction", "churn"]

    @property
    def kind_labels(self):
        return [LABELS[kind] for kind in self.kinds]

    @property
    def movements(self):
        """The table of movements: opening, each kind, closing; newest first."""
        lines = []
        for month in self.past:
            of = f"{month.month:%Y-%m}"
            cells = [Cell(signed(month, kind), self.behind(month=of, kind=kind)) for kind in self.kinds]
            cells = [cell if cell.value else Cell(cell.value) for cell in cells]
            ends = Cell(month.opening), Cell(month.closing, self.behind(month=of))
            lines.append(
                Row(month.month, [ends[0], *cells, ends[1]], month.status, self.explained(month.month))
            )
        return lines[::-1]

    # Clients

    @cached_property
    def clients(self):
        """{client: MRR} today, largest first."""
        return self.ledger.clients(self.today)

    @property
    def largest(self):
        """[(client, MRR, share)] of the largest."""
        whole = self.now.closing
        return [
            (client, amount, rates.share(amount, whole)) for client, amount in [*self.clients.items()][:TOP]
        ]

    @property
    def concentration(self):
        """[(number of clients, their share, address)]."""
        of = f"{self.today:%Y-%m}"
        shares = rates.concentration(self.clients.values())
        return [(top, share, self.behind(month=of, top=top)) for top, share in shares.items()]

    # Churn

    RATES = (rates.gross_churn, rates.net_churn, rates.client_churn, rates.quick_ratio)

    @property
    def churn(self):
        """The table of rates: of each month that is over, newest first."""
        return [
            Row(
                month.month,
                [
                    *(Cell(rate(month)) for rate in self.RATES),
                    Cell(
                        -month.churn,
                        self.behind(month=f"{month.month:%Y-%m}", kind="churn") if month.churn else "",
                    ),
                    Cell(month.clients_churned),
                ],
                url=self.explained(month.month),
            )
            for month in reversed(self.closed)
        ]

    @property
    def churn_means(self):
        """The mean of each rate over the months shown."""
        return [rates.average_churn(self.closed, rate) for rate in self.RATES[:3]]

    @property
    def lifetime_value(self):
        churn = rates.average_churn(self.ledger.months[: -AHEAD - 1][-6:])
        return rates.lifetime_value(rates.arpa(self.before), churn, self.before.paying)

    # Cohorts

    COHORT_KINDS = {"clients": "Clients", "gross": "GRR", "net": "NRR"}

    def cohort_rows(self, kind):
        """The heat map: a row for each month in which clients began, a cell for each month since."""
        lines = []
        size = min(self.span, 24)
        first = months_after(self.today, 1 - size)
        past = [month.month for month in self.ledger.months if month.status != COMMITTED]
        for cohort in cohorts(self.ledger, max(first, past[0]), self.today):
            ages = len(months_between(cohort.month, self.today))
            shares = [share(count, cohort.clients[0]) for count in cohort.clients]
            column = {"clients": shares, "gross": cohort.gross, "net": cohort.net}[kind][:ages]
            began = f"{cohort.month:%Y-%m}"
            cells = [
                Cell(value, self.behind(cohort=began, since=age), step_of(value))
                for age, value in enumerate(column)
            ]
            lines.append(
                (cohort.month, cohort.clients[0], cohort.mrr[0], self.behind(cohort=began, since=0), cells)
            )
        return lines

    # Renewals

    @cached_property
    def renewals(self):
        """What comes up for renewal in the next twelve months: [Renewal], soonest first."""
        until = month_end(months_after(self.today, 12))
        wanted = self.books.chosen.categories
        found = renewals(self.books.renewing, self.books.today, until, self.books.rates)
        return [one for one in found if not wanted or category_of(one.profile, one.term_end) in wanted]

    @property
    def renewal_sum(self):
        return sum((one.mrr for one in self.renewals), Decimal(0))

    @cached_property
    def renewal_rate(self):
        """Of the terms that ended in the twelve months that are over."""
        first, last = months_after(self.today, -12), month_end(months_after(self.today, -1))
        return renewal_rate(self.books.renewing, first, last, self.books.rates)

    @property
    def forecast(self):
        """[Forecast] of the months to come."""
        rate = self.renewal_rate if self.renewal_rate is not None else Decimal(1)
        fixed = [profile for profile in self.books.renewing if profile.last_day]
        return forecast(self.ledger.months, fixed, self.books.today, rate=rate, rates=self.books.rates)

    @property
    def has_forecast(self):
        return self.now.closing or any(month.closing for month in self.months)


def signed(month, kind):
    """A movement of a month with its sign."""
    amount = getattr(month, kind)
    return -amount if kind in LOSSES else amount


def share(part, whole):
    return rates.share(part, whole)


def category_of(profile, day):
    term = profile.term_on(day)
    return term and term.category


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
