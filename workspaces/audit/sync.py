"""Puts the triggers in place: after every migration, and only where they are not as they should be."""

import hashlib

from django.db import connections, transaction
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate

from . import postgresql, sqlite
from .guards import ENTRIES
from .tables import tables

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


def connect(sender):
    """Hear of migrations, and of new connections."""
    pre_migrate.connect(clear_the_way, sender=sender)
    post_migrate.connect(sync, sender=sender)
    connection_created.connect(teach)


def teach(connection, **signal):
    if connection.vendor == "sqlite":
        sqlite.teach(connection.connection)


def clear_the_way(using, plan, **signal):
    """Take the triggers off the watched tables while these change; what migrations write is not told.

    SQLite changes a table by making it anew, and stumbles over triggers that know it; PostgreSQL keeps a
    column that a trigger looks at, and what was made for the table before is wrong for the one after.
    """
    connection = connections[using]
    if plan:
        with transaction.atomic(using), connection.cursor() as cursor:
            drop = DROP[connection.vendor]
            drop(cursor, [one for one in pairs(cursor, TRIGGERS[connection.vendor]) if not is_guard(one)])


def is_guard(trigger):
    return trigger[1] in postgresql.GUARD_NAMES


def sync(using, **signal):
    """See that every watched table has its triggers as this version of the program wants them."""
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        known = {}
        for table, column in pairs(cursor, COLUMNS[connection.vendor]):
            known.setdefault(table, set()).add(column)
        there = pairs(cursor, TRIGGERS[connection.vendor])
        # Without the table of entries, as before its first migration, nothing can be told.
        watched = tables(known) if ENTRIES in known else None
        if connection.vendor == "sqlite":
            sync_sqlite(cursor, watched, there)
        else:
            sync_postgresql(cursor, watched, there)


def pairs(cursor, query):
    cursor.execute(query)
    return cursor.fetchall()


def sync_sqlite(cursor, watched, there):
    wanted = {} if watched is None else sqlite.statements(watched)
    if dict(there) != wanted:
        drop_on_sqlite(cursor, there)
        for statement in wanted.values():
            cursor.execute(statement)


def drop_on_sqlite(cursor, there):
    for name, _ in there:
        cursor.execute(f"DROP TRIGGER {name}")


def sync_postgresql(cursor, watched, there):
    if watched is None:
        return drop_on_postgresql(cursor, there)
    statements, wanted = postgresql.statements(watched), set(postgresql.triggers(watched))
    print_of_them = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    [(last,)] = pairs(cursor, f"SELECT obj_description('{ENTRIES}'::regclass, 'pg_class')")
    if last == print_of_them and set(there) == wanted:
        return None
    drop_on_postgresql(cursor, set(there) - wanted)
    for statement in statements:
        cursor.execute(statement)
    cursor.execute(f"COMMENT ON TABLE {ENTRIES} IS '{print_of_them}'")


def drop_on_postgresql(cursor, there):
    for table, name in there:
        cursor.execute(f"DROP TRIGGER {name} ON {table}")


DROP = {"sqlite": drop_on_sqlite, "postgresql": drop_on_postgresql}
