"""Context of the dashboard: figures of today and of a period, each cached in parts."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.dashboard import periods, queries, report_lines
from crm.dashboard.report_lines import ReportLine
from crm.models import Opportunity, Status
from crm.report_cache import CLOSED, OPEN, OTHERS, cached_report
from workspaces.tenancy.scope import active_workspace

Kind = Status.Kind

ARE_OPEN, ARE_WON = {"kind": Kind.OPEN.value}, {"kind": Kind.WON.value}
NOT_WON = {"kind": [Kind.LOST.value, Kind.ABANDONED.value]}


@dataclass(frozen=True)
class Report:
    """A table, with a chart of the same lines or bars in them. Its name is that of the chart's route."""

    name: str
    title: str
    head: str  # of the table's first column
    lines: list
    rows: dict  # what is in all of its lines
    made_of: tuple  # the parts of the workspace's records
    of: str = _("today")  # what it is about: a period, or how things are
    has_weighted: bool = False
    has_lost: bool = False
    has_chart: bool = True  # else the table's lines hold bars
    is_upright: bool = False  # the chart's bars stand side by side

    @property
    def all(self):
        lost = sum((line.lost for line in self.lines), report_lines.NOTHING)
        return ReportLine(_("Total"), report_lines.total_of_all(self.lines), self.rows, lost=lost)

    @property
    def blanks(self):
        """The line whose rows without a value are told of."""
        return ReportLine("", self.all.total, self.all.won_rows) if self.has_lost else self.all

    @property
    def lines_with_widths(self):
        """Return [(line, width of its bar in percent of the longest)], 0 where there is a chart."""
        longest = 0 if self.has_chart else max((line.total.value for line in self.lines), default=0)
        return [(line, 100 * line.total.value // longest if longest else 0) for line in self.lines]

    @property
    def chart(self):
        return reverse(f"crm:chart-{self.name}")


def get_dashboard_context(today, period, includes_closed):
    """The context of all figures: of the period, and of today."""
    current, past = get_current_figures(includes_closed), get_period_figures(period)
    counts = cached_report("counts", queries.counts, (OTHERS,))
    soon, still = queries.closing_soon_and_stalled(today)
    number = current["number"]
    if not includes_closed:  # else it is of all
        number = number + past["number"] if period == periods.ALL_TIME else Opportunity.objects.count()
    return {
        **current,
        **past,
        "today": today,
        "soon": soon,
        "still": still,
        "latest": queries.latest_changes(),
        "counts": [*counts.items(), (Opportunity, number)],
        "number": number,
        "reports": current["reports"] | past["reports"],
    }


def get_current_figures(includes_closed):
    """Of the open opportunities, by stage of all if `every`; found out once, for the charts, too."""
    made_of = (OPEN, CLOSED) if includes_closed else (OPEN,)
    return cached_report(
        ("today", includes_closed), lambda: _compute_current_figures(includes_closed, made_of), made_of
    )


def get_period_figures(period):
    """Of what was closed in the period; found out once, for the charts, too."""
    return cached_report(("period", period), lambda: _compute_period_figures(period, (CLOSED,)), (CLOSED,))


def _compute_current_figures(includes_closed, made_of):
    today = active_workspace().today()
    cells = queries.open_pipeline(today, includes_closed)
    by_stage = Report(
        "by-stage",
        _("All by stage") if includes_closed else _("Open by stage"),
        _("Stage"),
        report_lines.by_stage(cells, includes_closed),
        {} if includes_closed else ARE_OPEN,
        made_of,
    )
    forecast = Report(
        "forecast",
        _("Open by expected close"),
        _("Expected close"),
        report_lines.forecast(cells, today),
        ARE_OPEN,
        made_of,
        has_weighted=True,
        is_upright=True,
    )
    return {
        "open": ReportLine(_("Open opportunities"), report_lines.total_open(cells), ARE_OPEN),
        "all_soon": report_lines.closing_soon_line(cells, today),
        "all_still": report_lines.stalled_line(cells, today),
        "number": report_lines.total_of_all(cells).number,
        "reports": {"by_stage": by_stage, "forecast": forecast},
    }


def _compute_period_figures(period, made_of):
    today, in_period = active_workspace().today(), report_lines.period_filters(period)
    groups = queries.closed_groups(period)
    shown_months = report_lines.months_shown(groups, period, today)
    months = report_lines.won_by_month_lines(
        shown_months, queries.sum_won_by_month(period, shown_months), period, today
    )
    won, lost = report_lines.of_kind(groups, Kind.WON), report_lines.of_kind(groups, Kind.LOST)
    by_source, by_assignee = (
        Report(
            f"by-{name}",
            title,
            head,
            report_lines.won_by_member(name, groups, period),
            in_period,
            made_of,
            of=period.label,
            has_lost=True,
            has_chart=False,
        )
        for name, title, head in (
            ("source", _("Won by source"), _("Source")),
            ("assignee", _("Won by assignee"), _("Assignee")),
        )
    )
    loss_reasons = Report(
        "loss-reasons",
        _("Loss reasons"),
        _("Reason"),
        report_lines.loss_reasons(groups, period),
        {**NOT_WON, **in_period},
        made_of,
        of=period.label,
        has_chart=False,
    )
    return {
        "won": ReportLine(_("Total sales"), won, {**ARE_WON, **in_period}, lost=lost),
        "cycle": report_lines.sales_cycle(groups),
        "number": report_lines.total_of_all(groups).number,
        "reports": {
            "won_by_month": _build_won_by_month(months, made_of),
            "by_source": by_source,
            "by_assignee": by_assignee,
            "loss_reasons": loss_reasons,
        },
    }


def _build_won_by_month(months, made_of):
    return Report(
        "won-by-month",
        _("Won by month"),
        _("Month"),
        months,
        {**ARE_WON, **report_lines.filters_over(months)},
        made_of,
        of=" – ".join(dict.fromkeys([months[0].label, months[-1].label])),
        is_upright=True,
    )
