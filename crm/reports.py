"""The CRM's figures: how many opportunities, of what value, sorted by what.

Each function that asks is one query, grouped by ids; crm/figures.py makes of the answers what pages and
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

from crud.criteria import beginning
from crud.paging import capped_counts
from crud.tables import attached
from workspaces.prepared import Given, Prepared
from workspaces.scope import active_workspace

from .models import Company, Opportunity, Person, Status
from .periods import end_of_month, month, plus_months
from .sums import CountedWinPercent, ExactSum, in_percent
from .time_zones import offset_changes

Kind = Status.Kind
UNWEIGHTED = Value(0, IntegerField())
SOON = 14  # days ahead
STILL = 30  # days without a move
FORECAST = 6  # months
SHOWN = 6  # rows of each list
CHANGES = 8
CHANGE = ("name", "created_at", "updated_at", "updated_by")  # what is told of one


@dataclass(frozen=True)
class Total:
    """A number of opportunities and what they are worth. Blank values count as 0, and are counted."""

    number: int = 0
    value: int = 0
    in_percent: int = 0  # Σ value × win %: whole, so that a total of totals is exact
    blanks: int = 0

    def __add__(self, other):
        return Total(
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


def total_of(kind, number, value, _, blanks):
    """The Total of closed opportunities, which all count in full or not at all."""
    return Total(number, value, 100 * value if kind == Kind.WON else 0, blanks)


class Stretch(Func):
    """In which stretch of the calendar a date lies: the number of turns up to it, None of no date.

    Rows grouped by it are as many as people look at, however many days there are.
    """

    output_field = IntegerField()

    def __init__(self, name, turns):
        self.turns = turns
        super().__init__(name)

    def as_sql(self, compiler, connection, **context):
        date, _ = compiler.compile(self.get_source_expressions()[0])
        before = " ".join(f"WHEN {date} < %s THEN {place}" for place in range(len(self.turns)))
        sql = f"CASE {before} WHEN {date} IS NOT NULL THEN {len(self.turns)} END"
        return sql, [connection.ops.adapt_datefield_value(turn) for turn in self.turns]


@dataclass(frozen=True)
class Cell:
    """Opportunities of one stage and one kind of status that are expected to close in one stretch of time."""

    stage: int | None
    kind: str  # of the status
    due: datetime.date | None  # a day of that stretch, all of which figures tell alike
    total: Total
    still: int  # how many of them have not moved for long


def stands_since(today):
    """What moved before this moment stands still; days end where the user is, as in the list's filter."""
    return beginning(last_still(today) + datetime.timedelta(1))


def last_still(today):
    """The last day of a move that is so long ago that the opportunity stands still."""
    return today - datetime.timedelta(STILL + 1)


class Unsorted(Func):
    """A column to group by, as if no index were in its order.

    For that order SQLite would go to each row; the index that has all that is added up it sorts in a third of
    the time. The plus is its way of saying so (https://www.sqlite.org/optoverview.html, 8.1).
    """

    template = "%(expressions)s"

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


def pipeline(today, every=False):
    """The open opportunities by stage, status and when they are to close, or all of them: [Cell]."""
    months = [plus_months(month(today), number) for number in range(1, FORECAST + 1)]
    turns = sorted({today, today + datetime.timedelta(SOON + 1), *months})
    days = {None: None, 0: today - datetime.timedelta(1), **dict(enumerate(turns, 1))}
    still = Count(Value(1), filter=Q(moved_at__lt=stands_since(today)))
    rows = Opportunity.objects.all() if every else Opportunity.objects.of_kind(Kind.OPEN)
    rows = rows.order_by().values_list(Unsorted("stage"), "status", Stretch("expected_close", turns))
    kinds = kinds_of_statuses()
    return [
        Cell(stage, kinds[status], days[place], Total(*parts), still)
        for stage, status, place, *parts, still in rows.annotate(**totals(), still=still)
    ]


def kinds_of_statuses():
    """{id of a status: its kind}."""
    return {pk: status.kind for pk, status in Status.objects.whole().items()}


@dataclass(frozen=True)
class Closed:
    """Opportunities that were closed in a period, of one kind of status, source, assignee and reason."""

    kind: str
    source: int | None
    assignee: int | None
    loss_reason: int | None
    total: Total
    measured: int  # of what was won, those that were entered before they were closed,
    days: int  # and how long that took them together
    last_sale: datetime.date | None  # the last close date of what was won


class DaysToClose(Func):
    """The days from the one on which a row was entered to its close date, by the workspace's calendar."""

    output_field = IntegerField()

    def __init__(self):
        super().__init__("close_date", "created_at")

    def parts(self, compiler):
        (close_date, _), (created_at, _) = (compiler.compile(one) for one in self.get_source_expressions())
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


def closed(period):
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
    kinds = kinds_of_statuses()
    return [
        Closed(kinds[row[0]], *row[1:4], total_of(kinds[row[0]], *row[4:]), measured, days or 0, last_sale)
        for *row, measured, days, last_sale in rows
    ]


def won_by_month(period, months):
    """{first day of a month: Total of what was won in it in the period}, of months that follow each other."""
    days = {"close_date__range": (months[0], end_of_month(months[-1]))}
    rows = Opportunity.objects.of_kind(Kind.WON).filter(**period.of("close_date"), **days)
    rows = rows.order_by().values_list(Stretch("close_date", months[1:])).annotate(**totals(UNWEIGHTED))
    return {months[place]: total_of(Kind.WON, *parts) for place, *parts in rows}


def open_ones():
    rows = Opportunity.objects.filter(is_open__in=[True]).annotate(company_name=F("company__name"))
    return rows.defer("search_text")


@Prepared
def soon():
    days = (Given(name, DateField()) for name in ("first", "last"))
    return open_ones().filter(expected_close__range=days).order_by("expected_close", "pk")[:SHOWN]


@Prepared
def standing():
    since = Given("since", DateTimeField())
    return open_ones().filter(moved_at__lt=since).order_by("moved_at", "pk")[:SHOWN]


def to_watch(today):
    """(open opportunities that are to close soon, those that have not moved for long), the first of each."""
    last = today + datetime.timedelta(SOON)
    found = soon.rows(first=today, last=last), standing.rows(since=stands_since(today))
    return tuple(attached(rows, ["stage"]) for rows in found)


def newest(model):
    """The rows of a model that were changed last."""
    return Prepared(lambda: model.objects.only(*CHANGE).order_by("-updated_at", "-pk")[:CHANGES])


NEWEST = [newest(model) for model in (Opportunity, Person, Company)]


def latest():
    """The records changed last, newest first."""
    found = itertools.chain.from_iterable(changed.rows() for changed in NEWEST)
    rows = sorted(found, key=lambda row: (row.updated_at, row.pk), reverse=True)
    return attached(rows[:CHANGES], ["updated_by"])


def counts():
    """{Person: how many there are, Company: the same}."""
    models = Person, Company
    return dict(
        zip(models, capped_counts(*(model.objects.all() for model in models), most=None), strict=True)
    )
