"""The CRM's figures: how many opportunities, of what value, sorted by what.

Each function that asks is one query, grouped by ids; report_lines.py makes of the answers what pages and
charts show. Plain numbers, no request and no HTML.
"""

import datetime
import itertools
import zoneinfo
from dataclasses import dataclass

from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Max,
    Q,
    Sum,
    Value,
)
from django.db.models.functions import Greatest
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from crm.dashboard.periods import add_months, end_of_month, month_period
from crm.db.exact_sum import CountedWinPercent, ExactSum, in_percent
from crm.db.time_zones import offset_changes
from crm.models import Company, Opportunity, Person, Status
from crud.db.prefetch import attach_related
from crud.fastpath.compiled_queries import CompiledQuery, Param
from crud.filters.range_filters import start_of_day
from crud.pagination.aggregates import capped_counts
from workspaces.tenancy.scope import active_workspace

Kind = Status.Kind
UNWEIGHTED = Value(0, IntegerField())
SOON = 14  # days ahead
STILL = 30  # days without a move
FORECAST = 6  # months
SHOWN = 6  # rows of each list
CHANGES = 8
CHANGE = ("name", "created_at", "updated_at", "updated_by")  # what is told of one


@dataclass(frozen=True)
class PipelineTotal:
    """A number of opportunities and what they are worth. Blank values count as 0, and are counted."""

    number: int = 0
    value: int = 0
    in_percent: int = 0  # Σ value × win %: whole, so that a total of totals is exact
    blanks: int = 0

    def __add__(self, other):
        return PipelineTotal(
            self.number + other.number,
            self.value + other.value,
            self.in_percent + other.in_percent,
            self.blanks + other.blanks,
        )

    @property
    def weighted(self):
        return in_percent(self.in_percent)


def totals(in_percent=None):
    """The columns of a query that make a Total; `in_percent` where that is no sum to be made row by row."""
    return {
        "number": Count("*"),
        "amount": ExactSum("value"),
        "in_percent": in_percent or ExactSum("value", CountedWinPercent()),
        "blanks": Count(Value(1), filter=Q(value=None)),
    }


def weighted_total(kind, number, value, _, blanks):
    """The Total of closed opportunities, which all count in full or not at all."""
    return PipelineTotal(number, value, 100 * value if kind == Kind.WON else 0, blanks)


class DateBucket(Func):
    """In which stretch of the calendar a date lies: the number of turns up to it, None of no date.

    Rows grouped by it are as many as people look at, however many days there are.
    """

    output_field = IntegerField()

    def __init__(self, name, turns):
        self.turns = turns
        super().__init__(name)

    def as_sql(self, compiler, connection, **context):
        date, _ = compiler.compile(self.get_source_expressions()[0])
        cases = " ".join(f"WHEN {date} < %s THEN {place}" for place in range(len(self.turns)))
        sql = f"CASE {cases} WHEN {date} IS NOT NULL THEN {len(self.turns)} END"
        return sql, [connection.ops.adapt_datefield_value(turn) for turn in self.turns]


@dataclass(frozen=True)
class PipelineCell:
    """Opportunities of one stage and one kind of status that are expected to close in one stretch of time."""

    stage: int | None
    kind: str  # of the status
    due: datetime.date | None  # a day of that stretch, all of which figures tell alike
    total: PipelineTotal
    still: int  # how many of them have not moved for long


def stage_age_condition(today):
    """What moved before this moment stands still; days end where the user is, as in the list's filter."""
    return start_of_day(last_stalled_day(today) + datetime.timedelta(1))


def last_stalled_day(today):
    """The last day of a move that is so long ago that the opportunity stands still."""
    return today - datetime.timedelta(STILL + 1)


class IgnoreIndexOrder(Func):
    """A column to group by, as if no index were in its order.

    For that order SQLite would go to each row; the index that has all that is added up it sorts in a third of
    the time. The plus is its way of saying so (https://www.sqlite.org/optoverview.html, 8.1).
    """

    template = "%(expressions)s"

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


def open_pipeline(today, includes_closed=False):
    """The open opportunities by stage, status and when they are to close, or all of them: [Cell]."""
    months = [add_months(month_period(today), number) for number in range(1, FORECAST + 1)]
    turns = sorted({today, today + datetime.timedelta(SOON + 1), *months})
    days = {None: None, 0: today - datetime.timedelta(1), **dict(enumerate(turns, 1))}
    still = Count(Value(1), filter=Q(moved_at__lt=stage_age_condition(today)))
    rows = Opportunity.objects.all() if includes_closed else Opportunity.objects.of_kind(Kind.OPEN)
    rows = rows.order_by().values_list(
        IgnoreIndexOrder("stage"), "status", DateBucket("expected_close", turns)
    )
    kinds = status_kinds()
    return [
        PipelineCell(stage, kinds[status], days[place], PipelineTotal(*parts), still)
        for stage, status, place, *parts, still in rows.annotate(**totals(), still=still)
    ]


def status_kinds():
    """{id of a status: its kind}."""
    return {pk: status.kind for pk, status in Status.objects.all_by_id().items()}


