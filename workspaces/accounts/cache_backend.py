"""Shared cache in the database, and its behavior while the database is unavailable."""

import logging
from contextlib import contextmanager

from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache, DatabaseCache
from django.db import InternalError, OperationalError, connection

from workspaces.health import check_writable
from workspaces.tenancy.db_session import send_command

logger = logging.getLogger("workspaces.accounts.cache_backend")
SAVEPOINT = "before_the_cache"


class CountingCache(DatabaseCache):
    """Django's database cache, with counters that processes increment under a lock.

    Who waits for the lock looks whether it is free before trying to take it: a try that fails would be a
    write, too, and on SQLite, where one writes at a time, hold up the one that is waited for.
    """

    def add(self, key, value, *args, **kwargs):
        return not self.has_key(key) and super().add(key, value, *args, **kwargs)

    def _base_set(self, mode, key, *args, **kwargs):
        """Write an entry. Django treats any error as a lost race, and returns False.

        A database that cannot be written would then look like a limit that is reached: raise instead.
        """
        errors = []

        def note_error(execute, *statement):
            try:
                return execute(*statement)
            except (OperationalError, InternalError) as error:
                errors.append(error)
                raise

        with connection.execute_wrapper(note_error):
            is_written = super()._base_set(mode, key, *args, **kwargs)
        if errors:
            raise errors[0]
        if not is_written and mode == "set" and not connection.needs_rollback:
            check_writable()  # detects a failed commit, which raises no statement error
        return is_written


@contextmanager
def surviving_its_failure():
    """Run a block that uses the cache; log its failure and continue.

    A cache in the database fails inside of the page's transaction, which PostgreSQL then refuses to go on
    with: so there is a savepoint before. It is sent by the driver itself, as BEGIN is.
    """
    is_inside = connection.vendor == "postgresql" and connection.in_atomic_block and is_in_database()
    if is_inside:
        send_command(f"SAVEPOINT {SAVEPOINT}")
    try:
        yield
    except Exception as error:  # backends raise arbitrary errors; a cache failure must not fail the page
        if is_inside:
            send_command(f"ROLLBACK TO SAVEPOINT {SAVEPOINT}")
        logger.error("the cache failed: %s", type(error).__qualname__)
    else:
        if is_inside:
            send_command(f"RELEASE SAVEPOINT {SAVEPOINT}")


def is_in_database():
    """Return True if the cache is a database table, False if it cannot be set up at all."""
    try:
        return isinstance(caches["default"], BaseDatabaseCache)
    except Exception:  # backends raise arbitrary errors
        return False
