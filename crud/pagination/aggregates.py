"""Aggregates over the whole result of a list, and counts with an upper bound."""

import json
from dataclasses import dataclass

from django.db.models import Aggregate, Count, IntegerField, Subquery

MAX_COUNTED_ROWS = 10_000  # counting further costs more than the number tells; see design: performance


class CappedCount(Subquery):
    """The number of rows, `most` + 1 for "more than that", as one column of an aggregate."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    contains_aggregate = True
    output_field = IntegerField()
    empty_result_set_value = 0

    def __init__(self, rows, most=MAX_COUNTED_ROWS):
        super().__init__(rows.order_by().values("pk")[: most and most + 1])


class CappedTotalCount(CappedCount):
    """The same of the rows from which others, that are counted beside it, were narrowed.

    Where these are more than are counted, there are more than that, and nobody looks.
    """

    template = (
        f"CASE WHEN COUNT(*) > {MAX_COUNTED_ROWS} THEN {MAX_COUNTED_ROWS + 1} ELSE {CappedCount.template} END"
    )


class IdArrayAgg(Aggregate):
    """The ids of the rows as a list, in the order of the rows: as rows of their own they take long to read.

    From one place to another; PostgreSQL sends no more than these.
    """

    output_field = IntegerField()
    allow_distinct = False
    function = "ARRAY_AGG"
    PART = "[%(first)d:%(last)d]"
    template = f"(%(function)s(%(expressions)s)){PART}"

    def __init__(self, start, stop, **options):
        self.start, self.stop = start, stop
        super().__init__("pk", first=start + 1, last=stop, **options)

    def as_sqlite(self, compiler, connection, **context):
        template = self.template.replace(self.PART, "")
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", template=template, **context)

    def convert_value(self, value, expression, connection):
        return json.loads(value)[self.start : self.stop] if isinstance(value, str) else value or []


class CappedIdArrayAgg(IdArrayAgg):
    """All of them, none of more than are counted."""

    template = f"CASE WHEN COUNT(*) > {MAX_COUNTED_ROWS} THEN NULL ELSE {IdArrayAgg.template} END"

    def __init__(self):
        super().__init__(0, MAX_COUNTED_ROWS)


@dataclass(frozen=True)
class Total:
    """A figure under a list, over its whole result: how it is made and what of it is shown.

    One without an aggregate is made of the others' values: `finish` is given the list of them.
    """

    label: str
    aggregate: object  # () -> Aggregate, or None
    finish: object = int  # of the aggregate's value


def capped_counts(*several, most=MAX_COUNTED_ROWS):
    """How many rows each of the querysets has, by one query; `most` + 1 for more, if there is a most."""
    if not several:
        return []
    counts = {f"count_{place}": CappedCount(rows, most) for place, rows in enumerate(several)}
    nothing = several[0].model.objects.filter(pk=0)  # an aggregate over no rows is one row all the same
    return list(nothing.aggregate(**counts, none=Count("*")).values())[: len(several)]
