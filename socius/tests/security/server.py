"""Socius as it is served, by gunicorn with several workers, on the database of a test."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode

from django.conf import settings


@contextmanager
def served(database, workers, port, **environment):
    """The port it is at, once every worker answers."""
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "TMPDIR")},
        "DATABASE_URL": database,
        "SECRET_KEY": settings.SECRET_KEY,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WEB_CONCURRENCY": str(workers),
        **environment,
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "socius.wsgi"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for(server, port)
        yield port
    finally:
        server.terminate()
        server.communicate()


def wait_for(server, port):
    for _ in range(600):
        try:
            if ask(port, "GET", "/livez").status == 200:
                return
        except OSError:
            time.sleep(0.1)
        if server.poll() is not None:
            raise RuntimeError(server.stdout.read().decode())
    raise RuntimeError("The server does not answer.")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def ask(port, method, path, form=None, **headers):
    """One request over a connection of its own, so that any of the workers may get it."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    body = urlencode(form) if form is not None else None
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request(method, path, body, {"Host": "127.0.0.1", **headers})
        response = connection.getresponse()
        response.text = response.read().decode(errors="replace")
        return response
    finally:
        connection.close()
