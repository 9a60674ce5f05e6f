"""A PostgreSQL that can be killed, and clients that note which of their writes were acknowledged."""

import http.client
import itertools
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import environ

from crm.viewsets import COMPANIES
from tools.postgresql import INITDB, ROLE, find_program, run_as_options, wait_until_ready

# As PostgreSQL is installed, but for the port: what is committed is on disk.
DURABLE = "--listen_addresses= --max_connections=50"


class Cluster:
    """A PostgreSQL with its durability on, which can be killed and started again on the same files."""

    def __init__(self, folder, server_settings=DURABLE):
        self.folder, self.settings, self.server = folder, server_settings, None
        self.process = {"cwd": folder, **run_as_options()}
        if "user" in self.process:
            os.chown(folder, self.process["user"], self.process["group"])
        subprocess.run(
            [find_program("initdb"), "-D", folder / "data", *INITDB],
            check=True,
            stdout=subprocess.DEVNULL,
            **self.process,
        )
        self.start()

    def start(self):
        """Start it, again and again while processes of the killed one still hold its memory."""
        for _attempt in range(20):
            with open(self.folder / "log", "ab") as log:
                self.server = subprocess.Popen(
                    [
                        find_program("postgres"),
                        "-D",
                        self.folder / "data",
                        "-k",
                        self.folder,
                        *self.settings.split(),
                    ],
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    **self.process,
                )
            try:
                return wait_until_ready(self.server, self.folder)
            except SystemExit:
                time.sleep(0.25)
        raise AssertionError((self.folder / "log").read_text()[-3000:])

    def kill_postmaster(self):
        self.server.kill()
        self.server.wait()
        self.start()

    def kill_backend(self):
        """Kill one that serves Socius; the postmaster then ends all others and recovers."""
        sql = "SELECT pid FROM pg_stat_activity WHERE usename = 'socius' ORDER BY random() LIMIT 1"
        if pid := self.ask(sql):
            os.kill(int(pid), signal.SIGKILL)

    def ask(self, sql, database="postgres"):
        psql = [find_program("psql"), "-qXAt", "-h", self.folder, "-U", "postgres", "-d", database, "-c", sql]
        return subprocess.run(psql, check=True, capture_output=True, text=True).stdout.strip()

    def fill(self, url):
        """Copy the database at `url` into this one; return its URL."""
        self.ask(ROLE)
        self.ask("CREATE DATABASE socius OWNER socius")
        host, name = environ.Env.db_url_config(url)["HOST"], url.rpartition("/")[2]
        dumping = [find_program("pg_dump"), f"--host={host}", "--username=postgres", "--format=custom", name]
        restore = [
            find_program("pg_restore"),
            f"--host={self.folder}",
            "--username=socius",
            "--dbname=socius",
        ]
        with subprocess.Popen(dumping, stdout=subprocess.PIPE) as dump:
            subprocess.run([*restore, "--no-owner", "--exit-on-error"], stdin=dump.stdout, check=True)
        assert dump.returncode == 0
        return f"postgres://socius@/{self.folder}/socius"

    def stop(self):
        self.server.send_signal(signal.SIGINT)
        self.server.wait()


@contextmanager
def cluster(server_settings=DURABLE):
    # In /tmp, whatever TMPDIR says: the path of a socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="socius-durable-", dir="/tmp"))
    started = None
    try:
        started = Cluster(folder, server_settings)
        yield started
    finally:
        if started:
            started.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Writers:
    """Clients that each save one company after another, and note which were acknowledged."""

    def __init__(self, server, browser, clients=6, log=None):
        self.server, (self.headers, self.token), self.log = server, browser, log
        self.acknowledged, self.answers, self.stop = {}, Counter(), threading.Event()
        self.number, self.address = itertools.count(1), COMPANIES.url("create")
        self.threads = [threading.Thread(target=self.write) for _ in range(clients)]

    def write(self):
        """Save until told to stop, on a connection that is kept alive as long as it holds."""
        with closing(
            http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        ) as http_connection:
            while not self.stop.is_set():
                try:
                    self.save(http_connection, f"Durable {next(self.number)}")
                except (OSError, http.client.HTTPException) as error:
                    self.answers[type(error).__name__] += 1
                    http_connection.close()  # the next request connects anew
                    self.stop.wait(0.02)

    def save(self, http_connection, name):
        form = urlencode({"name": name, "csrfmiddlewaretoken": self.token})
        http_connection.request("POST", self.address, form, self.headers)
        with http_connection.getresponse() as answer:
            answer.read()
        self.answers[answer.status] += 1
        if answer.status == 302 and "login" not in answer.headers["Location"]:
            # With how much was written by then, for cuts of the power.
            self.acknowledged[name] = self.log and os.path.getsize(self.log)
        else:
            self.stop.wait(0.05)

    def wait_for(self, count, seconds=600):
        """Until so many more are acknowledged."""
        aim, last = len(self.acknowledged) + count, time.monotonic() + seconds
        while len(self.acknowledged) < aim:
            assert time.monotonic() < last, (dict(self.answers), self.server.log()[-3000:])
            time.sleep(0.01)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def workers_of(server):
    """[pid] of the processes of gunicorn that answer."""
    pid = server.process.pid
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_worker(server):
    if workers := workers_of(server):
        os.kill(random.choice(workers), signal.SIGKILL)
