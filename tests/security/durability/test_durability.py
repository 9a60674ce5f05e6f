"""Row 18: a write that was acknowledged is there after processes were killed and after a power cut.

Acknowledged is a save whose answer, a redirect, the client has received.
"""

import json
import random
import shutil
import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from crm.models import Company
from tests.security.support.databases import durability, power_cuts
from tests.support.server import database_url, served, signed_in
from workspaces.models import Membership

pytestmark = [pytest.mark.security, pytest.mark.django_db(transaction=True)]
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has its own")
on_postgresql = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has its own")
PROBED = "tests.security.support.databases.connection_probe"
TABLE = Company._meta.db_table
WRITES = 800  # acknowledged before each of 20 kills and after them: with three tests, 50,400


@pytest.fixture
def browser(workspace):
    return signed_in(Membership.objects.get().user)


def names_in(path):
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {name for (name,) in database.execute(f"SELECT name FROM {TABLE}")}  # noqa: S608


def names_on(cluster):
    return {*cluster.ask(f"SELECT name FROM {TABLE}", "socius").splitlines()}  # noqa: S608


def report(what, writers, rounds, lost, capsys):
    with capsys.disabled():
        print(f"\n{what}: {rounds} times, {len(writers.acknowledged)} acknowledged, {len(lost)} lost")


# Set-up of connections


@on_sqlite
def test_sqlite_is_served_with_its_durability_on(workspace, tmp_path):
    assert settings_of(tmp_path, database_url(tmp_path)) == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL: with NORMAL a power cut takes what was acknowledged
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "takes_lock_at_begin": True,
    }


@on_postgresql
def test_postgresql_is_served_with_its_durability_and_limits_on(browser, tmp_path):
    with durability.cluster() as cluster:
        url = cluster.fill(database_url(tmp_path))
        assert settings_of(tmp_path, url) == {
            "synchronous_commit": "on",
            "fsync": "on",
            "full_page_writes": "on",
            "statement_timeout": "5s",
            "lock_timeout": "3s",
            "row_security": "on",
            "is_superuser": "off",
        }


def settings_of(folder, url, **environment):
    with served(folder, url, PROBED, **environment) as server:
        return json.loads(server.ask("/probe")[2])


@pytest.mark.thorough
def test_canary_a_weaker_setting_is_seen(workspace, tmp_path):
    if connection.vendor == "sqlite":
        values = settings_of(tmp_path, database_url(tmp_path), SYNCHRONOUS="NORMAL")
        assert values["synchronous"] == 1
    else:
        with durability.cluster() as cluster:
            values = settings_of(tmp_path, cluster.fill(database_url(tmp_path)), SYNCHRONOUS="off")
            assert values["synchronous_commit"] == "off"


# Killed processes


def test_what_is_acknowledged_outlives_killed_workers(browser, tmp_path, reach, capsys):
    rounds, item = reach(2, 20), reach(20, WRITES)
    if connection.vendor == "sqlite":
        url = database_url(tmp_path)
        with served(tmp_path, url) as server, durability.Writers(server, browser) as writers:
            kill_while_writing(lambda: durability.kill_worker(server), writers, rounds, item)
        stored = names_in(tmp_path / "served.sqlite3")
    else:
        with durability.cluster() as cluster:
            url = cluster.fill(database_url(tmp_path))
            with served(tmp_path, url) as server, durability.Writers(server, browser) as writers:
                kill_while_writing(lambda: durability.kill_worker(server), writers, rounds, item)
            stored = names_on(cluster)
    lost = writers.acknowledged.keys() - stored
    report(f"workers killed, {connection.vendor}", writers, rounds, lost, capsys)
    assert not lost


def kill_while_writing(kill, writers, rounds, each):
    """Kill in the midst of writes, and see each time that it goes on."""
    for _round in range(rounds):
        writers.wait_for(each)
        kill()
    writers.wait_for(each)


