"""Lines of the reports on the dashboard and its charts, computed from the results of queries.py.

A line knows which rows of the list of opportunities it was counted from (`Line.rows`, the list's own
filters), so that each figure can be followed to exactly those: tests/test_dashboard.py follows every one.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from crm.dashboard.periods import add_months, end_of_month, month_period
from crm.dashboard.queries import FORECAST, SOON, PipelineTotal, last_stalled_day
from crm.formatting import format_month
from crm.models import LossReason, Opportunity, Source, Stage, Status
from crud.filters.filters import no_value_label
from workspaces.models import Membership

Kind = Status.Kind
NONE = "none"  # how the list's filters call "without"
NOTHING = PipelineTotal()


@dataclass(frozen=True)
class ReportLine:
    """One line of a report: what it is called, what it comes to, and which rows of the list those are."""

    label: str
    total: PipelineTotal
    rows: dict
    color: str = ""
    is_current: bool = False
    lost: PipelineTotal = NOTHING  # where a report sets the lost ones against the won: `total` is the won

    @property
    def blank_rows(self):
        return {**self.rows, "value": NONE}

    @property
    def won_rows(self):
        return {**self.rows, "kind": Kind.WON.value}

    @property
    def lost_rows(self):
        return {**self.rows, "kind": Kind.LOST.value}

    @property
    def decided_rows(self):
        return {**self.rows, "kind": [Kind.WON.value, Kind.LOST.value]}

    @property
    def decided(self):
        return self.total.number + self.lost.number

    @property
    def win_rate(self):
        """Won of won and lost, in whole percent; None where nothing was decided."""
        return (200 * self.total.number + self.decided) // (2 * self.decided) if self.decided else None


def total_of_all(lines):
    """What the lines come to together."""
    return sum((line.total for line in lines), NOTHING)


def total_open(cells):
    return sum((cell.total for cell in cells if cell.kind == Kind.OPEN), NOTHING)


def by_stage(cells, includes_closed=False):
    """A line for each stage in the settings' order, of the open opportunities or of all: [Line]."""
    totals = defaultdict(PipelineTotal)
    for cell in cells:
        if includes_closed or cell.kind == Kind.OPEN:
            totals[cell.stage] += cell.total
    return build_lines(Stage, totals, "stage", {} if includes_closed else {"kind": Kind.OPEN.value})


def build_lines(model, totals, name, rows):
    """A line for each row of a small kind: what is offered, also with nothing in it; else what was found."""
    lines = []
    for pk, row in model.objects.all_by_id().items():
        is_past = getattr(row, "is_retired", False)
        if pk in totals or not is_past:
            label = _("%(value)s (archived)") % {"value": row} if is_past else str(row)
            lines.append(
                ReportLine(label, totals.get(pk, NOTHING), {**rows, name: pk}, getattr(row, "color", ""))
            )
    if None in totals:
        label = no_value_label(Opportunity._meta.get_field(name))
        lines.append(ReportLine(label, totals[None], {**rows, name: NONE}))
    return lines


def of_kind(groups, *kinds):
    return sum((group.total for group in groups if group.kind in kinds), NOTHING)


def sales_cycle(groups):
    """(how many were won, how many of them were entered before they were, their average in days or None)."""
    won = [group for group in groups if group.kind == Kind.WON]
    measured, days = sum(group.measured for group in won), sum(group.days for group in won)
    average = (2 * days + measured) // (2 * measured) if measured else None
    return of_kind(won, Kind.WON).number, measured, average


def won_by_member(name, groups, period):
    """Won and lost by "source" or "assignee": [Line], those with nothing at all left out for assignees."""
    model = Membership if name == "assignee" else Source
    won, lost = defaultdict(PipelineTotal), defaultdict(PipelineTotal)
    for group in groups:
        totals = {Kind.WON: won, Kind.LOST: lost}.get(group.kind)
        if totals is not None:
            totals[getattr(group, name)] += group.total
    totals_by_member = {pk: won[pk] for pk in [*won, *lost]}
    lines = build_lines(model, totals_by_member, name, period_filters(period))
    lines = [replace(line, lost=lost.get(id_in(line, name), NOTHING)) for line in lines]
    return [line for line in lines if name != "assignee" or line.total.number or line.lost.number]


