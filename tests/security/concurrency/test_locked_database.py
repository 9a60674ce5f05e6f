"""Row 20: somebody keeps the database locked, for longer than people wait, while many want to save.

Nobody may see an error of ours, the process must say that it lives, and when the lock is gone it must be
as before within two seconds.
"""

import random
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction

from crm.models import Company
from crm.viewsets import COMPANIES
from tests.support.server import database_url, served, signed_in
from workspaces.models import Membership, User

pytestmark = [pytest.mark.security, pytest.mark.django_db(transaction=True)]


@contextmanager
def locked(folder, model=Company):
    """Nothing can be saved in the block, as while another program writes or a table is rebuilt."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(folder / "served.sqlite3", isolation_level=None)) as other_item:
            other_item.execute("BEGIN IMMEDIATE")
            yield
            other_item.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {model._meta.db_table} IN ACCESS EXCLUSIVE MODE")
            yield


class Crowd:
    """Clients who each save a company, again and again until it is saved; and one who asks for life."""

    def __init__(self, server, browser, clients):
        self.server, (self.headers, self.token) = server, browser
        self.answers, self.lives, self.stop = Counter(), [], threading.Event()
        self.threads = [threading.Thread(target=self.save, args=[number]) for number in range(clients)]
        self.threads.append(threading.Thread(target=self.look))
        self.address = COMPANIES.url("create")

    def saved(self, name):
        form = urlencode({"name": name, "csrfmiddlewaretoken": self.token})
        status, headers, _page = self.server.ask(self.address, "POST", form, self.headers)
        return "not signed in" if "login" in headers.get("Location", "") else status

    def save(self, number):
        while not self.stop.is_set():
            try:
                answer = self.saved(f"Company {number}")
            except OSError as error:
                answer = repr(error)
            self.answers[answer] += 1
            if answer == 302:
                return
            self.stop.wait(random.uniform(5, 15))  # from Retry-After on, and as people differ

    def look(self):
        while not self.stop.wait(0.1):
            began = time.monotonic()
            assert self.server.ask("/livez")[0] == 200
            self.lives.append(time.monotonic() - began)

    def begin(self):
        for thread in self.threads:
            thread.start()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def wait_until_felt(crowd, canary):
    """On a machine that does other things besides it takes longer until a client has waited for too long."""
    for _second in range(20):
        if crowd.answers[503] and canary.answers[500]:
            return
        time.sleep(1)


def until_back(server, crowd):
    """Seconds until one can save and the server says that it is ready."""
    began = time.monotonic()
    while crowd.saved("After") != 302 or server.ask("/readyz")[0] != 200:
        assert time.monotonic() - began < 30, server.log()
        time.sleep(0.05)
    return time.monotonic() - began


def asked_outside(server):
    """How a page answers that is in no workspace: with patience of its own, for nobody told it any."""
    began = time.monotonic()
    status = server.ask("/accounts/login/")[0]
    assert time.monotonic() - began < 10
    return status


def test_a_locked_database_is_told_and_got_over(workspace, tmp_path, reach):
    seconds, clients = reach(4, 15), reach(20, 200)
    # What `make test` allows more is for the other things that its two cores do.
    slowest, longest = reach(2, 0.2), reach(20, 2)
    browser = signed_in(Membership.objects.get().user)
    url = database_url(tmp_path)
    with (
        served(tmp_path, url) as server,
        served(tmp_path, url, "tests.security.support.unmapped_errors") as planted,
    ):
        crowd, canary = Crowd(server, browser, clients), Crowd(planted, browser, 1)
        for item in (crowd, canary):  # awake, as they are when a lock comes
            assert item.saved("Before") == 302, server.log() + planted.log()
        try:
            with locked(tmp_path):
                crowd.begin()
                canary.begin()
                time.sleep(seconds)
                wait_until_felt(crowd, canary)
            back = until_back(server, crowd)
        finally:
            crowd.end()
            canary.end()
        with locked(tmp_path, User):
            outside = asked_outside(server)
    life = max(crowd.lives)
    print(f"{clients} clients, {dict(crowd.answers)}, /livez {life:.3f} s, back in {back:.2f} s")
    assert set(crowd.answers) <= {302, 503}
    assert crowd.answers[503], "the lock was not felt"
    assert life < slowest
    assert back < longest
    assert canary.answers[500], "an error that nobody maps was not seen"
    assert outside in ([200] if connection.vendor == "sqlite" else [503]), "readers of SQLite wait for nobody"
