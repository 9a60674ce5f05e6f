"""Queries that every request runs, compiled to SQL once.

Django takes several times as long to make the SQL of such a query as the database takes to answer it. A page
runs three of them before it is a page (the session, the user, the memberships), and a list one for each of
its related models. With FASTPATH off the queryset is made and compiled for each call, as Django does.
"""

import copy
from contextvars import ContextVar
from types import SimpleNamespace

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet, Value
from django.db.models.query import ModelIterable
from django.utils.functional import cached_property

_is_compiling = ContextVar("is_compiling", default=False)
_call_values: ContextVar[dict] = ContextVar("call_values")  # of the call that runs without a compiled query


def is_compiling():
    """Return True while the SQL of a CompiledQuery is made.

    An expression whose value differs by call then returns itself as its parameter, to be bound later.
    """
    return _is_compiling.get()


class Param(Value):
    """Placeholder for a value that is passed to `CompiledQuery.rows` under this name."""

    def __init__(self, name, field):
        super().__init__(name, output_field=field)

    def as_sql(self, compiler, connection):
        return "%s", [self if is_compiling() else self.bind(_call_values.get(), connection)]

    def bind(self, values, connection):
        """Return the parameter of the SQL for these values: {name: value}."""
        return self.output_field.get_db_prep_value(values[self.value], connection)


class ListParam(Param):
    """Placeholder for a list of values, to be used with `__in`."""

    def as_sql(self, compiler, connection):
        if is_compiling():
            return "(%s)", [self]
        params = self.bind(_call_values.get(), connection)
        return f"({', '.join(['%s'] * len(params))})", params

    def bind(self, values, connection):
        return [self.output_field.get_db_prep_value(value, connection) for value in values[self.value]]


class CompiledQuery:
    """A query with placeholders for its values; its rows have what the queryset selects and annotates.

    `queryset` is a function, called when rows are first read: until then models may be incomplete.
    """

    def __init__(self, queryset):
        self.queryset = queryset

    @cached_property
    def compiled(self):
        """(model, compiler, [SQL between the parameters], parameters)."""
        queryset = self.queryset()
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        token = _is_compiling.set(True)
        try:
            sql, params = compiler.as_sql()
        finally:
            _is_compiling.reset(token)
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        compiler.get_converters = lambda expressions: converters
        return queryset.model, compiler, sql.split("%s"), params

    def rows(self, **values):
        """Return the queryset's rows for these values as a list, by one query."""
        if settings.FASTPATH:
            return self.run_compiled(values)
        token = _call_values.set(values)
        try:
            return list(self.queryset())
        finally:
            _call_values.reset(token)

    def run_compiled(self, values):
        """Return the rows by the SQL that was made once."""
        model, shared_compiler, (sql, *sql_parts), placeholders = self.compiled
        compiler = copy.copy(shared_compiler)  # it is shared by threads, each with its own connection
        compiler.connection = connection = connections[DEFAULT_DB_ALIAS]
        params = []
        for placeholder, sql_part in zip(placeholders, sql_parts, strict=True):
            param = placeholder.bind(values, connection) if hasattr(placeholder, "bind") else placeholder
            new_params = param if isinstance(placeholder, ListParam) else [param]
            sql += ", ".join(["%s"] * len(new_params)) + sql_part
            params += new_params
        compiler.as_sql = lambda: (sql, params)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        return list(ModelIterable(QuerySet(model, query)))