@dataclass(frozen=True)
class ClosedGroup:
    """Opportunities that were closed in a period, of one kind of status, source, assignee and reason."""

    kind: str
    source: int | None
    assignee: int | None
    loss_reason: int | None
    total: PipelineTotal
    measured: int  # of what was won, those that were entered before they were closed,
    days: int  # and how long that took them together
    last_sale: datetime.date | None  # the last close date of what was won


class DaysToClose(Func):
    """The days from the one on which a row was entered to its close date, by the workspace's calendar."""

    output_field = IntegerField()

    def __init__(self):
        super().__init__("close_date", "created_at")

    def parts(self, compiler):
        (close_date, _), (created_at, _) = (
            compiler.compile(expression) for expression in self.get_source_expressions()
        )
        return close_date, created_at, zoneinfo.ZoneInfo(active_workspace().time_zone)

    def as_sql(self, compiler, connection, **context):
        close_date, created_at, zone = self.parts(compiler)
        return f"({close_date} - ({created_at} AT TIME ZONE %s)::date)", [zone.key]

    def as_sqlite(self, compiler, connection, **context):
        # SQLite knows no time zones, and asking Python for each row takes seconds: the zone's changes of
        # its distance from UTC are in the SQL, the latest first.
        close_date, created_at, zone = self.parts(compiler)
        *changes, (_, first) = offset_changes(zone)
        cases = f"WHEN {created_at} >= %s THEN %s " * len(changes)
        shift = f"CASE {cases}ELSE %s END" if changes else "%s"
        params = [
            param
            for moment, minutes in changes
            for param in (connection.ops.adapt_datetimefield_value(moment), f"{minutes:+d} minutes")
        ]
        created = f"julianday(date({created_at}, {shift}))"
        return f"CAST(julianday({close_date}) - {created} AS INTEGER)", [*params, f"{first:+d} minutes"]


def closed_groups(period):
    """What was closed in the period: [Closed]."""
    is_won, days = Q(status__in=Status.ids_of(Kind.WON)), DaysToClose()
    # To find out the days takes long, so it is done once for most rows: what was entered before the day began
    # by UTC, which is what the database goes by, was entered before it ended anywhere.
    is_sooner = LessThan(F("created_at"), F("close_date"))
    columns = {
        "measured": Count(Value(1), filter=is_won & (Q(is_sooner) | GreaterThanOrEqual(days, 0))),
        # What was closed before it was entered adds nothing.
        "days": Sum(Greatest(days, 0), filter=is_won),
        "last_sale": Max("close_date", filter=is_won),
    }
    rows = (
        Opportunity.objects.of_kind(Kind.WON, Kind.LOST, Kind.ABANDONED)
        .filter(**period.of("close_date"))
        .order_by()
        .values_list("status", "source", "assignee", "loss_reason")
        .annotate(**totals(UNWEIGHTED), **columns)
    )
    kinds = status_kinds()
    return [
        ClosedGroup(
            kinds[row[0]], *row[1:4], weighted_total(kinds[row[0]], *row[4:]), measured, days or 0, last_sale
        )
        for *row, measured, days, last_sale in rows
    ]


def sum_won_by_month(period, months):
    """{first day of a month: Total of what was won in it in the period}, of months that follow each other."""
    days = {"close_date__range": (months[0], end_of_month(months[-1]))}
    rows = Opportunity.objects.of_kind(Kind.WON).filter(**period.of("close_date"), **days)
    rows = rows.order_by().values_list(DateBucket("close_date", months[1:])).annotate(**totals(UNWEIGHTED))
    return {months[place]: weighted_total(Kind.WON, *parts) for place, *parts in rows}


def sum_open_opportunities():
    rows = Opportunity.objects.filter(is_open__in=[True]).annotate(company_name=F("company__name"))
    return rows.defer("search_text")


@CompiledQuery
def closing_soon_condition():
    days = (Param(name, DateField()) for name in ("first", "last"))
    return (
        sum_open_opportunities().filter(expected_close__range=days).order_by("expected_close", "pk")[:SHOWN]
    )


@CompiledQuery
def stalled_opportunities():
    since = Param("since", DateTimeField())
    return sum_open_opportunities().filter(moved_at__lt=since).order_by("moved_at", "pk")[:SHOWN]


def closing_soon_and_stalled(today):
    """(open opportunities that are to close soon, those that have not moved for long), the first of each."""
    last = today + datetime.timedelta(SOON)
    querysets = (
        closing_soon_condition.rows(first=today, last=last),
        stalled_opportunities.rows(since=stage_age_condition(today)),
    )
    return tuple(attach_related(rows, ["stage"]) for rows in querysets)


def newest(model):
    """The rows of a model that were changed last."""
    return CompiledQuery(lambda: model.objects.only(*CHANGE).order_by("-updated_at", "-pk")[:CHANGES])


NEWEST = [newest(model) for model in (Opportunity, Person, Company)]


def latest_changes():
    """The records changed last, newest first."""
    changes = itertools.chain.from_iterable(changed.rows() for changed in NEWEST)
    rows = sorted(changes, key=lambda row: (row.updated_at, row.pk), reverse=True)
    return attach_related(rows[:CHANGES], ["updated_by"])


def counts():
    """{Person: how many there are, Company: the same}."""
    models = Person, Company
    return dict(
        zip(models, capped_counts(*(model.objects.all() for model in models), most=None), strict=True)
    )
