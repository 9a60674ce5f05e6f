from django.core.cache.backends.db import DatabaseCache
from django.db import InternalError, OperationalError, connection

from .health import check_writable


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
