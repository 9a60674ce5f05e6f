"""Threaded gunicorn worker that answers liveness checks and overload in its event loop.

`/livez` reports that the process is alive, not that it is idle, so it is answered where connections are
accepted, even while every thread waits for the database. Requests that have waited longer than people and
proxies do get 503 without a database query, so that the queue drains at once after a stall.

All workers listen on one socket. The first to wake would accept every waiting connection, such as eight
keep-alive ones, while another worker's core idles. So a worker with more open connections than another
delays its accept for a moment.
"""

import contextlib
import gc
import mmap
import socket
import time
from functools import partial
from selectors import EVENT_READ

from django.db import OperationalError
from gunicorn.workers.gthread import TConn, ThreadWorker

from socius.middleware.security_headers import HEADERS

FIRST_BYTE = 10  # seconds that a connection may be open without a request
PATIENCE = 10  # seconds in the queue
YIELD_SECONDS = 0.1  # pause of accept() in favor of another worker; short, as that one may hang
# Open connections of each worker, plus one; 0 means no worker. Shared memory, mapped before the fork.
SLOTS = 256
OPEN_CONNECTIONS = memoryview(mmap.mmap(-1, 4 * SLOTS)).cast("I")
LIVEZ = {b"GET /livez ": True, b"HEAD /livez ": False}  # {request start: response has a body}


def written_out(response, with_body=True):
    """Return a Django response as bytes, with `Connection: close`."""
    headers = {**HEADERS, **response.headers, "Content-Length": len(response.content), "Connection": "close"}
    lines = [f"HTTP/1.1 {response.status_code} {response.reason_phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + (response.content if with_body else b"")


def hang_up(client, last_words):
    """Send the response and close at once; gunicorn would block its loop until the peer closes."""
    with contextlib.suppress(OSError):
        # Closing with unread data would reset the connection and lose the response.
        client.recv(65536, socket.MSG_DONTWAIT)
        client.send(last_words, socket.MSG_DONTWAIT)
    client.close()


class Worker(ThreadWorker):
    """Gunicorn's threaded worker, which assigns a thread only when a request arrives."""

    is_counted = False  # while connections are accepted
    resumes_at = None  # time at which accepting resumes

    @property
    def nr_conns(self):
        """The number of open connections; the name is gunicorn's."""
        return self._open_connections

    @nr_conns.setter
    def nr_conns(self, number):
        self._open_connections = number
        if self.is_counted:
            OPEN_CONNECTIONS[self.age % SLOTS] = number + 1

    def run(self):
        self.is_counted, self.nr_conns = True, self.nr_conns
        try:
            super().run()
        finally:
            self.stop_counting()

    def stop_counting(self):
        """Remove a worker from the count; gunicorn.conf.py does so for a killed worker."""
        self.is_counted = False
        OPEN_CONNECTIONS[self.age % SLOTS] = 0

    def handle_exit(self, *signal):
        self.stop_counting()
        super().handle_exit(*signal)

    def has_more_than_another(self):
        mine = self.age % SLOTS
        return any(
            0 < count < OPEN_CONNECTIONS[mine] for slot, count in enumerate(OPEN_CONNECTIONS) if slot != mine
        )

    def set_accept_enabled(self, enabled):
        if self.resumes_at is None or not enabled or time.monotonic() >= self.resumes_at:
            super().set_accept_enabled(enabled)

    def wait_for_and_dispatch_events(self, timeout):
        if self.resumes_at is not None:
            timeout = min(timeout, max(self.resumes_at - time.monotonic(), 0))
        super().wait_for_and_dispatch_events(timeout)

    def load_wsgi(self):
        super().load_wsgi()
        gc.freeze()  # loaded code is permanent: exclude it from garbage collection
        from socius import errors, views  # they need Django, which is set up by now

        self.livez = {start: written_out(views.livez(None), with_body) for start, with_body in LIVEZ.items()}
        try:
            raise OperationalError
        except OperationalError:  # the overload, raised like a database failure
            self.busy = written_out(errors.server_error(None))

    def accept(self, listener):
        """Wait for the first bytes in the event loop; gunicorn would wait in a thread."""
        if self.resumes_at is None and self.has_more_than_another():
            self.resumes_at = time.monotonic() + YIELD_SECONDS
            self.set_accept_enabled(False)
            return
        self.resumes_at = None
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # accepted by another worker, or closed
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
        """Return True if the request was for /livez, which has then been answered."""
        if conn.parser and conn.parser.unreader.buf.getvalue():
            return False  # the next request is already buffered, so not on the socket
        try:
            begins = conn.sock.recv(16, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            for start, answer in self.livez.items():
                if begins.startswith(start):
                    hang_up(conn.sock, answer)
                    return True
        except OSError:
            pass  # closed, or no data yet: the thread handles it
        return False

    def handle(self, conn):
        if time.monotonic() - conn.queued_at < PATIENCE:
            return super().handle(conn)
        hang_up(conn.sock, self.busy)
        return False
