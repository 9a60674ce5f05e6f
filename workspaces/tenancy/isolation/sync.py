"""The second wall between workspaces: the database itself, which holds even where a view is wrong.

It is put up after every `migrate`, around every table of a WorkspaceModel that there is, so that a new one
cannot be forgotten:

- PostgreSQL: foreign keys of two columns, by which a row refers to rows of its own workspace only; and then
  policies: nobody, the tables' owner included, sees or writes a row but in a transaction that was told its
  workspace (see db_session.py).
- SQLite: triggers that refuse a reference into another workspace, and a row that would move. Reading it
  cannot hold.

The condition of a policy stands bare, not as a subquery, and the keys have the workspace in front: so the
planner knows what it is about, and uses the indexes.
"""

import re
from contextlib import contextmanager
from dataclasses import dataclass

from django.apps import apps
from django.db import connections, transaction
from django.db.backends.utils import truncate_name

from workspaces.models import WorkspaceModel

NAME_PREFIX = "wall"  # what the names of all that is made here begin with
KEY = re.compile(r'ALTER TABLE "(?P<table>\w+)" ADD CONSTRAINT .* FOREIGN KEY .* REFERENCES "(?P<other>\w+)"')


@dataclass(frozen=True)
class IsolatedTable:
    """A table of one workspace's rows, as its model says it is."""

    name: str
    keys: tuple  # (column, the table of that kind it refers to)
    also_read_by: str  # a column with a user's id: they may read the row from outside of its workspace

    @classmethod
    def of(cls, model):
        keys = [
            (field.column, field.related_model._meta.db_table)
            for field in model._meta.local_concrete_fields
            if field.is_relation and issubclass(field.related_model, WorkspaceModel)
        ]
        return cls(model._meta.db_table, tuple(keys), getattr(model, "also_read_by", ""))


def isolated_tables():
    """Those there must be a wall around, as the models are now."""
    return [IsolatedTable.of(model) for model in apps.get_models() if issubclass(model, WorkspaceModel)]


def missing_objects(connection):
    """[(what, SQL that makes it)] of what is not there, in the order to make it; [] with the wall whole."""
    return (_missing_policies if connection.vendor == "postgresql" else _missing_triggers)(connection)


def is_above_policies(connection):
    """Whether PostgreSQL lets our role through all of them, FORCE or not."""
    if connection.vendor != "postgresql":
        return False
    sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    return _execute(connection, sql) == [(True,)]


def build_isolation(using="default", **signal):
    """Put up what is missing, all or nothing. Called after each `migrate`: mostly there is nothing to do."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        connection.execute_wrappers[:] = [
            wrapper for wrapper in connection.execute_wrappers if wrapper is not add_key
        ]
        _execute(connection, "SET row_security = on")
    if todo := missing_objects(connection):
        with (
            transaction.atomic(using),
            rls_disabled(connection, *(table.name for table in isolated_tables())),
        ):
            for _what, sql in todo:
                _execute(connection, sql)


def prepare_isolation(using="default", plan=(), **signal):
    """Before `migrate`: what it does to rows behind the wall fails, instead of finding none.

    A migration that changes such rows uses `rls_disabled`. On SQLite tables are made anew, and triggers that
    name them would be in the way.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        _execute(connection, "SET row_security = off")
        connection.execute_wrappers.append(add_key)
    elif plan:
        for name, _sql in _execute(connection, TRIGGERS):
            _execute(connection, f'DROP TRIGGER "{name}"')


