"""The first tab: the workspace's figures, each a link to the rows it was counted from."""

from dataclasses import dataclass

from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from workspaces.roles import needs
from workspaces.scope import active_workspace

from . import figures, onboarding, periods, reports
from .figures import Line
from .models import Opportunity, Status
from .unchanged import kept_while_unchanged

Kind = Status.Kind
OPEN, WON = {"kind": Kind.OPEN.value}, {"kind": Kind.WON.value}
NOT_WON = {"kind": [Kind.LOST.value, Kind.ABANDONED.value]}


@dataclass(frozen=True)
class Report:
    """A chart and the same as a table. Its name is that of the chart's route and of what explains it."""

    name: str
    title: str
    head: str  # of the table's first column
    lines: list
    rows: dict  # what is in all of its lines
    of: str = "today"  # what it is about: a period, or how things are
    has_weighted: bool = False
    has_lost: bool = False
    is_upright: bool = False  # its bars stand side by side

    @property
    def all(self):
        lost = sum((line.lost for line in self.lines), figures.NOTHING)
        return Line("Total", figures.all_of(self.lines), self.rows, lost=lost)

    @property
    def blanks(self):
        """The line whose rows without a value are told of."""
        return Line("", self.all.total, self.all.won_rows) if self.has_lost else self.all

    @property
    def chart(self):
        return reverse(f"crm:chart-{self.name}")


@needs("crm.view_dashboard")
def dashboard(request):
    """Sales of a period; and, as they are today, what is going on and what to look at."""
    workspace = active_workspace()
    today, every = workspace.today(), request.GET.get("stages") == "all"
    period, form = periods.asked(request.GET, today, workspace.fiscal_year_start)
    context = {
        "period": period,
        "periods": periods.LABELS,
        "period_form": form,
        "every_stage": every,
    }

    def figures_made():
        found = kept_figures(period, every)
        return found["number"], render_to_string("crm/_dash.html", {**context, **found}, request)

    number, shown = kept_while_unchanged(("dashboard", request.GET.urlencode()), figures_made)
    steps = onboarding.steps(request.user) if number <= onboarding.AT_WORK else []
    context |= {"number": number, "figures": shown, "steps": steps}
    return render(request, "crm/dashboard.html", context)


def kept_figures(period, every):
    """What the dashboard and each of its charts show of a period, found out once."""
    today = active_workspace().today()
    return kept_while_unchanged(("figures", period, every), lambda: figures_on(today, period, every))


def figures_on(today, period, every):
    """The context of all figures: of the period, and of today."""
    cells, groups = reports.pipeline(today, every), reports.closed(period)
    shown = figures.months_shown(groups, period, today)
    months = figures.won_by_month(shown, reports.won_by_month(period, shown), period, today)
    soon, still = reports.to_watch(today)
    latest, counts = reports.latest()
    counts[Opportunity] = number_of_all(cells, groups, period, every)
    won, lost = figures.of_kind(groups, Kind.WON), figures.of_kind(groups, Kind.LOST)
    return {
        "today": today,
        "won": Line("Total sales", won, {**WON, **figures.rows_in(period)}, lost=lost),
        "open": Line("Open opportunities", figures.now_open(cells), OPEN),
        "cycle": figures.sales_cycle(groups),
        "soon": soon,
        "all_soon": figures.closing_soon(cells, today),
        "still": still,
        "all_still": figures.standing_still(cells, today),
        "latest": latest,
        "counts": [*counts.items()],
        "number": counts[Opportunity],
        "reports": reports_on(cells, groups, months, period, today, every),
    }


def number_of_all(cells, groups, period, every):
    """How many opportunities there are; they are counted only where the figures are not of all of them."""
    if every:
        return figures.all_of(cells).number
    if period == periods.ALL_TIME:
        return (figures.all_of(cells) + figures.all_of(groups)).number
    return Opportunity.objects.count()


def reports_on(cells, groups, months, period, today, every):
    """{name: Report} in the order of the page."""
    in_period, of_months = figures.rows_in(period), figures.rows_over(months)
    found = [
        Report(
            "by-stage",
            "All by stage" if every else "Open by stage",
            "Stage",
            figures.by_stage(cells, every),
            {} if every else OPEN,
        ),
        Report(
            "won-by-month",
            "Won by month",
            "Month",
            months,
            {**WON, **of_months},
            of=" – ".join(dict.fromkeys([months[0].label, months[-1].label])),
            is_upright=True,
        ),
        Report(
            "forecast",
            "Open by expected close",
            "Expected close",
            figures.forecast(cells, today),
            OPEN,
            has_weighted=True,
            is_upright=True,
        ),
        *(
            Report(
                f"by-{name}",
                f"Won by {name}",
                name.capitalize(),
                figures.won_by(name, groups, period),
                in_period,
                of=period.label,
                has_lost=True,
            )
            for name in ("source", "assignee")
        ),
        Report(
            "loss-reasons",
            "Why not won",
            "Reason",
            figures.loss_reasons(groups, period),
            {**NOT_WON, **in_period},
            of=period.label,
        ),
    ]
    return {report.name.replace("-", "_"): report for report in found}
