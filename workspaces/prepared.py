"""Queries that every request asks, put together once.

To make such a query's SQL takes Django several times as long as the database takes to answer it, and a page
asks three of them before it is a page: whose session, which user, which memberships.
"""

import copy
from types import SimpleNamespace

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet, Value
from django.db.models.query import ModelIterable
from django.utils.functional import cached_property


class Given(Value):
    """The place in a query of a value of a field's kind that is given, by this name, when it is asked."""

    def __init__(self, name, field):
        super().__init__(name, output_field=field)

    def as_sql(self, compiler, connection):
        return "%s", [self]

    def among(self, values, connection):
        return self.output_field.get_db_prep_value(values[self.value], connection)


class Prepared:
    """Rows of a model, related ones and annotations included, by a query with places for what is given.

    `queryset` is a function, called when it is first asked: until then models may be incomplete.
    """

    def __init__(self, queryset):
        self.queryset = queryset

    @cached_property
    def made(self):
        """(model, compiler, SQL, parameters)."""
        queryset = self.queryset()
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        return queryset.model, compiler, *compiler.as_sql()

    def rows(self, **values):
        """[row] as the queryset has them for these values, by one query."""
        model, made, sql, places = self.made
        compiler = copy.copy(made)  # knows what is in which column; the connection is the thread's own
        compiler.connection = connection = connections[DEFAULT_DB_ALIAS]
        params = [one.among(values, connection) if isinstance(one, Given) else one for one in places]
        compiler.as_sql = lambda: (sql, params)
        asking = SimpleNamespace(get_compiler=lambda using: compiler)
        return list(ModelIterable(QuerySet(model, asking)))
