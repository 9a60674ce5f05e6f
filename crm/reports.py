"""The CRM's figures: how many opportunities, of what value, sorted by what.

Each function that asks is one query, grouped by ids; crm/figures.py makes of the answers what pages and
charts show. Plain numbers, no request and no HTML.
"""

import datetime
import zoneinfo
from dataclasses import dataclass

from django.db.models import Count, F, Func, IntegerField, Q, Subquery, Sum, Value
from django.db.models.functions import Greatest
from django.db.models.lookups import GreaterThanOrEqual

from crud.criteria import beginning
from crud.tables import attached
from workspaces.scope import active_workspace

from .models import Company, Opportunity, Person, Status
from .sums import ExactSum, counted_win_percent, in_percent

Kind = Status.Kind
UNWEIGHTED = Value(0, IntegerField())
SOON = 14  # days ahead
STILL = 30  # days without a move
SHOWN = 6  # rows of each list
CHANGES = 8
CHANGE = ("pk", "name", "created_at", "updated_at", "updated_by_id")  # what is told of one


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
        "in_percent": in_percent or ExactSum("value", counted_win_percent()),
        "blanks": Count(Value(1), filter=Q(value=None)),
    }


def total_of(kind, number, value, _, blanks):
    """The Total of closed opportunities, which all count in full or not at all."""
    return Total(number, value, 100 * value if kind == Kind.WON else 0, blanks)


@dataclass(frozen=True)
class Cell:
    """Opportunities of one stage and one kind of status, as they stand now."""

    stage: int | None
    kind: str  # of the status
    total: Total
    still: int  # how many of them have not moved for long


def last_still(today):
    """The last day of a move that is so long ago that the opportunity stands still."""
    return today - datetime.timedelta(STILL + 1)


def still(today):
    """Its condition; days end where the user is, as in the list's filter."""
    return Q(moved_at__lt=beginning(last_still(today) + datetime.timedelta(1)))


def pipeline(today, every=False):
    """The open opportunities by stage and status, or all of them: [Cell]."""
    columns = {**totals(), "still": Count(Value(1), filter=still(today))}
    rows = Opportunity.objects.all() if every else Opportunity.objects.of_kind(Kind.OPEN)
    rows = rows.order_by().values_list("stage", "status").annotate(**columns)
    kinds = kinds_of_statuses()
    return [Cell(stage, kinds[status], Total(*parts), still) for stage, status, *parts, still in rows]


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
        # SQLite knows no time zones, and asking Python for each row takes seconds. So all go by the zone's
        # present distance from UTC: what was entered close to midnight in summer may be a day off in winter.
        close_date, created_at, zone = self.parts(compiler)
        minutes = datetime.datetime.now(zone).utcoffset().total_seconds() // 60
        entered = f"julianday(date({created_at}, %s))"
        return f"CAST(julianday({close_date}) - {entered} AS INTEGER)", [f"{minutes:+.0f} minutes"]


def closed(period):
    """What was closed in the period: [Closed]."""
    is_won, days = Q(status__in=Status.ids_of(Kind.WON)), DaysToClose()
    columns = {
        "measured": Count(Value(1), filter=is_won & GreaterThanOrEqual(days, 0)),
        # What was closed before it was entered adds nothing. To ask it of each row a third time takes long.
        "days": Sum(Greatest(days, 0), filter=is_won),
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
        Closed(kind := kinds[status], source, assignee, reason, total_of(kind, *parts), measured, days or 0)
        for status, source, assignee, reason, *parts, measured, days in rows
    ]


class Unsorted(Func):
    """A column to group by, as if no index were in its order.

    For that order SQLite would go to each row; the index that has all that is added up it sorts in a third of
    the time. The plus is its way of saying so (https://www.sqlite.org/optoverview.html, 8.1).
    """

    template = "%(expressions)s"

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


def by_day(period):
    """({close date: Total} of what was won, {expected close or None: Total} of what is open)."""

    def totals_of(rows, day, is_going_on, **weighted):
        columns = totals(**weighted) | {"is_going_on": Value(is_going_on, IntegerField())}
        return rows.order_by().values_list(Unsorted(day)).annotate(**columns)

    won = Opportunity.objects.of_kind(Kind.WON).filter(**period.of("close_date"), close_date__isnull=False)
    won = totals_of(won, "close_date", 0, in_percent=UNWEIGHTED)
    going_on = totals_of(Opportunity.objects.of_kind(Kind.OPEN), "expected_close", 1)
    found = {}, {}
    # In this order: the columns are read as the first of the two gives them.
    for day, *parts, is_going_on in going_on.union(won, all=True):
        found[is_going_on][day] = Total(*parts) if is_going_on else total_of(Kind.WON, *parts)
    return found


def to_watch(today):
    """(open opportunities that are to close soon, those that have not moved for long), the first of each."""
    going_on = Opportunity.objects.of_kind(Kind.OPEN).annotate(company_name=F("company__name"))
    going_on = going_on.defer("search_text")
    soon = going_on.filter(expected_close__range=(today, today + datetime.timedelta(SOON)))
    long = going_on.filter(still(today))
    found = soon.order_by("expected_close", "pk")[:SHOWN], long.order_by("moved_at", "pk")[:SHOWN]
    return tuple(attached(rows, ["stage"]) for rows in found)


def latest():
    """(the records changed last, newest first; {model: how many there are})."""
    models = {model._meta.model_name: model for model in (Opportunity, Person, Company)}
    counts, parts, found = dict.fromkeys(models.values(), 0), [], []
    for name, model in models.items():
        newest = model.objects.order_by("-updated_at", "-pk")[:CHANGES].values("pk")
        count = model.objects.order_by().values("workspace").annotate(n=Count("*")).values("n")
        columns = {"model": Value(name), "total": Subquery(count)}
        rows = model.objects.filter(pk__in=newest).order_by().annotate(**columns)
        parts.append(rows.values_list("model", "total", *CHANGE))
    for name, total, *change in parts[0].union(*parts[1:], all=True):
        counts[models[name]] = total
        found.append(models[name](**dict(zip(CHANGE, change, strict=True))))
    newest = sorted(found, key=lambda row: (row.updated_at, row.pk), reverse=True)[:CHANGES]
    return attached(newest, ["updated_by"]), counts
