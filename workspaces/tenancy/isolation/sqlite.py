"""Triggers that isolate workspaces on SQLite: no row refers to another workspace or moves to one."""

from workspaces.tenancy.isolation.plan import NAME_PREFIX, select_existing
from workspaces.tenancy.isolation.statements import execute

TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'wall_*'"
COLUMNS = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"


def differing_triggers(connection):
    """Return [(name, SQL)] that drops and makes the triggers that are not as they should be."""
    expected = dict(
        trigger
        for table in select_existing(set(execute(connection, COLUMNS)))
        for trigger in _triggers(table)
    )
    existing = dict(execute(connection, TRIGGERS))
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
