"""Failures after the commit do not turn the response into an error."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.models.signals import post_save
from django.test import Client
from django.urls import reverse

from crm.models import Person
from crm.viewsets import PEOPLE
from workspaces.accounts.sessions.timeout import SEEN
from workspaces.models import Invitation


@pytest.fixture
def ends_while_saving():
    def end(**signal):
        Session.objects.all().delete()

    post_save.connect(end, sender=Person)
    yield
    post_save.disconnect(end, sender=Person)


@pytest.fixture
def due(sign_in, workspace):
    """A client whose next request saves its session."""
    client = sign_in(workspace, "admin and sales staff")
    client.get(PEOPLE.url("list"))
    session = client.session
    session[SEEN] -= 600
    session.save()
    return client


def test_a_save_while_the_user_signs_out_elsewhere_is_acknowledged(due, ends_while_saving):
    response = due.post(PEOPLE.url("create"), {"name": "Ada"})
    assert Person.objects.filter(name="Ada").exists()
    assert response.status_code == 302 and not due.cookies["sessionid"].value
    assert due.get(PEOPLE.url("list")).status_code == 302


def test_a_session_that_cannot_be_stored_does_not_deny_a_save(due, monkeypatch, caplog):
    def save(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(SessionStore, "save", save)
    assert due.post(PEOPLE.url("create"), {"name": "Ada"}).status_code == 302
    assert Person.objects.filter(name="Ada").exists() and "could not be stored" in caplog.text
    due.raise_request_exception = False
    assert due.get(PEOPLE.url("list")).status_code == 503


def test_an_error_after_the_commit_does_not_deny_it(due, monkeypatch, caplog):
    monkeypatch.setattr("workspaces.members.invitation_views.send", lambda *args: 1 / 0)
    response = due.post(reverse("members:invite"), {"email": "ben@example.org"})
    assert response.status_code == 302 and "ZeroDivisionError" in caplog.text
    assert Invitation.objects.get().email == "ben@example.org"


def test_pages_are_read_while_the_database_takes_no_writes(due, caplog):
    def refuse(execute, sql, params, is_many, context):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            raise OperationalError("attempt to write a readonly database")
        return execute(sql, params, is_many, context)

    seen_values = due.session[SEEN]
    with connection.execute_wrapper(refuse):
        assert due.get(PEOPLE.url("list")).status_code == 200
    assert due.session[SEEN] == seen_values and "could not be noted" in caplog.text


def test_what_waits_for_the_commit_is_dropped_with_a_rollback(due, settings, mailoutbox):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.security.durability.test_rollback.answer_with_500"]
    client = Client(raise_request_exception=False)
    client.cookies = due.cookies
    response = client.post(reverse("members:invite"), {"email": "ben@example.org"})
    assert (response.status_code, Invitation.objects.exists(), mailoutbox) == (503, False, [])
    assert "ben@example.org" not in due.get(reverse("members:list")).content.decode()
