"""No page tells who has an account: neither by what it says nor by how long it takes to say it."""

import re
import statistics
import time

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from workspaces.accounts import forms
from workspaces.models import User

KNOWN = "zoe1000@bakery.example"
UNKNOWN = [f"nob{n}@bakery.example" for n in range(1000, 1100)]
WRONG = "quite other words"
ASK = {
    "sign-in": lambda client, email: client.post("/accounts/login/", {"login": email, "password": WRONG}),
    "sign-up": lambda client, email: client.post(
        "/accounts/signup/", {"name": "Z", "email": email, "password1": WRONG}, follow=True
    ),
    "reset": lambda client, email: client.post("/accounts/password/reset/", {"email": email}, follow=True),
}


@pytest.fixture
def mailed(db, settings):
    """As it is in production: addresses are confirmed by mail, and passwords hashed by Argon2."""
    settings.PASSWORD_HASHERS = ["workspaces.accounts.passwords.hashers.Argon2Hasher"]
    settings.MAIL_IS_CONFIGURED, settings.ACCOUNT_EMAIL_VERIFICATION = True, "mandatory"
    user = User.objects.create_user(KNOWN, "a few good words", name="Zoë")
    EmailAddress.objects.create(user=user, email=KNOWN, primary=True, verified=True)


def time_answer(way, email):
    """(what is said, in how many seconds), to somebody who was never here before.

    Of this process alone, so that what else the machine does at the moment is not in it.
    """
    cache.clear()
    client, begun = Client(), time.process_time()
    response = ASK[way](client, email)
    seconds = time.process_time() - begun
    page = re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", response.content.decode())
    return (response.status_code, response.redirect_chain if way != "sign-in" else [], page), seconds


@pytest.mark.parametrize("way", ASK)
def test_what_is_said_is_the_same(mailed, way):
    known_values, unknown = (time_answer(way, email)[0] for email in (KNOWN, UNKNOWN[0]))
    assert known_values[:2] == unknown[:2]
    assert known_values[2].replace(KNOWN, "…") == unknown[2].replace(UNKNOWN[0], "…")


def time_hashing():
    """In how many seconds a password is hashed: the most that a page could tell by its time."""
    begun = time.process_time()
    User().set_password(WRONG)
    return time.process_time() - begun


def difference(way, number):
    """By how many hashes the medians of the two differ; asked in turn, so that both have the same weather."""
    time_answer(way, KNOWN)  # the first one reads templates
    taken_items = [
        [time_answer(way, KNOWN)[1], time_answer(way, nobody)[1], time_hashing()]
        for nobody in UNKNOWN[:number]
    ]
    known_values, unknown, one_hash = (statistics.median(times) for times in zip(*taken_items, strict=True))
    milliseconds = [round(seconds * 1000, 1) for seconds in (known_values, unknown, one_hash)]
    print(f"{way}: known, unknown and a hash took {milliseconds} ms")
    return abs(known_values - unknown) / one_hash


@pytest.mark.security
@pytest.mark.parametrize("way", ASK)
def test_it_takes_about_the_same_time(mailed, way, reach):
    # It is the hashing that takes it: one of the two databases is looked at for long.
    assert difference(way, reach(5, 60 if connection.vendor == "sqlite" else 5)) < 0.5


@pytest.mark.security
def test_canary_without_the_hash_for_nobody_the_sign_up_tells(mailed, monkeypatch):
    monkeypatch.setattr(forms.SignUpForm, "try_save", forms.theirs.SignupForm.try_save)
    assert difference("sign-up", 5) > 0.5


def test_without_a_mail_server_the_sign_up_cannot_keep_it_and_says_so(client, db):
    """Written down where it is read by who sets it up: README, SIGN_UP."""
    User.objects.create_user(KNOWN, "a few good words")
    page = ASK["sign-up"](client, KNOWN).content.decode()
    assert "already registered" in page
    assert (
        "Without a mail server the sign-up page reveals"
        in (django_settings.BASE_DIR / "README.md").read_text()
    )


@pytest.mark.parametrize(("way", "opens"), [("open", {"open"}), ("invited", set()), ("closed", set())])
def test_who_may_make_an_account_is_a_setting(client, db, settings, way, opens):
    settings.SIGN_UP = way
    User.objects.create_user(KNOWN, "a few good words")
    page = client.get("/accounts/signup/").content.decode()
    assert ('name="password1"' in page) == (way in opens)
    assert ("Sign-up is closed" in page) != (way in opens)
    assert ("Sign up" in client.get("/accounts/login/").content.decode()) == (way in opens)
    ASK["sign-up"](client, UNKNOWN[0])
    assert User.objects.filter(email=UNKNOWN[0]).exists() == (way in opens)