@on_postgresql
def test_what_is_acknowledged_outlives_a_killed_postgresql(browser, tmp_path, reach, capsys):
    rounds, item = reach(2, 20), reach(20, WRITES)
    writers, stored = killed_postgresql(browser, tmp_path, rounds, item, durability.DURABLE)
    lost = writers.acknowledged.keys() - stored
    report("PostgreSQL killed", writers, rounds, lost, capsys)
    assert not lost


@pytest.mark.thorough
@on_postgresql
def test_canary_without_synchronous_commit_a_killed_postgresql_loses_some(browser, tmp_path):
    weaker = f"{durability.DURABLE} --synchronous_commit=off --wal_writer_delay=10s"
    writers, stored = killed_postgresql(browser, tmp_path, 3, 30, weaker)
    assert writers.acknowledged.keys() - stored


def killed_postgresql(browser, folder, rounds, each, server_settings):
    """(the writers, names stored) after its postmaster and a backend were killed in turns."""
    with durability.cluster(server_settings) as cluster:
        kills = [cluster.kill_postmaster, cluster.kill_backend]
        url = cluster.fill(database_url(folder))
        with served(folder, url) as server, durability.Writers(server, browser) as writers:
            for number in range(rounds):
                writers.wait_for(each)
                kills[number % 2]()
            writers.wait_for(each)
            cluster.kill_postmaster()
        return writers, names_on(cluster)


# Power cuts


@on_sqlite
def test_what_is_acknowledged_outlives_a_power_cut(browser, tmp_path, reach, capsys):
    writers, log = recorded_writes(browser, tmp_path, reach(60, 2000))
    rounds = reach(4, 10)
    lost = lost_by_cuts(writers, log, tmp_path, rounds)
    report("power cut, SQLite", writers, rounds, lost, capsys)
    assert not lost


@pytest.mark.thorough
@on_sqlite
def test_canary_with_synchronous_normal_a_power_cut_loses_some(browser, tmp_path):
    writers, log = recorded_writes(browser, tmp_path, 60, SYNCHRONOUS="NORMAL")
    assert lost_by_cuts(writers, log, tmp_path, 4)


def recorded_writes(browser, folder, count, **environment):
    """(the writers, the log of what SQLite wrote and synced for them)."""
    url, log = database_url(folder), folder / "record"
    shutil.copy(folder / "served.sqlite3", folder / "before.sqlite3")
    environment |= {"RECORD": str(log), "WEB_CONCURRENCY": "1"}  # one process: one order of all writes
    application = "tests.security.support.databases.sqlite_recorder"
    with (
        served(folder, url, application, **environment) as server,
        durability.Writers(server, browser, clients=3, log=log) as writers,
    ):
        writers.wait_for(count)
    return writers, log


def lost_by_cuts(writers, log, folder, rounds):
    """{(cut, name)} of what was acknowledged before a cut and is not on the disk after it."""
    chance = random.Random(1)
    acknowledged = sorted((place, name) for name, place in writers.acknowledged.items())
    places = sorted(chance.choices([place for place, _ in acknowledged], k=rounds))
    files, lost = power_cuts.Disk(), set()
    files.synced[str(folder / "served.sqlite3")] = bytearray((folder / "before.sqlite3").read_bytes())
    for end, *step in power_cuts.records(log):
        while places and end > places[0]:
            lost |= lost_by_cut(files, acknowledged, places.pop(0), folder, chance)
        files.add(*step)
    return lost


def lost_by_cut(files, acknowledged, place, folder, chance):
    """Rebuild the files as of one cut: without any unsynced sector, and with some of them."""
    lost = set()
    for sample in (None, chance):
        image = folder / f"image-{place}-{sample is None}"
        image.mkdir(exist_ok=True)
        files.image(image, sample)
        stored = names_in(image / "served.sqlite3")
        lost |= {(place, name) for existing, name in acknowledged if existing <= place and name not in stored}
        shutil.rmtree(image)
    return lost
