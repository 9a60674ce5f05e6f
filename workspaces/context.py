"""What the database is told of a transaction: in which workspace it is, for whom, how long it may take.

On PostgreSQL the policies of the second wall go by it (see wall.py). It is told for the transaction alone and
never for the session: behind PgBouncer the next transaction of a connection may be anybody's.
"""

from contextlib import contextmanager, nullcontext

from django.db import connection, transaction
from django.db.backends.signals import connection_created
from psycopg2.extensions import TRANSACTION_STATUS_INTRANS

# How long a page may keep the database, and wait for what somebody else is changing.
PATIENCE = {"statement_timeout": "5s", "lock_timeout": "3s"}
# All that is ever told, and how it stands in a transaction that was told nothing.
AT_REST = {
    "socius.workspace_id": "",  # whose rows there are
    "socius.user_id": "",  # whose memberships there are besides, of whichever workspace
    "socius.acting": "",  # who acts, for the audit trail
    "statement_timeout": "0",
    "lock_timeout": "0",
}


@contextmanager
def told(settings, has_savepoint=False):
    """A block of a transaction that the database was told these settings of; after it the former ones hold.

    Where there is no transaction yet, the block is one. With `has_savepoint` it can be undone by itself, too.
    On SQLite, which has no policies, nothing happens.
    """
    if connection.vendor != "postgresql":
        yield
        return
    before, is_within = what_was_told(connection), connection.in_atomic_block
    if not is_within and not has_savepoint and _differing(before, settings) == {}:
        yield
        return
    with transaction.atomic() if has_savepoint or not is_within else nullcontext():
        _tell(settings)
        try:
            yield
        finally:
            # With the end of a transaction all is forgotten, and what was undone is as it was before. It is
            # noted before the end, for what is called after the commit is in a transaction of its own.
            if is_within and _can_be_told():
                _tell({name: before.get(name, AT_REST[name]) for name in settings})
            connection.told = before


def what_was_told(connection):
    """{setting: value} of the transaction that the connection is in."""
    return getattr(connection, "told", {})


def _differing(before, settings):
    return {name: value for name, value in settings.items() if before.get(name, AT_REST[name]) != value}


def _tell(settings):
    """By one statement, and by none where the database knows."""
    before = what_was_told(connection)
    if news := _differing(before, settings):
        _send(news)
    connection.told = before | settings


def _send(settings):
    """By the driver itself, as BEGIN is sent: it is no query of the page's, and counts as none."""
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", [part for pair in settings.items() for part in pair])


def _can_be_told():
    """Whether the transaction can still be asked anything: it is neither broken nor marked to be undone."""
    status = connection.connection and connection.connection.info.transaction_status
    return status == TRANSACTION_STATUS_INTRANS and not connection.needs_rollback


def be_patient_no_longer():
    """Hold all that this process asks to PATIENCE, from its next connection on: a server's, not a command's.

    Told to the session, as an exception: behind PgBouncer others get no more by it than what they have.
    """
    connection_created.connect(_tell_the_session)


def _tell_the_session(connection, **signal):
    if connection.vendor == "postgresql":
        with connection.connection.cursor() as cursor:
            for name, value in PATIENCE.items():
                cursor.execute(f"SET {name} = %s", [value])
