"""Policies and keys that isolate workspaces on PostgreSQL.

The condition of a policy stands bare, not as a subquery, and the keys have the workspace in front: so the
planner knows what it is about, and uses the indexes.
"""

import re

from django.db.backends.utils import truncate_name

from workspaces.tenancy.isolation.plan import NAME_PREFIX, select_existing
from workspaces.tenancy.isolation.statements import execute

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


def missing_policies(connection):
    """Return [(name, SQL that makes it)] of the policies and keys that are missing."""
    existing = {
        (kind, table, name, _bare(detail)) for kind, table, name, detail in execute(connection, THERE)
    }
    isolated = list(select_existing({(table, name) for kind, table, name, _ in existing if kind == "column"}))
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


def forced_tables(connection):
    """Return the tables whose owner is held by the policies, too."""
    return {table for kind, table, *_ in execute(connection, THERE) if kind == "forced"}
