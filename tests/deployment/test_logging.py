"""One line of JSON a request and one an error, which name nobody and hold nothing that was typed."""

import gc
import io
import json
import logging
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from django.urls import reverse

from crm.viewsets import COMPANIES
from socius.logging import JsonFormatter, configuration
from socius.middleware.request_log import QueryCounter
from tests.support.server import served
from workspaces.models import Membership, User

PLANTED = "ada.planted@example.com"
KEYS = "time level logger message request user workspace method route status ms queries".split()


@pytest.fixture
def lines():
    """lines() -> what was logged until now, as production writes it."""
    written, loggers = io.StringIO(), configuration("json")["loggers"]
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    levels = {name: logging.getLogger(name).level for name in loggers}
    for name, rules in loggers.items():
        logging.getLogger(name).setLevel(rules["level"])
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def cursors():
    """How many of the database's cursors there are."""
    with connection.cursor() as one:
        kind = type(one.cursor)
        return sum(type(item) is kind for item in gc.get_objects())


@pytest.mark.parametrize("wrapper", [QueryCounter(), lambda execute, *statement: execute(*statement)])
def test_a_statement_that_fails_lets_go_of_its_cursor_and_canary(db, wrapper):
    gc.collect()
    gc.disable()
    try:
        state_before = cursors()
        with suppress(DatabaseError), transaction.atomic(), connection.execute_wrapper(wrapper):
            connection.cursor().execute("SELECT nothing FROM nowhere")
        assert (cursors() == state_before) == isinstance(wrapper, QueryCounter)
    finally:
        gc.enable()


def test_a_request_is_one_line(sign_in, workspace, lines):
    client = sign_in(workspace)
    answer = client.get(COMPANIES.url("list"), {"q": PLANTED})
    (line,) = lines()
    assert list(line) == KEYS
    assert line["route"] == "crm:company-list"
    assert (line["method"], line["status"], line["level"]) == ("GET", 200, "INFO")
    assert (line["user"], line["workspace"]) == (client.member.user_id, workspace.pk)
    assert 0 < line["queries"] <= 14
    assert line["request"] == answer["X-Request-ID"]


def test_nobody_is_named_and_nothing_typed_is_told(sign_in, workspace, lines):
    client = sign_in(workspace)
    client.post(COMPANIES.url("create"), {"name": PLANTED, "email_domain": "planted@"})
    client.post(reverse("account_login", urlconf="socius.urls"), {"login": PLANTED, "password": "planted!"})
    client.get("/accounts/password/reset/key/planted-key/")
    client.get("/w/planted/crm/", headers={"host": "planted.example", "referer": f"http://x/{PLANTED}"})
    assert len(lines()) == 4
    assert "planted" not in json.dumps(lines())
    assert client.member.user.email not in json.dumps(lines())


@pytest.mark.parametrize("planted", [ValueError(PLANTED), DataError(f"Key (email)=({PLANTED})")])
def test_an_error_is_one_line_with_class_and_place_and_without_its_message(
    sign_in, workspace, lines, monkeypatch, planted
):
    client = sign_in(workspace)
    client.raise_request_exception = False

    def of(user):
        try:
            raise LookupError(PLANTED)
        except LookupError:
            raise planted from None if isinstance(planted, ValueError) else LookupError(PLANTED)

    monkeypatch.setattr(Membership, "of", of)
    answer = client.get(COMPANIES.url("list"), {"q": PLANTED})
    error, request = lines()
    assert (error["level"], error["message"], request["status"]) == ("ERROR", "Internal Server Error", 500)
    assert error["request"] == request["request"] == answer["X-Request-ID"]
    assert error["user"] == client.member.user_id
    assert error["errors"][0]["class"].endswith(type(planted).__name__)
    assert error["errors"][0]["at"][-1].startswith("tests/deployment/test_logging.py:")
    assert PLANTED not in json.dumps(lines())


def test_a_broken_rule_is_named(db, lines):
    User.objects.create_user(PLANTED)
    try:
        with transaction.atomic():
            User(email=PLANTED).save()
    except IntegrityError:
        logging.getLogger("socius").exception("What was told of %s", PLANTED)
    (line,) = lines()
    assert line["message"] == "What was told of %s"
    assert line["errors"][0]["class"] == "django.db.utils.IntegrityError"
    assert PLANTED not in json.dumps(line)
    if connection.vendor == "postgresql":
        assert line["errors"][1]["sqlstate"] == "23505"
        assert line["errors"][1]["constraint"]


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (1, "0123456789abcdef0123456789abcdef", True),
        (0, "0123456789abcdef0123456789abcdef", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, 'quoted"and{"more', False),
        (1, "two\nlines", False),
    ],
)
def test_the_id_of_a_request_is_a_trusted_proxys_or_ours(client, db, monkeypatch, proxies, given, is_taken):
    monkeypatch.setattr(settings, "TRUSTED_PROXIES", proxies)
    answer = client.get("/livez", headers={"x-request-id": given})
    assert (answer["X-Request-ID"] == given) == is_taken
    assert answer["X-Request-ID"].isalnum()


@pytest.mark.parametrize("address", ["/", "/nothing/", "/w/nobody/crm/", "/readyz"])
def test_every_answer_has_an_id(client, db, address):
    assert len(client.get(address)["X-Request-ID"]) == 32


def test_without_a_database_it_lives_says_so_and_logs_json(tmp_path):
    """As it is served; nothing listens on port 1."""
    nowhere = "postgres://socius:planted@127.0.0.1:1/socius"
    with served(tmp_path, nowhere, LOGS="json") as server:
        assert server.ask("/livez")[0] == 200
        assert server.ask("/readyz")[0] == 503
        status, headers, _page = server.ask(
            "/", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={'planted' * 5}"}
        )
        assert (status, headers["Retry-After"]) == (503, "5")
        assert headers["Content-Security-Policy"] and headers["X-Request-ID"]
        assert server.ask("/static/css/socius.css")[1]["X-Request-ID"]
        written = [json.loads(line) for line in server.log().splitlines()]
    assert {line["level"] for line in written} == {"INFO", "ERROR"}
    assert "planted" not in json.dumps(written)
