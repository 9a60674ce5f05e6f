"""Isolation of workspaces by the database itself, which holds even where a view is wrong.

It is made after every `migrate`, for every table of a WorkspaceModel that there is, so that a new one
cannot be forgotten:

- PostgreSQL: foreign keys of two columns, by which a row refers to rows of its own workspace only; and then
  policies: nobody, the tables' owner included, sees or writes a row but in a transaction that was told its
  workspace (see db_session.py).
- SQLite: triggers that refuse a reference into another workspace, and a row that would move. Reading it
  cannot hold.
"""

import re
from contextlib import contextmanager

from django.db import connections, transaction

from workspaces.tenancy.isolation import postgresql, sqlite
from workspaces.tenancy.isolation.plan import isolated_tables
from workspaces.tenancy.isolation.statements import execute

KEY = re.compile(r'ALTER TABLE "(?P<table>\w+)" ADD CONSTRAINT .* FOREIGN KEY .* REFERENCES "(?P<other>\w+)"')


def missing_objects(connection):
    """[(what, SQL that makes it)] of what is not there, in the order to make it; [] with the wall whole."""
    find_missing = {"postgresql": postgresql.missing_policies, "sqlite": sqlite.differing_triggers}
    return find_missing[connection.vendor](connection)


def is_above_policies(connection):
    """Whether PostgreSQL lets our role through all of them, FORCE or not."""
    if connection.vendor != "postgresql":
        return False
    sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    return execute(connection, sql) == [(True,)]


def build_isolation(using="default", **signal):
    """Put up what is missing, all or nothing. Called after each `migrate`: mostly there is nothing to do."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        connection.execute_wrappers[:] = [
            wrapper for wrapper in connection.execute_wrappers if wrapper is not add_key
        ]
        execute(connection, "SET row_security = on")
    if todo := missing_objects(connection):
        with (
            transaction.atomic(using),
            rls_disabled(connection, *(table.name for table in isolated_tables())),
        ):
            for _what, sql in todo:
                execute(connection, sql)


def prepare_isolation(using="default", plan=(), **signal):
    """Before `migrate`: what it does to rows behind the wall fails, instead of finding none.

    A migration that changes such rows uses `rls_disabled`. On SQLite tables are made anew, and triggers that
    name them would be in the way.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        execute(connection, "SET row_security = off")
        connection.execute_wrappers.append(add_key)
    elif plan:
        for name, _sql in execute(connection, sqlite.TRIGGERS):
            execute(connection, f'DROP TRIGGER "{name}"')


@contextmanager
def rls_disabled(connection, *names):
    """A block in which the owner of these tables sees and changes all of their rows: for migrations only.

    To be used in a transaction: it keeps everybody else from the tables until its end, and an error in it
    leaves them as they were.
    """
    forced_tables = (
        sorted(postgresql.forced_tables(connection) & set(names)) if connection.vendor == "postgresql" else []
    )
    for name in forced_tables:
        execute(connection, f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY')
    yield
    for name in forced_tables:
        execute(connection, f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY')


def add_key(execute, sql, params, many, context):
    """Goes around each statement of a migration: a new key is checked against the rows that we see."""
    match = KEY.match(str(sql))
    if not match:
        return execute(sql, params, many, context)
    with rls_disabled(context["connection"], match["table"], match["other"]):
        return execute(sql, params, many, context)
