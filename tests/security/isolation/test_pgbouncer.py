"""Row 5: through PgBouncer, where a connection's next transaction may be anybody's, nobody meets anybody."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import psycopg2
import pytest
from django.db import connection, connections

from crm.models import Company
from crm.tests import factories
from tools.postgresql import run_as_options
from workspaces.creation import create_workspace
from workspaces.models import User
from workspaces.tenancy.scope import activate

pytestmark = [
    pytest.mark.security,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite is in no pool"),
    pytest.mark.skipif(not shutil.which("pgbouncer"), reason="pgbouncer is not installed"),
]
CLIENTS, SERVERS = 8, 3  # fewer connections than clients, so that each gets everybody's
SETTINGS = """
[databases]
* = host={host} user={user}
[pgbouncer]
unix_socket_dir = {folder}
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = {servers}
"""


@pytest.fixture
def pooled():
    """From here on new connections to the database lead through a PgBouncer of our own."""
    folder, known_values = Path(tempfile.mkdtemp(prefix="socius-pool-", dir="/tmp")), connection.settings_dict
    settings, process = folder / "pgbouncer.ini", run_as_options()
    settings.write_text(
        SETTINGS.format(host=known_values["HOST"], user=known_values["USER"], folder=folder, servers=SERVERS)
    )
    if "user" in process:
        os.chown(folder, process["user"], process["group"])
        settings.chmod(0o644)
    with open(folder / "log", "wb") as log:
        pool = subprocess.Popen(["pgbouncer", settings], cwd=folder, stdout=log, stderr=log, **process)
    state_before = known_values["HOST"], known_values["PORT"]
    try:
        known_values["HOST"], known_values["PORT"] = str(folder), "6432"
        wait_until_it_answers(folder)
        yield
    finally:
        known_values["HOST"], known_values["PORT"] = state_before
        pool.terminate()
        pool.wait()
        shutil.rmtree(folder)


def wait_until_it_answers(folder):
    for _attempt in range(200):
        try:
            return psycopg2.connect(**connection.get_connection_params()).close()
        except psycopg2.OperationalError:
            time.sleep(0.05)
    raise AssertionError((folder / "log").read_text())


@pytest.fixture
def pair():
    results = []
    for name in ("Acme", "Other"):
        owner = User.objects.create_user(f"owner@{name.lower()}.example")
        results.append(create_workspace(owner, name))
        with activate(results[-1]):
            factories.company(name=name)
    return results


def seen():
    """Whose rows there are for the database, whatever the application believes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT workspace_id FROM crm_company")
        return {pk for (pk,) in cursor.fetchall()}


def by_transaction(place):
    """As the application does it; both walls are asked, and once it has left there is nothing to see."""
    with activate(place):
        Company.objects.update(city=place.name)
        inside = seen() == {place.pk} and {row.name for row in Company.objects.all()} == {place.name}
    return inside and seen() == set()


def by_session(place):
    """The canary: told to the session, which is not ours alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('socius.workspace_id', %s, false)", [str(place.pk)])
    return seen() == {place.pk}


def wrong(ask, places, times):
    """How many of the clients' tries were answered wrongly, all of them at the same time."""
    answers = []

    def client(number):
        try:
            answers.extend(ask(places[number % len(places)]) for _turn in range(times // CLIENTS))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=client, args=[number]) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == times // CLIENTS * CLIENTS
    return answers.count(False)


def test_through_a_pool_each_transaction_is_in_its_own_workspace(pair, pooled, reach, capsys):
    times = reach(400, 20_000)
    results = wrong(by_transaction, pair, times)
    with capsys.disabled():
        print(f"\nPgBouncer: {times * 2} transactions of {CLIENTS} clients, wrong {results}")
    assert results == 0


def test_canary_what_is_told_to_the_session_is_found_in_others(pair, pooled):
    assert wrong(by_session, pair, 400)


def test_an_export_is_streamed_through_a_pool(pair, pooled, client):
    """By a cursor of the server, which lives as long as its transaction and no longer."""
    connection.close()
    with activate(pair[0]):
        Company.objects.bulk_create(Company(name=f"Company {n}") for n in range(2_500))
    client.force_login(User.objects.get(email="owner@acme.example"))
    answer = client.get("/w/acme/crm/companies/?export=csv")
    assert b"".join(answer.streaming_content).count(b"Company ") >= 2_500
    connection.close()
