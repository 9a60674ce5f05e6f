"""The write lock of a workspace: taken before anything is read, and held by nobody who is slow."""

import socket
import threading
import time
from contextlib import closing
from urllib.parse import urlencode

import pytest
from django.db import OperationalError, connection, connections, transaction

from crm.models import Company
from crm.viewsets import COMPANIES
from tests.support.server import database_url, served, signed_in
from workspaces.models import Membership
from workspaces.tenancy import db_session, write_queue
from workspaces.tenancy.scope import activate, lock_workspace_writes, try_lock_workspace_writes
from workspaces.tenancy.write_queue import WriteQueue

on_postgresql = pytest.mark.skipif(
    "connection.vendor == 'sqlite'", reason="SQLite writes one transaction at a time anyway"
)
KEY_OF_ACME = -3725410730824393032


def in_another_session(workspace, function):
    """The answer of a function in a transaction of the workspace on a connection of its own."""
    answers = []

    def run():
        try:
            with transaction.atomic(), activate(workspace):
                answers.append(function())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    return answers[0]


def test_the_key_is_the_slugs_alone_and_fits_the_database():
    keys = {db_session.write_lock_key(slug) for slug in ("acme", "acme-2", "a", "z" * 40)}
    assert len(keys) == 4 and all(-(2**63) <= key < 2**63 for key in keys)
    # Stable across processes and releases: two of them must not hold two locks.
    assert db_session.write_lock_key("acme") == KEY_OF_ACME


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_one_transaction_of_a_workspace_has_it(workspace, other_workspace):
    with transaction.atomic(), activate(workspace):
        lock_workspace_writes()
        assert not in_another_session(workspace, try_lock_workspace_writes)
        assert in_another_session(other_workspace, try_lock_workspace_writes)
    assert in_another_session(workspace, try_lock_workspace_writes)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_lock_without_a_transaction_is_refused(workspace):
    with pytest.raises(transaction.TransactionManagementError):
        lock_workspace_writes()


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_an_unsafe_request_waits_for_it_and_a_page_does_not(sign_in, workspace, monkeypatch, quiet):
    monkeypatch.setitem(db_session.WRITE_LOCK_PATIENCE, "lock_timeout", "200ms")
    client, other_item = sign_in(workspace), connection.copy()
    client.raise_request_exception = False
    key = db_session.write_lock_key(workspace.slug)
    with closing(other_item), other_item.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        assert client.get(COMPANIES.url("list")).status_code == 200
        response = client.post(COMPANIES.url("create"), {"name": "Acme"})
        assert response.status_code == 503 and response["Retry-After"]
    assert not Company.objects.exists()
    assert client.post(COMPANIES.url("create"), {"name": "Acme"}).status_code == 302


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_the_wait_has_a_limit_of_its_own_and_the_request_has_its_own_again(workspace):
    def settings():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
            return cursor.fetchone()

    with db_session.session_settings(db_session.PATIENCE, has_savepoint=True, write_lock="acme"):
        assert settings() == ("3s", "5s")


def test_no_more_than_some_requests_of_a_workspace_wait(monkeypatch):
    monkeypatch.setattr(write_queue, "PATIENCE_SECONDS", 0.05)
    room = WriteQueue()
    with room.place("acme"), room.place("acme"), room.place("acme"):
        with room.place("other"):
            pass
        with pytest.raises(OperationalError), room.place("acme"):
            pass
    with room.place("acme"):
        pass
    assert not room.counts


def test_who_waits_for_a_place_gets_the_next_one(monkeypatch):
    monkeypatch.setattr(write_queue, "PLACES", 2)
    room = WriteQueue()
    entered = threading.Event()

    def enter():
        with room.place("acme"):
            entered.set()

    with room.place("acme"):
        with room.place("acme"):
            thread = threading.Thread(target=enter)
            thread.start()
            assert not entered.wait(0.1)
        assert entered.wait(5)
    thread.join()


def begin_slowly(server, path, headers, body):
    """Send a form but for its last byte, and return the connection."""
    sock = socket.create_connection(("127.0.0.1", server.port))
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    sock.sendall("\r\n".join([*lines, "", ""]).encode() + body[:-1])
    return sock


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_multipart", [False, True])
def test_a_slow_sender_holds_no_lock(workspace, tmp_path, is_multipart):
    headers, token = signed_in(Membership.objects.get().user)
    path = COMPANIES.url("create")
    fields = {"csrfmiddlewaretoken": token, "name": "Slow"}
    slow, body = headers, urlencode(fields).encode()
    if is_multipart:
        start = '--b\r\nContent-Disposition: form-data; name="'
        parts = [f'{start}{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
        slow = headers | {"Content-Type": "multipart/form-data; boundary=b"}
        body = "".join([*parts, "--b--"]).encode()
    with (
        served(tmp_path, database_url(tmp_path)) as server,
        closing(begin_slowly(server, path, slow, body)) as sock,
    ):
        time.sleep(0.5)
        began = time.monotonic()
        form = urlencode({"csrfmiddlewaretoken": token, "name": "Quick"})
        assert server.ask(path, "POST", form, headers)[0] == 302
        assert time.monotonic() - began < 3
        sock.sendall(body[-1:])
        assert b" 302 " in sock.recv(100), "and the slow one is saved in the end"


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=\xff"])
def test_a_broken_body_has_its_page(sign_in, workspace, kind):
    client = sign_in(workspace)
    response = client.generic("POST", COMPANIES.url("create"), b"--x\r\nbroken", kind)
    assert response.status_code == 400 and "We couldn’t process that request" in response.content.decode()


def test_a_body_that_is_too_large_has_its_page(sign_in, workspace, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    client = sign_in(workspace)
    response = client.post(COMPANIES.url("create"), {"name": "x" * 2000})
    assert response.status_code == 413


@pytest.mark.django_db(transaction=True)
def test_the_mail_server_is_asked_after_the_lock_is_released(sign_in, workspace, settings, monkeypatch):
    settings.MAIL_IS_CONFIGURED = True
    free = []

    def send(*args, **options):
        free.append(in_another_session(workspace, try_lock_workspace_writes))

    client = sign_in(workspace, "admin")
    monkeypatch.setattr(
        "workspaces.members.invitations.get_adapter", lambda: type("Adapter", (), {"send_mail": send})
    )
    response = client.post("/w/acme/members/invite/", {"email": "new@acme.example"})
    assert response.status_code == 302 and free == [True]
