from django.core.cache.backends.db import DatabaseCache


class CountingCache(DatabaseCache):
    """Django's cache in the database, for counts that several processes take a lock for.

    Who waits for the lock looks whether it is free before trying to take it: a try that fails would be a
    write, too, and on SQLite, where one writes at a time, hold up the one that is waited for.
    """

    def add(self, key, value, *args, **kwargs):
        return not self.has_key(key) and super().add(key, value, *args, **kwargs)
