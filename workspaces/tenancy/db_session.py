"""What the database is told of a transaction: in which workspace it is, for whom, how long it may take.

On PostgreSQL the policies of row-level security go by it. It is set for the transaction alone and never for
the session: behind PgBouncer the next transaction of a connection may be anybody's.
"""

import hashlib
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


# Timeouts of the wait for another request that writes to the same workspace (docs/decisions/0001).
WRITE_LOCK_PATIENCE = {"statement_timeout": "15s", "lock_timeout": "15s"}
WRITE_LOCK = "write lock"  # the key in connection.told of the lock that the transaction began with


@contextmanager
def session_settings(settings, has_savepoint=False, write_lock=None):
    """A block of a transaction that the database was told these settings of; after it the former ones hold.

    Where there is no transaction yet, the block is one. With `has_savepoint` it can be undone by itself, too.
    `write_lock` is the slug of a workspace: its write lock is taken by the same statement, before anything
    is read. On SQLite, which has no policies, nothing happens.
    """
    if connection.vendor != "postgresql":
        with _noted(write_lock):
            yield
        return
    previous, is_within = current_settings(connection), connection.in_atomic_block
    if not is_within and not has_savepoint and _differing(previous, settings) == {}:
        yield
        return
    with transaction.atomic() if has_savepoint or not is_within else nullcontext():
        _apply(settings, write_lock)
        try:
            yield
        finally:
            # With the end of a transaction all is forgotten, and what was undone is as it was before. It is
            # noted before the end, for what is called after the commit is in a transaction of its own.
            if is_within and _can_be_set():
                _apply({name: previous.get(name, AT_REST[name]) for name in settings})
            connection.told = previous


@contextmanager
def _noted(write_lock):
    """On SQLite the transaction itself is the lock: note for whom it began."""
    previous = current_settings(connection)
    if write_lock is not None:
        connection.told = previous | {WRITE_LOCK: write_lock}
    try:
        yield
    finally:
        connection.told = previous


def current_settings(connection):
    """{setting: value} of the transaction that the connection is in."""
    return getattr(connection, "told", {})


def _differing(previous, settings):
    return {name: value for name, value in settings.items() if previous.get(name, AT_REST[name]) != value}


def _apply(settings, write_lock=None):
    """By one statement, and by none where the database knows."""
    previous = current_settings(connection)
    news = _differing(previous, settings)
    if write_lock is not None:
        _send_with_lock(news, write_lock_key(write_lock))
        settings = settings | {WRITE_LOCK: write_lock}
    elif news:
        _send(news)
    connection.told = previous | settings


def _send(settings):
    _execute(*_set_config(settings))


def _send_with_lock(settings, key):
    """Apply the settings and take the lock in one round trip.

    PostgreSQL times each statement of a message by the timeouts that the ones before it have set, so the
    wait for the lock has its own, and what follows has those of the settings again.
    """
    timeouts = {
        name: settings.get(name, current_settings(connection).get(name, AT_REST[name])) for name in PATIENCE
    }
    first, first_values = _set_config(settings | WRITE_LOCK_PATIENCE)
    last, last_values = _set_config(timeouts)
    _execute(f"{first}; SELECT pg_advisory_xact_lock(%s); {last}", [*first_values, key, *last_values])


def _set_config(settings):
    """(sql, parameters) of the statement that applies the settings to the transaction."""
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    return f"SELECT {calls}", [part for pair in settings.items() for part in pair]


def _execute(sql, parameters):
    """Run SQL by the driver itself, as BEGIN is sent: it is no query of the page's, and counts as none."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def send_command(sql):
    """Send a command that answers nothing, such as SAVEPOINT, by the driver itself, too."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(sql)


def write_lock_key(slug):
    """The number of a workspace's write lock: the same in every process, and before anything is read."""
    digest = hashlib.blake2b(b"socius workspace writes " + slug.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def holds_write_lock(workspace):
    """Return True if the transaction began with the workspace's write lock, as each unsafe request does."""
    return current_settings(connection).get(WRITE_LOCK) == workspace.slug


def acquire_write_lock(workspace):
    """Wait until nobody else writes to the workspace; held until the transaction ends.

    For what writes outside an unsafe request, which takes the lock at its start: call it first in the
    transaction, because what was read before may be out of date afterwards. SQLite needs no lock of its
    own: each of its transactions holds the one write lock from the start.
    """
    if connection.vendor != "postgresql" or holds_write_lock(workspace):
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A write lock is held by a transaction: begin one.")
    _execute("SELECT pg_advisory_xact_lock(%s)", [write_lock_key(workspace.slug)])


def try_acquire_write_lock(workspace):
    """Take the write lock if nobody has it, and return whether the transaction has it now.

    For a read that brings something up to date on the way, and is not to wait or fail for that.
    """
    if connection.vendor != "postgresql" or holds_write_lock(workspace):
        return True
    rows = _execute("SELECT pg_try_advisory_xact_lock(%s)", [write_lock_key(workspace.slug)])
    return rows[0][0]


def _can_be_set():
    """Whether the transaction can still be asked anything: it is neither broken nor marked to be undone."""
    status = connection.connection and connection.connection.info.transaction_status
    return status == TRANSACTION_STATUS_INTRANS and not connection.needs_rollback


def enable_web_timeouts():
    """Hold all that this process asks to PATIENCE, from its next connection on: a server's, not a command's.

    Told to the session, as an exception: behind PgBouncer others get no more by it than what they have.
    """
    connection_created.connect(_apply_to_session)


def _apply_to_session(connection, **signal):
    if connection.vendor == "postgresql":
        with connection.connection.cursor() as cursor:
            for name, value in PATIENCE.items():
                cursor.execute(f"SET {name} = %s", [value])
