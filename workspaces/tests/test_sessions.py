"""How long somebody stays signed in, where, and how that ends."""

import subprocess
import sys

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from workspaces.accounts.known_browsers import COOKIE_NAME
from workspaces.accounts.message_storage import OwnCookie
from workspaces.accounts.sessions.timeout import BEGUN
from workspaces.models import User

PASSWORD = "a few good words"
PAGE = "/accounts/2fa/"
HOUR, DAY = 3600, 86400


@pytest.fixture
def zoe(db):
    return User.objects.create_user("zoe@bakery.example", PASSWORD, name="Zoë")


def signed_in(zoe, **headers):
    client = Client(headers=headers)
    answers = {"login": zoe.email, "password": PASSWORD, "remember": "on"}
    assert client.post("/accounts/login/", answers).status_code == 302
    return client


def is_in(client):
    return client.get(PAGE).status_code == 200


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def test_twelve_hours_without_use_end_it(zoe, clock):
    client = signed_in(zoe)
    clock.shift(12 * HOUR - 1)
    assert is_in(client)
    clock.shift(12 * HOUR - 1)
    assert is_in(client), "each use begins them anew"
    clock.shift(12 * HOUR + 300)
    response = client.get(PAGE, follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/")
    assert "You’ve been signed out for security" in response.content.decode()
    assert not Session.objects.exists(), "gone on the server too, not only in the browser"


def test_fourteen_days_end_it_however_busy_it_was(zoe, clock):
    client, hours = signed_in(zoe), 0
    while is_in(client):
        clock.shift(8 * HOUR)
        hours += 8
    assert hours == 14 * 24


def test_a_session_costs_no_write_but_every_few_minutes(zoe, clock):
    client = signed_in(zoe)
    is_in(client)

    def writes():
        with CaptureQueriesContext(connection) as queries:
            assert is_in(client)
        return [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]

    assert writes() == []
    clock.shift(301)
    assert len(writes()) == 2
    assert UserSession.objects.get().last_seen_at == timezone.now()
    assert writes() == []


def test_a_session_from_before_the_limits_begins_now(zoe, clock):
    client = signed_in(zoe)
    session = client.session
    for name in list(session.keys()):
        if name.endswith("_at"):
            del session[name]
    session.save()
    assert is_in(client)
    assert BEGUN in client.session


def test_each_session_is_listed_and_one_of_them_is_ended_at_once(zoe):
    location, existing = signed_in(zoe, user_agent="Here"), signed_in(zoe, user_agent="There")
    page = location.get("/accounts/sessions/").content.decode()
    assert "Here" in page and "There" in page and page.count("/end/") == 1
    theirs = UserSession.objects.get(user_agent="There")
    expected = f"/accounts/sessions/{theirs.pk}/end/"
    assert location.post(expected).url.startswith("/accounts/reauthenticate/")
    assert is_in(existing)
    location.post("/accounts/reauthenticate/", {"password": PASSWORD})
    location.post(expected)
    assert not is_in(existing) and is_in(location)


def test_nobody_ends_somebody_elses_session(zoe):
    client = signed_in(zoe)
    other_item = User.objects.create_user("bea@bakery.example", PASSWORD, name="Bea")
    signed_in(other_item)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    theirs = UserSession.objects.get(user=other_item)
    assert client.post(f"/accounts/sessions/{theirs.pk}/end/").status_code == 404
    assert UserSession.objects.filter(pk=theirs.pk).exists()


def test_signing_out_everywhere_else_wants_the_password(zoe):
    location, existing = signed_in(zoe), signed_in(zoe)
    assert location.post("/accounts/sessions/").url.startswith("/accounts/reauthenticate/")
    assert is_in(existing)
    location.post("/accounts/reauthenticate/", {"password": PASSWORD})
    location.post("/accounts/sessions/")
    assert not is_in(existing) and is_in(location)


def test_a_new_password_ends_all_others_and_this_one_goes_on(zoe):
    location, existing = signed_in(zoe), signed_in(zoe)
    new = {"oldpassword": PASSWORD, "password1": "other good words", "password2": "other good words"}
    location.post("/accounts/password/change/", new)
    assert is_in(location) and not is_in(existing)


def test_the_key_changes_with_each_sign_in_and_each_proof_of_who_it_is(zoe):
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = session.session_key
    client.post("/accounts/login/", {"login": zoe.email, "password": PASSWORD})
    first = client.session.session_key
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    second = client.session.session_key
    assert len({planted, first, second}) == 3
    assert not Session.objects.filter(pk__in=[planted, first]).exists()
    assert is_in(client)
    assert [row.session_key for row in UserSession.objects.all()] == [second], "the list knows it still"


def test_signing_out_empties_the_browsers_cache_of_our_pages(zoe):
    assert signed_in(zoe).post("/accounts/logout/", secure=True)["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in signed_in(zoe).post("/accounts/logout/")
    assert not Session.objects.exists()


def test_each_cookie_is_of_this_very_host_and_out_of_reach_of_scripts(zoe):
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    answers = {"login": zoe.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    client.post("/accounts/login/", answers)
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    client.post("/accounts/logout/", {"csrfmiddlewaretoken": token})
    ours = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, OwnCookie.cookie_name, COOKIE_NAME}
    assert set(client.cookies) == ours
    for cookie in client.cookies.values():
        assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax"), cookie
        assert cookie["httponly"] or not cookie.value, cookie


@pytest.mark.parametrize(("proxies", "prefix"), [("1", "__Host-"), ("0", "")])
def test_over_https_the_names_of_cookies_say_so_to_the_browser(proxies, prefix):
    """In a process of its own: the names are settled when the settings are read."""
    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "COOKIE_PREFIX"]
    names += ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"]
    program = f"import socius.settings as read; print(*(getattr(read, name) for name in {names}))"
    environment = {"TRUSTED_PROXIES": proxies, "SECRET_KEY": "for this test only, and long enough"}
    run = [sys.executable, "-c", program]
    read = subprocess.run(run, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
    is_secure = str(bool(prefix))
    assert read.stdout.rstrip("\n").split(" ") == [
        f"{prefix}sessionid",
        f"{prefix}csrftoken",
        prefix,
        is_secure,
        is_secure,
    ]