@contextmanager
def rls_disabled(connection, *names):
    """A block in which the owner of these tables sees and changes all of their rows: for migrations only.

    To be used in a transaction: it keeps everybody else from the tables until its end, and an error in it
    leaves them as they were.
    """
    forced_tables = sorted(_forced(connection) & set(names)) if connection.vendor == "postgresql" else []
    for name in forced_tables:
        _execute(connection, f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY')
    yield
    for name in forced_tables:
        _execute(connection, f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY')


def add_key(execute, sql, params, many, context):
    """Goes around each statement of a migration: a new key is checked against the rows that we see."""
    match = KEY.match(str(sql))
    if not match:
        return execute(sql, params, many, context)
    with rls_disabled(context["connection"], match["table"], match["other"]):
        return execute(sql, params, many, context)


def _execute(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def _standing(columns):
    """The tables as they are wanted, of those that the database has by now: a `migrate` may stop halfway."""
    for table in isolated_tables():
        keys = [
            (column, target)
            for column, target in table.keys
            if {(table.name, column), (target, "workspace_id")} <= columns
        ]
        if (table.name, "workspace_id") in columns:
            yield IsolatedTable(table.name, tuple(keys), table.also_read_by)


# PostgreSQL

# (what, table, name, detail) of all that is there; of keys only those that all rows were checked against
THERE = """
WITH tables AS (
    SELECT oid, relname, relrowsecurity, relforcerowsecurity FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
)
SELECT 'column', relname, attname, '' FROM tables JOIN pg_attribute ON attrelid = oid AND attnum > 0
UNION ALL
SELECT 'unique', t.relname, i.relname, '' FROM tables t JOIN pg_index ON indrelid = t.oid AND indisvalid
  JOIN pg_class i ON i.oid = indexrelid
UNION ALL
SELECT 'key', t.relname, conname, o.relname FROM tables t
  JOIN pg_constraint ON conrelid = t.oid AND contype = 'f' AND convalidated JOIN tables o ON o.oid = confrelid
UNION ALL
SELECT 'policy', relname, polname, polcmd::text || ' ' || pg_get_expr(polqual, polrelid)
  FROM tables JOIN pg_policy ON polrelid = tables.oid AND polwithcheck IS NULL AND polroles = '{0}'
UNION ALL
SELECT 'enabled', relname, '', '' FROM tables WHERE relrowsecurity
UNION ALL
SELECT 'forced', relname, '', '' FROM tables WHERE relforcerowsecurity
"""
IS = "\"{column}\" = nullif(current_setting('{setting}', true), '')::bigint"


def _missing_policies(connection):
    existing = {
        (kind, table, name, _bare(detail)) for kind, table, name, detail in _execute(connection, THERE)
    }
    isolated = list(_standing({(table, name) for kind, table, name, _ in existing if kind == "column"}))
    expected = [*_keys(isolated), *(policy for table in isolated for policy in _policies(table))]
    return [(f"{kind[0]} {kind[1]} {kind[2]}".strip(), sql) for kind, sql in expected if kind not in existing]


def _keys(isolated):
    """((what, table, name, detail), SQL) of the keys of two columns, what they refer to first."""
    for target in sorted({target for table in isolated for _, target in table.keys}):
        name = truncate_name(f"{NAME_PREFIX}_{target}", 63)
        statement = (
            f'DROP INDEX IF EXISTS "{name}"; CREATE UNIQUE INDEX "{name}" ON "{target}" (workspace_id, id)'
        )
        yield ("unique", target, name, ""), statement
    for table in isolated:
        for column, target in table.keys:
            name = truncate_name(f"{NAME_PREFIX}_{table.name}_{column}", 63)
            statement = (
                f'ALTER TABLE "{table.name}" DROP CONSTRAINT IF EXISTS "{name}", ADD CONSTRAINT "{name}" '
                f'FOREIGN KEY (workspace_id, "{column}") REFERENCES "{target}" (workspace_id, id) '
                "DEFERRABLE INITIALLY DEFERRED"
            )
            yield ("key", table.name, name, _bare(target)), statement


def _policies(table):
    """The same of the policies; by the last of it the table's owner is held by them, too."""
    yield ("enabled", table.name, "", ""), f'ALTER TABLE "{table.name}" ENABLE ROW LEVEL SECURITY'
    policies = [(NAME_PREFIX, "*", "ALL", IS.format(column="workspace_id", setting="socius.workspace_id"))]
    if table.also_read_by:
        condition_of_user = IS.format(column=table.also_read_by, setting="socius.user_id")
        policies.append((f"{NAME_PREFIX}_own", "r", "SELECT", condition_of_user))
    for name, letter, command, condition in policies:
        statement = (
            f'DROP POLICY IF EXISTS "{name}" ON "{table.name}"; '
            f'CREATE POLICY "{name}" ON "{table.name}" FOR {command} USING ({condition})'
        )
        yield ("policy", table.name, name, _bare(f"{letter} {condition}")), statement
    yield ("forced", table.name, "", ""), f'ALTER TABLE "{table.name}" FORCE ROW LEVEL SECURITY'


def _bare(condition):
    """A condition without what PostgreSQL adds when it says one again."""
    return re.sub(r'::text|["()\s]', "", condition).lower()


def _forced(connection):
    return {table for kind, table, *_ in _execute(connection, THERE) if kind == "forced"}


# SQLite

TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'wall_*'"
COLUMNS = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"


def _missing_triggers(connection):
    expected = dict(
        trigger for table in _standing(set(_execute(connection, COLUMNS))) for trigger in _triggers(table)
    )
    existing = dict(_execute(connection, TRIGGERS))
    differing = {
        name for name in expected.keys() | existing.keys() if expected.get(name) != existing.get(name)
    }
    dropped = [(name, f'DROP TRIGGER "{name}"') for name in sorted(differing & existing.keys())]
    return dropped + [(name, expected[name]) for name in sorted(differing & expected.keys())]


def _triggers(table):
    """(name, SQL) of those that see to a table's rows, when they are made and when they change."""
    changes = ["NEW.workspace_id IS NOT OLD.workspace_id"]
    makes = []
    for column, target in table.keys:
        its_own = f'SELECT 1 FROM "{target}" WHERE id = NEW."{column}" AND workspace_id = NEW.workspace_id'  # noqa: S608
        is_foreign = f'(NEW."{column}" IS NOT NULL AND NOT EXISTS ({its_own}))'
        makes.append(is_foreign)
        changes.append(f'(NEW."{column}" IS NOT OLD."{column}" AND {is_foreign})')
    columns = ", ".join(f'"{column}"' for column in ["workspace_id", *(column for column, _ in table.keys)])
    for verb, when, conditions in [("insert", "INSERT", makes), ("update", f"UPDATE OF {columns}", changes)]:
        if conditions:
            name = f"{NAME_PREFIX}_{table.name}_{verb}"
            yield (
                name,
                f'CREATE TRIGGER "{name}" BEFORE {when} ON "{table.name}" BEGIN SELECT RAISE(ABORT, '
                f"'a row of {table.name} would leave its workspace') WHERE {' OR '.join(conditions)}; END",
            )
