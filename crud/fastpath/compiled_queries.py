"""Queries that every request asks, put together once.

To make such a query's SQL takes Django several times as long as the database takes to answer it. A page asks
three of them before it is a page: whose session, which user, which memberships; and a list those for the rows
that it shows.
"""

import copy
from contextvars import ContextVar
from types import SimpleNamespace

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet, Value
from django.db.models.query import ModelIterable
from django.utils.functional import cached_property

_is_preparing = ContextVar("is_preparing", default=False)


def is_compiling():
    """Whether SQL is being made for whoever asks later: what is to be found out then is a place in it.

    A place is an expression that returns itself as its parameter, and whose `among` is the value.
    """
    return _is_preparing.get()


class Param(Value):
    """The place in a query of a value of a field's kind that is given, by this name, when it is asked."""

    def __init__(self, name, field):
        super().__init__(name, output_field=field)

    def as_sql(self, compiler, connection):
        return "%s", [self]

    def among(self, values, connection):
        return self.output_field.get_db_prep_value(values[self.value], connection)


class ListParam(Param):
    """The place of any number of such values, behind IN."""

    def as_sql(self, compiler, connection):
        return "(%s)", [self]

    def among(self, values, connection):
        return [self.output_field.get_db_prep_value(value, connection) for value in values[self.value]]


class CompiledQuery:
    """Rows of a model, related ones and annotations included, by a query with places for what is given.

    `queryset` is a function, called when it is first asked: until then models may be incomplete.
    """

    def __init__(self, queryset):
        self.queryset = queryset

    @cached_property
    def made(self):
        """(model, compiler, the SQL between its places, parameters)."""
        queryset = self.queryset()
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        token = _is_preparing.set(True)
        try:
            sql, places = compiler.as_sql()
        finally:
            _is_preparing.reset(token)
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        compiler.get_converters = lambda expressions: converters
        return queryset.model, compiler, sql.split("%s"), places

    def rows(self, **values):
        """[row] as the queryset has them for these values, by one query."""
        model, compiled, (sql, *between), places = self.made
        compiler = copy.copy(compiled)  # knows what is in which column; the connection is the thread's own
        compiler.connection = connection = connections[DEFAULT_DB_ALIAS]
        params = []
        for place, text in zip(places, between, strict=True):
            parameter = place.among(values, connection) if hasattr(place, "among") else place
            new_params = parameter if isinstance(place, ListParam) else [parameter]
            sql += ", ".join(["%s"] * len(new_params)) + text
            params += new_params
        compiler.as_sql = lambda: (sql, params)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        return list(ModelIterable(QuerySet(model, query)))
