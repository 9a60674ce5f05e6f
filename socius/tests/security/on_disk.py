"""SQLite's tests run in memory, where all threads share one connection; races and servers need a file."""

import sqlite3
from contextlib import contextmanager
from urllib.parse import quote

from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper


@contextmanager
def database(folder):
    """Several may work on the test database: yields (its DATABASE_URL, what each thread is to call first)."""
    before = connections["default"]
    if before.vendor != "sqlite":
        it = before.settings_dict
        place = f"/{it['HOST']}" if it["HOST"].startswith("/") else f"{it['HOST']}:{it['PORT'] or 5432}"
        password = f":{quote(it['PASSWORD'])}" if it["PASSWORD"] else ""
        yield f"postgres://{it['USER']}{password}@{place}/{it['NAME']}", lambda: None
        return
    path = folder / "copy.sqlite3"
    with sqlite3.connect(path) as copy:
        before.connection.backup(copy)
    copy.close()

    def own():
        connections["default"] = DatabaseWrapper({**before.settings_dict, "NAME": str(path)}, "default")

    own()
    try:
        yield f"sqlite:///{path}", own
    finally:
        connections["default"].close()
        connections["default"] = before
