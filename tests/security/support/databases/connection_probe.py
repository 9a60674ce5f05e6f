"""Socius as it is served, with one more page: how its database connections are set up, as JSON.

`SYNCHRONOUS` plants a weaker setting, for canaries.
"""

import json
import os
import sqlite3
from contextlib import closing

from django.conf import settings
from django.db import connection, connections, transaction

from socius.wsgi import application as socius

PRAGMAS = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
SETTINGS = (
    "synchronous_commit",
    "fsync",
    "full_page_writes",
    "statement_timeout",
    "lock_timeout",
    "row_security",
    "is_superuser",
)
if planted := os.environ.get("SYNCHRONOUS"):
    if connection.vendor == "sqlite":
        options = connections.settings["default"]["OPTIONS"]
        options["init_command"] = options["init_command"].replace("FULL", planted)
    else:
        connections.settings["default"].setdefault("OPTIONS", {})["options"] = (
            f"-c synchronous_commit={planted}"
        )


def application(environ, start_response):
    if environ["PATH_INFO"] != "/probe":
        return socius(environ, start_response)
    body = json.dumps(connection_settings()).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def connection_settings():
    """{setting: value} of a connection as requests get it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            values = {name: read(cursor, f"PRAGMA {name}") for name in PRAGMAS}
            return values | {"takes_lock_at_begin": takes_lock_at_begin()}
        return {name: read(cursor, f"SHOW {name}") for name in SETTINGS}


def read(cursor, sql):
    cursor.execute(sql)
    return cursor.fetchone()[0]


def takes_lock_at_begin():
    """Return True if a transaction that has done nothing yet keeps others from writing."""
    path = settings.DATABASES["default"]["NAME"]
    with transaction.atomic(), closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other_item:
        try:
            other_item.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        other_item.execute("ROLLBACK")
        return False
