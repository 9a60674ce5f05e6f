"""SQLite's files, readable by their owner only."""

from contextlib import suppress
from pathlib import Path

from django.db.backends.signals import connection_created

SUFFIXES = ("", "-wal", "-shm", "-journal")


def connect_file_protection():
    """Protect the files at each new connection; a new file inherits nothing from its folder."""
    connection_created.connect(protect)


def protect(connection, **signal):
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return
    for suffix in SUFFIXES:
        path = Path(f"{connection.settings_dict['NAME']}{suffix}")
        with suppress(OSError):  # not there, or another user's
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)
