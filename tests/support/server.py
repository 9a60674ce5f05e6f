"""Socius served as in production: gunicorn with its own configuration, on any database.

On the test's own, the test is marked `django_db(transaction=True)`: the server sees only what was committed.
"""

import http.client
import os
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

from django.conf import settings
from django.db import connection
from django.test import Client


def database_url(folder):
    """Return the test database's URL for other processes; in-memory SQLite is copied to a file."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(folder / "served.sqlite3")) as copy:
            connection.connection.backup(copy)
        return f"sqlite:///{folder}/served.sqlite3"
    return beside(connection.settings_dict["NAME"])


def beside(name):
    """Return the URL of another database of the same PostgreSQL."""
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


class Server:
    """A running server: its address and its log."""

    def __init__(self, port, process, written):
        self.port, self.process, self.written = port, process, written

    def ask(self, path, method="GET", body=None, headers=(), timeout=60):
        """Send one request on a new connection. Return (status, headers, body)."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with closing(asking):
            asking.request(method, path, body, dict(headers))
            answer = asking.getresponse()
            return answer.status, answer.headers, answer.read()

    def log(self):
        return self.written.read_text()


@contextmanager
def served(folder, url, application="socius.wsgi", prefix=(), **environment):
    """Yield a Server of two workers with four threads each; its log is in `folder`.

    `prefix`: a command that starts it, such as one that takes privileges away.
    """
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    written = folder / f"server-{port}.log"
    environment = {
        "CACHE_URL": "locmemcache://",  # as in all tests: the test database has no cache table
        **environment,
        "DATABASE_URL": url,
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    with written.open("wb") as log:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "gunicorn", application],
            cwd=settings.BASE_DIR,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )
    server = Server(port, process, written)
    try:
        wait_until_it_answers(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            process.kill()


def wait_until_it_answers(server):
    for _attempt in range(600):
        try:
            return server.ask("/livez")
        except OSError:
            assert server.process.poll() is None, server.log()
            time.sleep(0.1)
    raise AssertionError(server.log())


def signed_in(user):
    """Return the headers of a browser signed in as `user`, and its CSRF token."""
    browser = Client()
    browser.force_login(user)
    token = "t" * 32
    cookies = {settings.SESSION_COOKIE_NAME: browser.session.session_key, settings.CSRF_COOKIE_NAME: token}
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Content-Type": "application/x-www-form-urlencoded",
    }, token
