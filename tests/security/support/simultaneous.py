"""People at the very same time: threads with connections of their own, which all begin together."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier

from django.db import connection, connections

from workspaces.tenancy.scope import activate


@contextmanager
def a_file(folder):
    """On SQLite the tests' database as a file, as in production: in memory nobody waits for a lock."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(folder / "socius.sqlite3")) as file:
        connection.connection.backup(file)
        file.execute("PRAGMA journal_mode=WAL")
    memory, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], folder / "socius.sqlite3"
    try:
        yield
    finally:
        connection.settings_dict["NAME"] = memory


class Crowd:
    """So many people; none of them is in a workspace but by what they ask for."""

    def __init__(self, number, workspace):
        self.number, self.workspace = number, workspace
        self.threads = ThreadPoolExecutor(number)

    def at_once(self, *acts):
        """The answers of some functions, one for each, all called together."""
        start = Barrier(len(acts))

        def one(act):
            start.wait(30)
            return act()

        return list(self.threads.map(one, acts))

    def there(self, function):
        """The answer of a function that is called inside of the workspace, and outside of the race."""

        def inside():
            with activate(self.workspace):
                return function()

        return self.threads.submit(inside).result()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.at_once(*[connections.close_all] * self.number)
        self.threads.shutdown()


@contextmanager
def crowd(number, workspace, folder):
    """crowd(8, workspace, tmp_path) -> a Crowd, at work on what the test has committed."""
    with a_file(folder), Crowd(number, workspace) as people:
        yield people
