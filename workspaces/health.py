"""State of the database: whether it answers, can be written, and has all migrations."""

import time
from functools import cache

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

READ_ONLY_TRANSACTION = (
    "25006"  # PostgreSQL's code, of a standby as well; the driver calls it an internal error
)
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
RECHECK_SECONDS = 5  # for which a result holds: everybody may ask, and on SQLite each check is a write


class ReadOnlyDatabase(OperationalError):
    """The database answers and cannot be written."""

    pgcode = READ_ONLY_TRANSACTION


def error_code(error):
    """Return the database's code of an error, such as SQLITE_FULL or 40P01; None if it has none."""
    for candidate in (error, error.__cause__):
        code = getattr(candidate, "pgcode", None) or getattr(candidate, "sqlite_errorname", None)
        if code:
            return code
    return None


def is_unavailable(error):
    """Return True if the error is the state of the database, and not a mistake of ours."""
    if isinstance(error, InternalError):
        return error_code(error) == READ_ONLY_TRANSACTION
    return isinstance(error, (OperationalError, InterfaceError))


def check_writable():
    """Raise OperationalError if the database cannot be written."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW transaction_read_only")
            if cursor.fetchone()[0] == "on":
                raise ReadOnlyDatabase("The database is read-only.")
        else:
            # A write that changes nothing: of the one number in the file's header that SQLite leaves to us.
            cursor.execute("PRAGMA user_version")
            number = int(cursor.fetchone()[0])
            cursor.execute(f"PRAGMA user_version = {number}")


@cache
def migrations_on_disk():
    """Return the names of all migrations, {(app, name)}; of squashed ones the new."""
    return frozenset(MigrationLoader(None).graph.nodes)


def unapplied_migrations(connection=connection):
    """Return the names of migrations that the database lacks, as `app.name`, sorted."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    return sorted(".".join(name) for name in migrations_on_disk() - applied)


def find_problem():
    """Return a sentence on what keeps the database from serving, or an empty string."""
    try:
        if missing := unapplied_migrations():
            return f"{len(missing)} migrations not applied, first {missing[0]}: run manage.py migrate"
        check_writable()
    except DatabaseError as error:
        code = error_code(error)
        if code in BUSY:  # somebody else is writing
            return ""
        return f"the database cannot be written ({code})" if code else "no database"
    return ""


_last_check = (0.0, "")


def recent_problem():
    """Return what `find_problem` returned in the last seconds, or ask it."""
    global _last_check
    checked_at, problem = _last_check
    if not checked_at or time.monotonic() - checked_at >= RECHECK_SECONDS or problem:
        _last_check = time.monotonic(), find_problem()
    return _last_check[1]