def id_in(line, name):
    return None if line.rows[name] == NONE else line.rows[name]


def loss_reasons(groups, period):
    """Lost and abandoned by reason: [Line]."""
    totals = defaultdict(PipelineTotal)
    for group in groups:
        if group.kind in (Kind.LOST, Kind.ABANDONED):
            totals[group.loss_reason] += group.total
    rows = {"kind": [Kind.LOST.value, Kind.ABANDONED.value], **period_filters(period)}
    return build_lines(LossReason, totals, "loss_reason", rows)


def period_filters(period):
    """The list's filters for what was closed in the period."""
    return range_filters("close_date", period.first, period.last)


def range_filters(name, first, last):
    ends = {f"{name}_after": first, f"{name}_before": last}
    return {end: day.isoformat() for end, day in ends.items() if day}


def months_shown(groups, period, today):
    """The first days of the months of which the period's sales are shown: of its last twelve at most.

    Of all time these are the last twelve; where nothing was won in them, the twelve up to the last sale.
    """
    months = period.months(today)
    last = max((group.last_sale for group in groups if group.last_sale), default=months[0])
    return period.months(last) if last < months[0] and not period.last else months


def won_by_month_lines(months, totals, period, today):
    """What was won in each of the months, as {month: Total}: [Line]."""
    lines = []
    for first in months:
        ends = max(filter(None, [first, period.first])), min(filter(None, [end_of_month(first), period.last]))
        rows = {"kind": Kind.WON.value, **range_filters("close_date", *ends)}
        total = totals.get(first, NOTHING)
        lines.append(ReportLine(format_month(first), total, rows, is_current=first == month_period(today)))
    return lines


def due_within(cells, first, last):
    """The open opportunities that are expected to close between two days, each of them if it is one."""
    totals = (
        cell.total
        for cell in cells
        if cell.kind == Kind.OPEN
        and cell.due
        and (first is None or cell.due >= first)
        and (last is None or cell.due <= last)
    )
    return sum(totals, NOTHING)


def forecast(cells, today):
    """Open opportunities by the month in which they are expected to close: [Line], past due first."""
    months = [add_months(month_period(today), number) for number in range(FORECAST + 1)]
    bounds = [(format_month(first), max(first, today), end_of_month(first)) for first in months[:-1]]
    yesterday = today - datetime.timedelta(1)
    spans = [(_("Past due"), None, yesterday), *bounds, (_("Later"), months[-1], None)]
    lines = []
    for label, first, last in spans:
        rows = {"kind": Kind.OPEN.value, **range_filters("expected_close", first, last)}
        lines.append(ReportLine(label, due_within(cells, first, last), rows, is_current=first == today))
    undated = [cell.total for cell in cells if cell.kind == Kind.OPEN and not cell.due]
    rows = {"kind": Kind.OPEN.value, "expected_close": NONE}
    return [*lines, ReportLine(_("No date"), sum(undated, NOTHING), rows)]


def filters_over(months):
    """The list's filters for what was closed in any of the months' lines."""
    ends = [line.rows for line in months[:1] + months[-1:]]
    return {
        name: row[name] for row, name in zip(ends, ("close_date_after", "close_date_before"), strict=False)
    }


def closing_soon_line(cells, today):
    """The open opportunities that are expected to close in the next two weeks: Line."""
    last = today + datetime.timedelta(SOON)
    rows = {"kind": Kind.OPEN.value, **range_filters("expected_close", today, last)}
    return ReportLine(_("Closing soon"), due_within(cells, today, last), rows)


def stalled_line(cells, today):
    """The open opportunities that have not moved for long: Line, of their number only."""
    number = sum(cell.still for cell in cells if cell.kind == Kind.OPEN)
    rows = {"kind": Kind.OPEN.value, **range_filters("moved_at", None, last_stalled_day(today))}
    return ReportLine(_("Stalled opportunities"), PipelineTotal(number), rows)
