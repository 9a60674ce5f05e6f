"""The triggers on SQLite, which has them for one table and one kind of statement each."""

from crud.search import normalize_text
from workspaces.audit.actor import actor_fields
from workspaces.audit.triggers.immutability import BLANK, COLUMNS, ENTRIES, KEPT, WORKSPACES, stays
from workspaces.tenancy.scope import active_member

NULL = "NULL"
ROW = {"insert": "NEW", "update": "NEW", "delete": "OLD"}


def create_sqlite_functions(connection):
    """Let a new connection's triggers ask who acts, and make text that a search finds."""
    connection.create_function("socius_acting", 1, lambda name: actor_fields(active_member())[name])
    connection.create_function("socius_folded", 1, normalize_text, deterministic=True)


def sqlite_statements(tables):
    """{name: CREATE TRIGGER …} of all that there should be."""
    statements = dict(guard_triggers())
    for table in tables:
        operations = ["update"] if table.name == WORKSPACES else ["insert", "update", "delete"]
        for operation in operations:
            statements[f"socius_audit_{table.name}_{operation}"] = sqlite_trigger(table, operation)
    return statements


def sqlite_trigger(table, operation):
    row = ROW[operation]
    old, new = ("NULL" if operation == "insert" else "OLD"), ("NULL" if operation == "delete" else "NEW")
    return (
        f"CREATE TRIGGER socius_audit_{table.name}_{operation} AFTER {operation.upper()} ON {table.name} "
        f"{condition(table, operation)}BEGIN {'; '.join(body(table, operation, row, old, new))}; END"
    )


def condition(table, operation):
    """Where there is anything to tell."""
    if operation == "update":
        sides = zip(table.watched_columns("OLD"), table.watched_columns("NEW"), strict=True)
        return f"WHEN {' OR '.join(f'{old} IS NOT {new}' for old, new in sides)} "
    if operation == "delete":  # with the workspace itself goes all that is told of it
        return f"WHEN EXISTS (SELECT 1 FROM {WORKSPACES} WHERE id = OLD.{table.workspace}) "
    return ""


def body(table, operation, row, old, new):
    is_erased = operation == "delete" and table.has_trash
    action = {"insert": "'added'", "update": "'changed'", "delete": "'deleted'"}[operation]
    if is_erased:
        action = "'erased'"
    elif operation == "update" and table.has_trash:
        action = (
            "CASE WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN 'trashed' "
            "WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL THEN 'restored' ELSE 'changed' END"
        )
    label = "''" if is_erased else f"substr({table.label.format(row=row)}, 1, 250)"
    values = [
        f"{row}.{table.workspace}",
        "strftime('%Y-%m-%d %H:%M:%f', 'now')",
        *(f"socius_acting('{name}')" for name in ("user", "actor", "address", "request")),
        action,
        f"'{table.kind}'",
        f"{row}.{table.key}",
        f"'{table.part}'",
        f"{row}.id" if table.part else NULL,
        label,
    ]
    if is_erased:
        yield f"INSERT INTO {ENTRIES} ({COLUMNS}) VALUES ({', '.join(values)}, '{{}}', '')"
        yield BLANK.format(row=row, kind=table.kind)
        return
    values_sql = " UNION ALL ".join(
        f"SELECT '{column.name}' AS field, {side(old, column)} AS was, {side(new, column)} AS is_now, "
        f"{int(column.is_text)} AS is_text"
        for column in table.told
    )
    words = "group_concat(CASE WHEN is_text THEN coalesce(was, '') || ' ' || coalesce(is_now, '') END, ' ')"
    by = "socius_acting('actor') || ' ' || coalesce(socius_acting('address'), '')"
    found_by = f"socius_folded({by} || ' ' || {label} || ' ' || coalesce({words}, ''))"
    yield (
        f"INSERT INTO {ENTRIES} ({COLUMNS}) "
        f"SELECT {', '.join(values)}, json_group_object(field, json_array(was, is_now)), {found_by} "
        f"FROM ({values_sql}) WHERE coalesce(was, '') IS NOT coalesce(is_now, '')"
    )


def side(row, column):
    return NULL if row == NULL else f"{row}.{column.column}"


def guard_triggers():
    """Entries stay as they are; an INSERT OR REPLACE is no way round that."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
    yield (
        "socius_audit_kept_update",
        f"CREATE TRIGGER socius_audit_kept_update BEFORE UPDATE ON {ENTRIES} "
        f"WHEN NOT ({stays('IS')}) {refuse}",
    )
    yield (
        "socius_audit_kept_delete",
        f"CREATE TRIGGER socius_audit_kept_delete BEFORE DELETE ON {ENTRIES} "
        f"WHEN EXISTS (SELECT 1 FROM {WORKSPACES} WHERE id = OLD.workspace_id) {refuse}",
    )
    yield (
        "socius_audit_kept_insert",
        f"CREATE TRIGGER socius_audit_kept_insert BEFORE INSERT ON {ENTRIES} "
        f"WHEN EXISTS (SELECT 1 FROM {ENTRIES} WHERE id = NEW.id) {refuse}",
    )
    yield (
        "socius_audit_gone",
        f"CREATE TRIGGER socius_audit_gone AFTER DELETE ON {WORKSPACES} "
        f"BEGIN DELETE FROM {ENTRIES} WHERE workspace_id = OLD.id; END",
    )
