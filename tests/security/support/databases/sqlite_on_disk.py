"""SQLite's tests run in memory, where all threads share one connection; races need a file."""

import sqlite3
from contextlib import contextmanager

from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper


@contextmanager
def database(folder):
    """Several may work on the test database at once: yields what each thread is to call first."""
    state_before = connections["default"]
    if state_before.vendor != "sqlite":
        yield lambda: None
        return
    path = folder / "copy.sqlite3"
    with sqlite3.connect(path) as copy:
        state_before.connection.backup(copy)
    copy.close()

    def own():
        connections["default"] = DatabaseWrapper({**state_before.settings_dict, "NAME": str(path)}, "default")

    own()
    try:
        yield own
    finally:
        connections["default"].close()
        connections["default"] = state_before
