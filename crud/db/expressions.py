"""SQL expressions that Django has no lookup or function for."""

from django.conf import settings
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.functions import StrIndex, Substr
from django.db.models.lookups import GreaterThan, In


class LabeledLine(Func):
    """Line of a text that begins with a label, without the label."""

    output_field = TextField()
    function = "SUBSTR"

    def __init__(self, field, label):
        start = StrIndex(F(field), Value(label)) + 1
        rest = Substr(F(field), start)
        super().__init__(rest, 1, StrIndex(rest, Value("\n")))


def contains_text(field, text):
    """Return the condition that the field or expression contains the text, letter for letter.

    Unlike `contains` it is no pattern: 0.1 instead of 1.2 µs a row on PostgreSQL, and on SQLite it tells
    upper from lower case.
    """
    field = F(field) if isinstance(field, str) else field
    return Q(GreaterThan(StrIndex(field, Value(text)), 0))


class IdIn(Func):
    """Condition that a row's id is in a list, which is one parameter of the query.

    Measured: 1.1 instead of 3.0 ms with 1,000 ids, 5 instead of 45 ms with 10,000.
    See crud/fastpath/README.md.
    """

    output_field = BooleanField()
    template = "%(expressions)s = ANY(%%s::bigint[])"

    def __init__(self, ids, field="pk"):
        self.ids = list(ids)
        super().__init__(F(field))

    def as_sql(self, compiler, connection, listed="{%s}", **context):
        if not settings.FASTPATH:
            # With no ids at all Django would not run the query, in which others are counted as well.
            return compiler.compile(In(*self.get_source_expressions(), self.ids or [0]))
        sql, params = super().as_sql(compiler, connection, **context)
        return sql, (*params, listed % ",".join(map(str, self.ids)))

    def as_sqlite(self, compiler, connection, **context):
        template = "%(expressions)s IN (SELECT value FROM json_each(%%s))"
        return self.as_sql(compiler, connection, listed="[%s]", template=template, **context)


class CaseFolded(Func):
    """Text in lower case, as it is sorted: by the same rules on every database.

    SQLite knows case in ASCII only, and compares bytes; so does PostgreSQL in its locale "C".
    """

    function = "LOWER"

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template='LOWER(%(expressions)s COLLATE "C")', **context)
