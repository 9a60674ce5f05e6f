"""Exact totals of values, whatever their size: the one place where the databases differ about it.

A value may be any 64-bit number, so a sum of two may be none. PostgreSQL sums such numbers exactly, but
multiplies them within 64 bits; SQLite does neither. So each value is summed as its upper and its lower half,
which stay far below the limit, and the halves are put together in PostgreSQL's numeric or here in Python.

    rows.aggregate(total=ExactSum("value"), weighted=ExactSum("value", CountedWinPercent()))

The weighted total of rows is Σ (value × win %), divided by 100 and rounded (half up) once, at the end: see
`in_percent`. So it may differ a little from the sum of the rows' own weighted values, each of which is whole.
"""

from django.conf import settings
from django.db.models import Aggregate, Case, Func, IntegerField, Value, When
from django.db.models.lookups import In

from crm.models import Status

HALF = 32  # bits; the lower half of a value is below 2 ** 32
BETWEEN = "\0"  # what no SQL holds


class ExactSum(Aggregate):
    """Σ value × weight as a Python int, 0 of nothing; blank values count as 0.

    The weight is a whole number, or an expression of some, of at most 100 or so. On SQLite the result
    comes as text: do not sort or filter by it in the database.
    """

    name = "ExactSum"
    output_field = IntegerField()
    empty_result_set_value = 0
    template = "SUM((%(expressions)s))"
    UPPER, LOWER = f" >> {HALF}) * (", f" & {(1 << HALF) - 1}) * ("  # between the value and its weight

    def __init__(self, value, weight=1, **options):
        self.is_plain = weight == 1
        super().__init__(value, weight, **options)

    def as_sql(self, compiler, connection, **context):
        if self.is_plain:  # exact by itself, and much faster
            return super().as_sql(compiler, connection, arg_joiner=") * (")
        return self.by_halves(compiler, connection, f" * {1 << HALF} + ")

    def by_halves(self, compiler, connection, joined_by):
        sql, params = super().as_sql(compiler, connection, arg_joiner=BETWEEN)
        upper, lower = (sql.replace(BETWEEN, operator) for operator in (self.UPPER, self.LOWER))
        return f"({upper}{joined_by}{lower})", (*params, *params)

    def as_sqlite(self, compiler, connection, **context):
        return self.by_halves(compiler, connection, " || ' ' || ")

    def convert_value(self, value, expression, connection):
        if isinstance(value, str):
            upper, lower = value.split()
            return (int(upper) << HALF) + int(lower)
        return int(value or 0)


class CountedWinPercent(Func):
    """Win percent that an opportunity counts with: 100 once won, 0 once lost or abandoned, else its own.

    Measured: 0.5 instead of 0.75 ms of compiling for each list with totals. See crud/fastpath/README.md.
    """

    output_field = IntegerField()

    def __init__(self):
        super().__init__("status", "win_percent")

    def as_sql(self, compiler, connection, **context):
        if not settings.FASTPATH:
            return compiler.compile(self.as_case())
        (status, _), (win_percent, _) = (
            compiler.compile(expression) for expression in self.get_source_expressions()
        )
        of_open, of_won = self.status_ids()
        sql = (
            f"CASE WHEN {status} IN ({placeholders(of_open)}) THEN {win_percent} "
            f"WHEN {status} IN ({placeholders(of_won)}) THEN 100 ELSE 0 END"
        )
        return sql, (*of_open, *of_won)

    @staticmethod
    def status_ids():
        """Return ([id] of the statuses that are open, [id] of those that are won)."""
        return [Status.ids_of(kind) or [0] for kind in (Status.Kind.OPEN, Status.Kind.WON)]

    def as_case(self):
        """Return the same as an expression of Django."""
        status, win_percent = self.get_source_expressions()
        is_open, is_won = (
            In(status, Status.ids_of(kind) or [0]) for kind in (Status.Kind.OPEN, Status.Kind.WON)
        )
        return Case(When(is_open, win_percent), When(is_won, Value(100)), default=Value(0))


def placeholders(values):
    return ", ".join(["%s"] * len(values))


def in_percent(total):
    """A sum of value × percent as a whole amount, halves rounded up."""
    return (total + 50) // 100
