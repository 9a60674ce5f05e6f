"""Puts the triggers in place: after every migration, and only where they are not as they should be."""

import hashlib

from django.db import connections, transaction
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate

from workspaces.audit.triggers import postgresql, sqlite
from workspaces.audit.triggers.audited_tables import audited_tables
from workspaces.audit.triggers.immutability import ENTRIES

OURS = "socius_audit"
COLUMNS = {
    "sqlite": "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c "
    "WHERE t.type = 'table'",
    "postgresql": "SELECT table_name, column_name FROM information_schema.columns "
    "WHERE table_schema = current_schema()",
}
TRIGGERS = {
    "sqlite": f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '{OURS}%'",
    "postgresql": "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    f"WHERE tgname LIKE '{OURS}%' AND tgenabled = 'O' AND relnamespace = current_schema()::regnamespace",
}


def connect_triggers(sender):
    """Hear of migrations, and of new connections."""
    pre_migrate.connect(clear_the_way, sender=sender)
    post_migrate.connect(sync_triggers, sender=sender)
    connection_created.connect(register_sql_functions)


def register_sql_functions(connection, **signal):
    if connection.vendor == "sqlite":
        sqlite.create_sqlite_functions(connection.connection)


def clear_the_way(using, plan, **signal):
    """Take the triggers off the watched tables while these change; what migrations write is not told.

    SQLite changes a table by making it anew, and stumbles over triggers that know it; PostgreSQL keeps a
    column that a trigger looks at, and what was made for the table before is wrong for the one after.
    """
    connection = connections[using]
    if plan:
        with transaction.atomic(using), connection.cursor() as cursor:
            drop = DROP[connection.vendor]
            drop(cursor, [pair for pair in pairs(cursor, TRIGGERS[connection.vendor]) if not is_guard(pair)])


def is_guard(trigger):
    return trigger[1] in postgresql.GUARD_NAMES


def sync_triggers(using, **signal):
    """See that every watched table has its triggers as this version of the program wants them."""
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        MAKE[connection.vendor](cursor, *standing(connection, cursor))


def missing_triggers(connection):
    """The names of what is not as this version wants it: nothing, once `migrate` came to its end."""
    with connection.cursor() as cursor:
        watched, existing = standing(connection, cursor)
        return sorted(MISSING[connection.vendor](cursor, watched, existing)) if watched else []


def standing(connection, cursor):
    """(the watched tables, the triggers that there are); None where nothing can be told yet."""
    columns_by_table = {}
    for table, column in pairs(cursor, COLUMNS[connection.vendor]):
        columns_by_table.setdefault(table, set()).add(column)
    # Without the table of entries, as before its first migration, it cannot.
    return audited_tables(columns_by_table) if ENTRIES in columns_by_table else None, pairs(
        cursor, TRIGGERS[connection.vendor]
    )


def pairs(cursor, query):
    cursor.execute(query)
    return cursor.fetchall()


def missing_on_sqlite(cursor, watched, existing):
    expected, existing = sqlite.sqlite_statements(watched), dict(existing)
    return [name for name in expected.keys() | existing.keys() if expected.get(name) != existing.get(name)]


def make_on_sqlite(cursor, watched, existing):
    expected = {} if watched is None else sqlite.sqlite_statements(watched)
    if dict(existing) != expected:
        drop_on_sqlite(cursor, existing)
        for statement in expected.values():
            cursor.execute(statement)


def drop_on_sqlite(cursor, existing):
    for name, _ in existing:
        cursor.execute(f"DROP TRIGGER {name}")


def missing_on_postgresql(cursor, watched, existing):
    names = {f"{name} of {table}" for table, name in {*postgresql.triggers(watched)} ^ {*existing}}
    return names if is_printed(cursor, postgresql.postgresql_statements(watched)) else names | {"functions"}


def make_on_postgresql(cursor, watched, existing):
    if watched is None:
        return drop_on_postgresql(cursor, existing)
    statements, expected = postgresql.postgresql_statements(watched), set(postgresql.triggers(watched))
    if is_printed(cursor, statements) and set(existing) == expected:
        return None
    drop_on_postgresql(cursor, set(existing) - expected)
    for statement in statements:
        cursor.execute(statement)
    cursor.execute(f"COMMENT ON TABLE {ENTRIES} IS '{print_of(statements)}'")


def print_of(statements):
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def is_printed(cursor, statements):
    """Whether these are the statements that were last executed."""
    [(last,)] = pairs(cursor, f"SELECT obj_description('{ENTRIES}'::regclass, 'pg_class')")
    return last == print_of(statements)


def drop_on_postgresql(cursor, existing):
    for table, name in existing:
        cursor.execute(f"DROP TRIGGER {name} ON {table}")


DROP = {"sqlite": drop_on_sqlite, "postgresql": drop_on_postgresql}
MAKE = {"sqlite": make_on_sqlite, "postgresql": make_on_postgresql}
MISSING = {"sqlite": missing_on_sqlite, "postgresql": missing_on_postgresql}
