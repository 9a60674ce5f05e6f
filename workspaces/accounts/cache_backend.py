"""The cache that all processes share: the one in the database, and what happens while it is down."""

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
    """Django's cache in the database, for counts that several processes take a lock for.

    Who waits for the lock looks whether it is free before trying to take it: a try that fails would be a
    write, too, and on SQLite, where one writes at a time, hold up the one that is waited for.
    """

    def add(self, key, value, *args, **kwargs):
        return not self.has_key(key) and super().add(key, value, *args, **kwargs)

    def _base_set(self, mode, key, *args, **kwargs):
        """Write an entry. Django takes any error for a race that another process won, and returns False.

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
            check_writable()  # the commit may have failed, which is no statement
        return is_written


@contextmanager
def surviving_its_failure():
    """Run a block that asks the cache; if that fails it is logged, and the page goes on without.

    A cache in the database fails inside of the page's transaction, which PostgreSQL then refuses to go on
    with: so there is a savepoint before. It is sent by the driver itself, as BEGIN is.
    """
    is_inside = connection.vendor == "postgresql" and connection.in_atomic_block and is_in_database()
    if is_inside:
        send_command(f"SAVEPOINT {SAVEPOINT}")
    try:
        yield
    except Exception as error:  # whatever a backend raises: a cache is never worth a page
        if is_inside:
            send_command(f"ROLLBACK TO SAVEPOINT {SAVEPOINT}")
        logger.error("the cache failed: %s", type(error).__qualname__)
    else:
        if is_inside:
            send_command(f"RELEASE SAVEPOINT {SAVEPOINT}")


def is_in_database():
    """Return True if the cache is a table of the database; one that cannot even be set up is not."""
    try:
        return isinstance(caches["default"], BaseDatabaseCache)
    except Exception:  # whatever a backend raises, as below
        return False
