"""What the graphs page shows, folded from one Ledger. No queries of its own, and no HTML.

Each figure knows the address of the clients behind it (`behind`), so that the page, its charts and the export
lead to the same rows.
"""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property

from recurring.mrr import metrics
from recurring.mrr.calendar import month_end, months_after, months_between
from recurring.mrr.cohorts import cohorts, retention_series
from recurring.mrr.results import CLOSED, COMMITTED
from recurring.reporting.kpis import build_kpis
from recurring.reporting.movement_kinds import LABELS, MOVEMENT_KINDS, signed_amount
from recurring.reporting.renewals import UpcomingRenewals
from recurring.reporting.tables import TableCell, TableRow, heat_step

SPANS = (12, 24, 36)
AHEAD = 6  # months to come that are shown
TOP = 10


class RevenueReport:
    """All figures of the page, of the last `span` months and of those to come."""

    def __init__(self, dataset, span=12, followed=True):
        """Clients are `followed` over two years for retention and cohorts, which the charts do not show."""
        self.dataset, self.span, self.today = dataset, span, dataset.month
        self.first = months_after(self.today, 1 - span)
        self.last = months_after(self.today, AHEAD)
        # One month more: the change of the first one shown, and of the figures on top.
        first = min(self.first, months_after(self.today, -12))
        since = months_after(self.today, -24) if followed else None
        self.ledger = dataset.ledger(first, self.last, since=since)

    @property
    def left_out(self):
        """[ExcludedProfiles]: what is in no figure of some month shown, for want of a rate."""
        return self.dataset.left_out(self.ledger.months[0].month, self.last)

    def behind(self, **what):
        """The address of the clients behind a figure; what is said are numbers, months and our own words."""
        parameters = {name: value for name, value in what.items() if value is not None}
        chosen = [pair for pair in self.dataset.chosen.parameters if pair[0] not in parameters]
        query = "&".join(f"{name}={value}" for name, value in [*parameters.items(), *chosen])
        return f"{self.behind_at}?{query}"

    @cached_property
    def behind_at(self):
        return reverse("recurring:clients")

    def explain_month(self, month):
        query = urlencode(self.dataset.chosen.parameters)
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

    @cached_property
    def same_day(self):
        """Today's day of last month, or the last one that it has."""
        last = month_end(months_after(self.today, -1))
        return last.replace(day=min(last.day, self.dataset.today.day))

    @cached_property
    def earlier(self):
        """Last month up to the same day: the Month that the one to date is compared with."""
        return self.dataset.ledger(self.same_day, self.same_day, today=self.same_day).month(self.same_day)

    @property
    def is_empty(self):
        return not self.dataset.rows

    # On top

    @cached_property
    def retention(self):
        """{month: Retention} over the twelve months before each, of the months that are over."""
        last = months_after(self.today, -1)
        first = max(self.first, months_after(self.today, -12))
        return {item.month: item for item in retention_series(self.ledger, first, last)}

    @property
    def top(self):
        """The figures on top: [Figure]."""
        return build_kpis(self)

    # By category

    @cached_property
    def category_columns(self):
        """[(category, [MRR of each month shown])] in the settings' order, those with nothing left out."""
        skip = len(self.ledger.months) - len(self.months)
        columns = {pk: column[skip:] for pk, column in self.ledger.categories.items()}
        rows = self.dataset.categories
        return [(row, columns[pk]) for pk, row in rows.items() if pk in columns and any(columns[pk])]

    @property
    def by_category(self):
        """The table of months by category: newest first."""
        lines = []
        for position, month in enumerate(self.months):
            month_key = f"{month.month:%Y-%m}"
            cells = [
                TableCell(
                    column[position],
                    self.behind(month=month_key, category=row.pk) if column[position] else "",
                )
                for row, column in self.category_columns
            ]
            total = TableCell(month.closing, self.behind(month=month_key) if month.closing else "")
            lines.append(
                TableRow(month.month, [*cells, total], month.status, self.explain_month(month.month))
            )
        return lines[::-1]

    # Movements

    @cached_property
    def kinds(self):
        """The kinds of movement that there are in the months shown."""
        kinds = [
            kind
            for kind in (*MOVEMENT_KINDS, "exchange", "transfer")
            if any(getattr(m, kind) for m in self.past)
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
            month_key = f"{month.month:%Y-%m}"
            cells = [
                TableCell(signed_amount(month, kind), self.behind(month=month_key, kind=kind))
                for kind in self.kinds
            ]
            cells = [cell if cell.value else TableCell(cell.value) for cell in cells]
            ends = TableCell(month.opening), TableCell(month.closing, self.behind(month=month_key))
            lines.append(
                TableRow(
                    month.month, [ends[0], *cells, ends[1]], month.status, self.explain_month(month.month)
                )
            )
        return lines[::-1]

    # Clients

    @cached_property
    def ranked(self):
        """[(client, units)] today, largest first."""
        return self.ledger.rank_movements(self.today)

    @property
    def largest(self):
        """[(client, MRR, share)] of the largest."""
        whole = self.now.closing
        largest = [(client, self.ledger.amount(units)) for client, units in self.ranked[:TOP]]
        return [(client, amount, metrics.share(amount, whole)) for client, amount in largest]

    @property
    def concentration(self):
        """[(number of clients, their share, address)]."""
        month_key = f"{self.today:%Y-%m}"
        shares = metrics.concentration(units for _, units in self.ranked)
        return [(top, share, self.behind(month=month_key, top=top)) for top, share in shares.items()]

    # Churn

    RATES = (metrics.gross_churn, metrics.net_churn, metrics.client_churn, metrics.quick_ratio)

    @property
    def churn(self):
        """The table of rates: of each month that is over, newest first."""
        return [
            TableRow(
                month.month,
                [
                    *(TableCell(rate(month), self.explain_month(month.month)) for rate in self.RATES),
                    TableCell(-month.churn, self.behind(month=f"{month.month:%Y-%m}", kind="churn")),
                    TableCell(month.clients_churned, self.behind(month=f"{month.month:%Y-%m}", kind="churn")),
                ],
                url=self.explain_month(month.month),
            )
            for month in reversed(self.closed)
        ]

    @property
    def churn_means(self):
        """The mean of each rate over the months shown."""
        return [metrics.average_churn(self.closed, rate) for rate in self.RATES[:3]]

    @property
    def lifetime_value(self):
        churn = metrics.average_churn(self.ledger.months[: -AHEAD - 1][-6:])
        return metrics.lifetime_value(metrics.arpa(self.before), churn, self.before.paying)

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
            shares = [metrics.share(count, cohort.clients[0]) for count in cohort.clients]
            column = {"clients": shares, "gross": cohort.gross, "net": cohort.net}[kind][:ages]
            began = f"{cohort.month:%Y-%m}"
            cells = [
                TableCell(value, self.behind(cohort=began, since=age), heat_step(value))
                for age, value in enumerate(column)
            ]
            lines.append(
                (cohort.month, cohort.clients[0], cohort.mrr[0], self.behind(cohort=began, since=0), cells)
            )
        return lines

    # Renewals

    @cached_property
    def upcoming_renewals(self):
        return UpcomingRenewals(self.dataset)

    @property
    def forecast(self):
        """[Forecast] of the months to come."""
        return self.upcoming_renewals.forecast(self.ledger.months)
