"""Connections spread over gunicorn's workers, whoever wakes first."""

import http.client
import os
import signal
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.support.server import database_url, served

CONNECTIONS = 8


def worker_ids(server):
    """The process ids of the server's workers."""
    main = server.process.pid
    return [int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text().split()]


def connections_by_worker(server):
    """{process id: number of connections to the server's port that the worker has open}."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {
        line[9] for line in lines if line[1].endswith(f":{server.port:04X}") and line[3] == "01"
    }  # established
    counts = {}
    for pid in worker_ids(server):
        links = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
        counts[pid] = sum(f"socket:[{inode}]" in links for inode in inodes)
    return counts


def keep_open(server, stack, number):
    """Open keep-alive connections, each with a request, all at once."""
    clients = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=60) for _ in range(number)]
    for client in clients:
        stack.enter_context(closing(client))
        client.request("GET", "/help/lead-lifecycle/")
    for client in clients:
        client.getresponse().read()


def wait_for_workers(server):
    """Wait until both workers take connections; one answers seconds before the other."""
    for _attempt in range(300):
        with ExitStack() as stack:
            keep_open(server, stack, CONNECTIONS)
            counts = connections_by_worker(server).values()
        if len(counts) == 2 and all(counts):
            return
        time.sleep(0.1)
    raise AssertionError(server.log())


@pytest.mark.django_db(transaction=True)
def test_keep_alive_connections_spread_over_the_workers(workspace, tmp_path):
    with served(tmp_path, database_url(tmp_path)) as server:
        wait_for_workers(server)
        rounds = []
        for _round in range(10):
            with ExitStack() as stack:
                keep_open(server, stack, CONNECTIONS)
                counts = connections_by_worker(server)
            assert len(counts) == 2 and sum(counts.values()) == CONNECTIONS, counts
            rounds.append(max(counts.values()))
            time.sleep(0.1)
        # On a busy machine a worker may not come to run for a while: then the other one serves.
        assert sorted(rounds)[6] <= CONNECTIONS // 2 + 1, rounds


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_hangs_or_was_killed_leaves_no_connection_waiting(workspace, tmp_path):
    with served(tmp_path, database_url(tmp_path)) as server, ExitStack() as stack:
        wait_for_workers(server)
        keep_open(server, stack, 2)
        stopped, _other = worker_ids(server)
        os.kill(stopped, signal.SIGSTOP)
        for _try in range(
            4
        ):  # those that the one that runs has already are no reason to leave it to the other
            started = time.monotonic()
            assert server.ask("/livez", timeout=10)[0] == 200
            assert time.monotonic() - started < 2
        os.kill(stopped, signal.SIGKILL)
        wait_for_workers(server)
