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
from .unchanged import CLOSED, OPEN, OTHERS, kept_while_unchanged

Kind = Status.Kind
ARE_OPEN, ARE_WON = {"kind": Kind.OPEN.value}, {"kind": Kind.WON.value}
NOT_WON = {"kind": [Kind.LOST.value, Kind.ABANDONED.value]}


@dataclass(frozen=True)
class Report:
    """A chart and the same as a table. Its name is that of the chart's route and of what explains it."""

    name: str
    title: str
    head: str  # of the table's first column
    lines: list
    rows: dict  # what is in all of its lines
    made_of: tuple  # the parts of the workspace's records
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
        found = figures_on(today, period, every)
        return found["number"], render_to_string("crm/_dash.html", {**context, **found}, request)

    number, shown = kept_while_unchanged(("dashboard", request.GET.urlencode()), figures_made)
    steps = onboarding.steps(request.user) if number <= onboarding.AT_WORK else []
    context |= {"number": number, "figures": shown, "steps": steps}
    return render(request, "crm/dashboard.html", context)


def figures_on(today, period, every):
    """The context of all figures: of the period, and of today."""
    now, past = figures_of_today(every), figures_of_period(period)
    counts = kept_while_unchanged("counts", reports.counts, (OTHERS,))
    soon, still = reports.to_watch(today)
    number = now["number"]
    if not every:  # else it is of all
        number = number + past["number"] if period == periods.ALL_TIME else Opportunity.objects.count()
    return {
        **now,
        **past,
        "today": today,
        "soon": soon,
        "still": still,
        "latest": reports.latest(),
        "counts": [*counts.items(), (Opportunity, number)],
        "number": number,
        "reports": now["reports"] | past["reports"],
    }


def figures_of_today(every):
    """Of the open opportunities, by stage of all if `every`; found out once, for the charts, too."""
    made_of = (OPEN, CLOSED) if every else (OPEN,)
    return kept_while_unchanged(("today", every), lambda: found_today(every, made_of), made_of)


def figures_of_period(period):
    """Of what was closed in the period; found out once, for the charts, too."""
    return kept_while_unchanged(("period", period), lambda: found_of(period, (CLOSED,)), (CLOSED,))


def found_today(every, made_of):
    today = active_workspace().today()
    cells = reports.pipeline(today, every)
    by_stage = Report(
        "by-stage",
        "All by stage" if every else "Open by stage",
        "Stage",
        figures.by_stage(cells, every),
        {} if every else ARE_OPEN,
        made_of,
    )
    forecast = Report(
        "forecast",
        "Open by expected close",
        "Expected close",
        figures.forecast(cells, today),
        ARE_OPEN,
        made_of,
        has_weighted=True,
        is_upright=True,
    )
    return {
        "open": Line("Open opportunities", figures.now_open(cells), ARE_OPEN),
        "all_soon": figures.closing_soon(cells, today),
        "all_still": figures.standing_still(cells, today),
        "number": figures.all_of(cells).number,
        "reports": {"by_stage": by_stage, "forecast": forecast},
    }


def found_of(period, made_of):
    today, in_period = active_workspace().today(), figures.rows_in(period)
    groups = reports.closed(period)
    shown = figures.months_shown(groups, period, today)
    months = figures.won_by_month(shown, reports.won_by_month(period, shown), period, today)
    won, lost = figures.of_kind(groups, Kind.WON), figures.of_kind(groups, Kind.LOST)
    by_month = Report(
        "won-by-month",
        "Won by month",
        "Month",
        months,
        {**ARE_WON, **figures.rows_over(months)},
        made_of,
        of=" – ".join(dict.fromkeys([months[0].label, months[-1].label])),
        is_upright=True,
    )
    by_source, by_assignee = (
        Report(
            f"by-{name}",
            f"Won by {name}",
            name.capitalize(),
            figures.won_by(name, groups, period),
            in_period,
            made_of,
            of=period.label,
            has_lost=True,
        )
        for name in ("source", "assignee")
    )
    loss_reasons = Report(
        "loss-reasons",
        "Why not won",
        "Reason",
        figures.loss_reasons(groups, period),
        {**NOT_WON, **in_period},
        made_of,
        of=period.label,
    )
    return {
        "won": Line("Total sales", won, {**ARE_WON, **in_period}, lost=lost),
        "cycle": figures.sales_cycle(groups),
        "number": figures.all_of(groups).number,
        "reports": {
            "won_by_month": by_month,
            "by_source": by_source,
            "by_assignee": by_assignee,
            "loss_reasons": loss_reasons,
        },
    }
