"""A database that answers and cannot be written, or that lacks migrations, is named as what it is."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from tests.support.server import database_url, served
from workspaces import checks, health
from workspaces.accounts.cache_backend import CountingCache
from workspaces.models import User

PASSWORD = "a few good words"
# Without the cache of the tests: the one that is a table is what fails.
# Root writes what is read-only by these.
WITHOUT_PRIVILEGES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
IN_TABLE = {"CACHE_URL": "", "LOGS": "json"}


@pytest.fixture(autouse=True)
def fresh_check(monkeypatch):
    monkeypatch.setattr(health, "_last_check", (0.0, ""))


def sign_in(server):
    """POST the sign-in form with the right password; the status."""
    _status, headers, page = server.ask("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.decode())[1]
    sent_data = {"Cookie": headers["Set-Cookie"].partition(";")[0]}
    sent_data["Content-Type"] = "application/x-www-form-urlencoded"
    answers = {"login": "zoe@bakery.example", "password": PASSWORD, "csrfmiddlewaretoken": token}
    return server.ask("/accounts/login/", "POST", urlencode(answers), sent_data)[0]


def make_cache_table(url):
    command = [sys.executable, "manage.py", "createcachetable"]
    subprocess.run(
        command, cwd=settings.BASE_DIR, env={**os.environ, "DATABASE_URL": url, "CACHE_URL": ""}, check=True
    )


@contextmanager
def read_only_postgresql(url):
    """Every new connection to the database is read-only, and there are none from before."""
    name = url.rpartition("/")[2].partition("?")[0]
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND pid <> pg_backend_pid()",
            [name],
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')


def make_read_only_sqlite(folder):
    """Files as they are while a server uses them, which may be read only."""
    with closing(sqlite3.connect(folder / "served.sqlite3")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA user_version = 1")
        database.commit()
        for name in ("served.sqlite3", "served.sqlite3-wal", "served.sqlite3-shm"):
            shutil.copy(folder / name, folder / f"kept-{name}")
    for name in ("served.sqlite3", "served.sqlite3-wal", "served.sqlite3-shm"):
        (folder / f"kept-{name}").rename(folder / name)
        (folder / name).chmod(0o400)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has its own")
@pytest.mark.django_db(transaction=True)
def test_a_read_only_postgresql_answers_503_and_says_so(workspace, tmp_path):
    User.objects.create_user("zoe@bakery.example", PASSWORD)
    url = database_url(tmp_path)
    make_cache_table(url)
    with served(tmp_path, url, **IN_TABLE) as server:
        assert server.ask("/readyz")[0] == 200
        with read_only_postgresql(url):
            assert sign_in(server) == 503
            time.sleep(health.RECHECK_SECONDS)
            status, _headers, body = server.ask("/readyz")
        lines = [json.loads(line) for line in server.log().splitlines()]
    assert (status, body) == (503, b"the database cannot be written (25006)")
    assert any(line["level"] == "ERROR" and "25006" in json.dumps(line) for line in lines)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has its own")
@pytest.mark.django_db(transaction=True)
def test_a_read_only_sqlite_file_answers_503_and_says_so(workspace, tmp_path):
    User.objects.create_user("zoe@bakery.example", PASSWORD)
    url = database_url(tmp_path)
    make_cache_table(url)
    make_read_only_sqlite(tmp_path)
    with served(tmp_path, url, prefix=WITHOUT_PRIVILEGES, **IN_TABLE) as server:
        assert sign_in(server) == 503
        status, _headers, body = server.ask("/readyz")
        lines = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    assert (status, body) == (503, b"the database cannot be written (SQLITE_READONLY)")
    assert any(line["level"] == "ERROR" and "SQLITE_READONLY" in json.dumps(line) for line in lines)


@pytest.mark.django_db(transaction=True)
def test_ready_is_said_by_ip_address_as_well(workspace, tmp_path):
    with served(tmp_path, database_url(tmp_path), TRUSTED_PROXIES="1", ALLOWED_HOSTS="crm.example") as server:
        for path in ("/livez", "/readyz"):
            status, _headers, body = server.ask(path, headers={"Host": "10.1.2.3"})
            assert (status, body) == (200, b"ok")
        assert server.ask("/accounts/login/", headers={"Host": "10.1.2.3"})[0] == 400


def test_migrations_that_are_not_applied_are_named(client, db):
    assert client.get("/readyz").content == b"ok"
    name = "0001_squashed_0006_keys_and_search"
    MigrationRecorder(connection).record_unapplied("crm", name)
    (warning,) = checks.check_migrations(connection)
    assert f"crm.{name}" in warning.msg and "migrate" in warning.hint
    health._last_check = (0.0, "")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.content == f"1 migrations not applied, first crm.{name}: run manage.py migrate".encode()


def test_ready_asks_the_database_little(client, db, django_assert_max_num_queries):
    client.get("/readyz")
    with django_assert_max_num_queries(1):  # what else it looks at holds for some seconds
        assert client.get("/readyz").status_code == 200


def test_a_start_names_the_migrations_that_are_not_applied(tmp_path):
    url = f"sqlite:///{tmp_path}/empty.sqlite3"
    with served(tmp_path, url) as server:
        assert "workspaces.W007" in server.log() and "manage.py migrate" in server.log()
        status, _headers, body = server.ask("/readyz")
    assert status == 503 and b"migrate" in body


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has its own")
@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_told_from_a_limit():
    """SQLite refuses to grow beyond a number of pages with the same error as where the disk is full."""
    cache = CountingCache("socius_cache", {})
    call_command("createcachetable", "socius_cache", verbosity=0)
    assert cache.add("a", 1) and not cache.add("a", 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # no pages that earlier tests have left free
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        try:
            with pytest.raises(OperationalError):
                for number in range(1000):
                    assert cache.add(f"key-{number}", "x" * 5000)
        finally:
            cursor.execute("PRAGMA max_page_count = 1000000000")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has its own")
@pytest.mark.django_db(transaction=True)
def test_the_files_of_sqlite_are_their_owners_only(workspace, tmp_path):
    url = database_url(tmp_path)
    (tmp_path / "served.sqlite3").chmod(0o644)
    with served(tmp_path, url) as server:
        assert server.ask("/accounts/login/")[0] == 200
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("served.sqlite3*")}
    assert set(modes.values()) == {0o600} and "served.sqlite3-wal" in modes, modes
