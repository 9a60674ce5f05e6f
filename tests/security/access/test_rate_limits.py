"""Row 15: of wrong passwords an account takes five in five minutes, over all workers and addresses."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlencode

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from socius import settings as production
from tests.support.server import database_url, served
from workspaces.accounts import adapter
from workspaces.accounts.known_browsers import COOKIE_NAME
from workspaces.accounts.passwords import hashers
from workspaces.models import User

pytestmark = pytest.mark.security
SIGN_IN = "/accounts/login/"
RIGHT, WRONG = "a few good words", "quite other words"
PROXIES = {"TRUSTED_PROXIES": "2", "ALLOWED_HOSTS": "127.0.0.1,localhost"}  # and so the site is https


@pytest.fixture
def zoe(transactional_db):
    user = User.objects.create(email="zoe@bakery.example", name="Zoë")
    user.password = hashers.Argon2Hasher().encode(RIGHT, "a salt of some length")
    user.save()
    return user


@pytest.fixture
def gunicorn(zoe, tmp_path):
    """gunicorn(**environment) -> Socius with four workers, on the database that has Zoë in it."""
    call_command("createcachetable", "socius_cache", verbosity=0)
    with ExitStack() as running:
        yield lambda **environment: running.enter_context(
            served(tmp_path, database_url(tmp_path), WEB_CONCURRENCY="4", **PROXIES, **environment)
        )


def tries(server, number, source, email="zoe@bakery.example"):
    """{status: how often} of `number` wrong passwords, eight at a time, with what `source` says."""
    https = {"X-Forwarded-Proto": "https", "Host": "127.0.0.1"}
    _, headers, page = server.ask(SIGN_IN, headers=https | source(0))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.decode())[1]
    cookie = headers["Set-Cookie"].partition(";")[0]
    form = urlencode({"login": email, "password": WRONG, "csrfmiddlewaretoken": token})
    https |= {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}

    def one(n):
        headers = https | source(n)
        headers["Referer"] = f"https://{headers['Host']}/"
        return server.ask(SIGN_IN, "POST", form, headers)[0]

    with ThreadPoolExecutor(8) as at_once:
        return Counter(at_once.map(one, range(number)))


def everywhere(n):
    """Each try from another address, by way of two proxies, under another name and port of ours."""
    hosts = ["127.0.0.1", "localhost", f"127.0.0.1:{1000 + n}"]
    return {"X-Forwarded-For": f"203.0.113.{n % 250}, 10.0.0.1", "Host": hosts[n % 3]}


def one_network(n):
    """Each try from another address of one IPv6 network, as any visitor has it."""
    return {"X-Forwarded-For": f"2001:db8:0:1::{n + 1:x}, 10.0.0.1"}


def test_over_four_workers_and_many_addresses_an_account_takes_five(gunicorn, reach):
    server, number = gunicorn(CACHE_URL=""), reach(40, 400)
    results = tries(server, number, everywhere)
    print(f"{number} wrong passwords, 4 workers: {results[200]} looked at, {results[429]} refused")
    assert results[200] <= 5 and results[200] + results[429] == number
    results = tries(server, number, one_network, email="nobody@bakery.example")
    assert results[200] <= 5 and results[200] + results[429] == number, "the same where there is no account"


def test_canary_counted_by_each_process_for_itself_there_are_more(gunicorn):
    results = tries(gunicorn(CACHE_URL="locmemcache://"), 60, everywhere)
    assert results[200] > 5, results


# One process will do for the rest


@pytest.fixture
def known(db):
    return User.objects.create_user("zoe@bakery.example", RIGHT, name="Zoë")


def wrong(client, n=0, **differences):
    answers = {"login": "zoe@bakery.example", "password": WRONG, **differences}
    return client.post(SIGN_IN, answers, REMOTE_ADDR=f"203.0.113.{n}").status_code


def test_one_network_counts_as_one_visitor_however_many_addresses_it_has(client, known, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    statuses = [
        client.post(
            SIGN_IN,
            {"login": f"{n}@bakery.example", "password": WRONG},
            headers={"X-Forwarded-For": f"2001:db8:0:1::{n:x}"},
        ).status_code
        for n in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2


def test_an_ipv4_visitor_is_one_whichever_way_they_come(client, known):
    statuses = [
        client.post(
            SIGN_IN,
            {"login": f"{n}@bakery.example", "password": WRONG},
            REMOTE_ADDR=f"::ffff:203.0.113.{n}",
        ).status_code
        for n in range(12)
    ]
    assert statuses == [200] * 12, "twelve visitors, not one"


def test_a_forged_address_is_not_believed_without_a_proxy(client, known):
    statuses = [
        client.post(
            SIGN_IN,
            {"login": f"{n}@bakery.example", "password": WRONG},
            headers={"X-Forwarded-For": f"198.51.100.{n}"},
        ).status_code
        for n in range(11)
    ]
    assert statuses[-1] == 429


def test_fewer_proxies_than_it_was_told_of_are_no_error(client, known, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    response = client.post(SIGN_IN, {"login": "x@y.example"}, headers={"X-Forwarded-For": "203.0.113.5"})
    assert response.status_code == 200


def test_each_host_and_port_we_are_asked_under_is_the_same_account(known, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    statuses = []
    for n in range(6):
        client = Client(headers={"host": f"testserver:{8000 + n}"})
        statuses.append(wrong(client, n))
    assert statuses == [200] * 5 + [429]


def test_canary_with_allauths_own_key_each_port_is_five_tries_more(known, monkeypatch):
    monkeypatch.delattr(adapter.AccountAdapter, "_get_login_attempts_cache_key")
    statuses = [wrong(Client(headers={"host": f"testserver:{8000 + n}"}), n) for n in range(12)]
    assert 429 not in statuses


def guesses(client, known):
    """The places where a password is asked for: what each of them answers to a wrong one."""
    wrong_ones = {"oldpassword": WRONG, "password1": "other good words", "password2": "other good words"}
    return {
        "sign-in": lambda: wrong(Client()),
        "once more": lambda: client.post("/accounts/reauthenticate/", {"password": WRONG}).status_code,
        "change": lambda: client.post("/accounts/password/change/", wrong_ones).status_code,
    }


def test_all_places_that_ask_for_a_password_count_together(client, known):
    client.force_login(known)
    client.get("/")  # from then on the browser is known, and has a count of its own
    at_sign_in, *signed_in = guesses(client, known).values()
    assert [ask() for _ in range(4) for ask in signed_in] == [200] * 5 + [429] * 3
    assert [at_sign_in() for _ in range(6)] == [200] * 5 + [429]


def test_a_stolen_session_without_the_cookie_of_the_browser_gets_no_more_tries(client, known):
    client.force_login(known)
    statuses = []
    for _ in range(12):
        client.cookies.pop(COOKIE_NAME, None)
        client.get("/")  # sets the cookie anew
        statuses.append(guesses(client, known)["once more"]())
    assert statuses == [200] * 5 + [429] * 7


def test_blocked_it_says_so_and_keeps_what_was_typed(client, known):
    for n in range(5):
        wrong(client, n)
    response = client.post(SIGN_IN, {"login": "Zoe@Bakery.example", "password": RIGHT})
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    page = response.content.decode()
    assert "Too many attempts. Wait five minutes" in page and 'value="Zoe@Bakery.example"' in page


def test_nobody_is_locked_out_for_good(client, known):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for n in range(20):
            wrong(client, n)
        assert wrong(client, 30, password=RIGHT) == 429
        clock.shift(301)
        assert wrong(client, 30, password=RIGHT) == 302, "tries that were refused did not prolong it"


def test_a_new_password_by_mail_ends_the_waiting(client, known, mailoutbox):
    EmailAddress.objects.create(user=known, email=known.email, primary=True, verified=True)
    for n in range(6):
        wrong(client, n)
    client.post("/accounts/password/reset/", {"email": known.email})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    existing = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(existing, {"password1": "other good words", "password2": "other good words"})
    assert wrong(client, 40, password="other good words") == 302


@pytest.mark.parametrize(
    ("page", "form", "action"),
    [
        ("/accounts/signup/", {"name": "Z", "email": "typed@x.example", "password1": "short"}, "sign_up"),
        ("/accounts/password/reset/", {"email": "typed@x.example"}, "reset"),
    ],
)
def test_other_ways_in_are_limited_too_and_keep_what_was_typed(client, known, settings, page, form, action):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, action: "2/m/ip"}
    responses = [client.post(page, form) for _ in range(3)]
    assert responses[1].status_code in (200, 302) and responses[2].status_code == 429
    assert "typed@x.example" in responses[2].content.decode()
    assert "Too many attempts" in responses[2].content.decode()


def dropped(entries):
    """Whether a count is dropped from the cache that production uses, once others are counted."""
    call_command("createcachetable", "socius_cache", verbosity=0)
    cache = caches["counts"]
    cache.set("a-count-that-holds", 5, 300)
    for n in range(entries):
        cache.set(f"z{n}", 1, 300)
    return cache.get("a-count-that-holds") is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "is_dropped"), [(production.CACHES["default"]["OPTIONS"], False), ({}, True)]
)
def test_counts_hold_however_many_there_are_and_canary_with_djangos_300_they_do_not(
    settings, options, is_dropped
):
    counts = {**production.CACHES["default"], "OPTIONS": options}
    settings.CACHES = {**settings.CACHES, "counts": counts}
    assert dropped(310) == is_dropped
