"""SQLite's tests run in memory, where all threads share one connection; races need a file."""

import sqlite3
from contextlib import contextmanager

from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper


@contextmanager
def database(folder):
    """Several may work on the test database at once: yields what each thread is to call first."""
    before = connections["default"]
    if before.vendor != "sqlite":
        yield lambda: None
        return
    path = folder / "copy.sqlite3"
    with sqlite3.connect(path) as copy:
        before.connection.backup(copy)
    copy.close()

    def own():
        connections["default"] = DatabaseWrapper({**before.settings_dict, "NAME": str(path)}, "default")

    own()
    try:
        yield own
    finally:
        connections["default"].close()
        connections["default"] = before
