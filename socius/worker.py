"""How gunicorn serves Socius: by threads, with two answers that need none of them.

`/livez` asks whether this process lives, not whether it is busy: it is answered where connections are
accepted, though every thread may be waiting for the database. And who has waited in the queue for longer
than people and proxies wait gets 503 without a visit to the database, so that after a stall the queue is
gone at once and those who come next are served.
"""

import contextlib
import gc
import socket
import time
from functools import partial
from selectors import EVENT_READ

from django.db import OperationalError
from gunicorn.workers.gthread import TConn, ThreadWorker

from .headers import HEADERS

FIRST_BYTE = 10  # seconds a connection may be open without asking for anything
PATIENCE = 10  # seconds in the queue
LIVEZ = {b"GET /livez ": True, b"HEAD /livez ": False}  # how the request begins: does the answer have a body


def written_out(response, with_body=True):
    """A response of Django's as bytes, after which the connection is closed."""
    headers = {**HEADERS, **response.headers, "Content-Length": len(response.content), "Connection": "close"}
    lines = [f"HTTP/1.1 {response.status_code} {response.reason_phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + (response.content if with_body else b"")


def hang_up(client, last_words):
    """Say it and close at once: gunicorn would wait in its loop until the other side has closed too."""
    with contextlib.suppress(OSError):
        # Closed with something unread it would take back what it sent.
        client.recv(65536, socket.MSG_DONTWAIT)
        client.send(last_words, socket.MSG_DONTWAIT)
    client.close()


class Worker(ThreadWorker):
    """gunicorn's, which hands a connection to a thread only when something is asked on it."""

    def load_wsgi(self):
        super().load_wsgi()
        gc.freeze()  # the program stays: let no search for garbage go through it
        from . import errors, views  # they need Django, which is there from here on

        self.livez = {start: written_out(views.livez(None), with_body) for start, with_body in LIVEZ.items()}
        try:
            raise OperationalError
        except OperationalError:  # as if the database had said so
            self.busy = written_out(errors.broken(None))

    def accept(self, listener):
        """Wait for the first bytes in the loop. gunicorn does in a thread, if there is one."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another worker has taken it, or it has gone
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, client, address, listener.getsockname())
        conn.timeout = time.monotonic() + FIRST_BYTE
        self.pending_conns.append(conn)
        self.poller.register(client, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def enqueue_req(self, conn):
        if self.is_livez(conn):
            self.nr_conns -= 1
            conn.close()
        else:
            conn.queued_at = time.monotonic()
            super().enqueue_req(conn)

    def is_livez(self, conn):
        """Whether that was asked; then it has been answered."""
        if conn.parser and conn.parser.unreader.buf.getvalue():
            return False  # what is asked next has been read already, and is not on the socket
        try:
            begins = conn.sock.recv(16, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            for start, answer in self.livez.items():
                if begins.startswith(start):
                    hang_up(conn.sock, answer)
                    return True
        except OSError:
            pass  # gone, or nothing there yet: the thread will see
        return False

    def handle(self, conn):
        if time.monotonic() - conn.queued_at < PATIENCE:
            return super().handle(conn)
        hang_up(conn.sock, self.busy)
        return False
