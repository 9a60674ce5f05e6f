"""The first page of a new installation: for whoever reads its console."""

import runpy
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core.management import call_command

from socius import settings as production
from workspaces.accounts import first_run
from workspaces.models import User

PAGE = "/accounts/first-run/"
ME = {"name": "Ada", "email": "Ada@Acme.example", "password1": "a few good words"}

pytestmark = pytest.mark.django_db


def come(client, **differences):
    return client.post(PAGE, {**ME, "token": first_run.token(), **differences}, follow=True)


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/accounts/signup/", "/w/acme/crm/"])
def test_every_way_in_leads_there_while_nobody_has_an_account(client, address):
    response = client.get(address, follow=True)
    assert response.redirect_chain[-1][0] == PAGE
    assert "Welcome to Socius" in response.content.decode()


def test_the_sign_up_makes_no_account_before(client):
    client.post("/accounts/signup/", ME)
    assert not User.objects.exists()


def test_who_has_the_token_is_in_and_names_a_workspace(client):
    assert come(client).redirect_chain[-1][0] == "/workspaces/new/"
    assert User.objects.get().email == "ada@acme.example"


def test_who_reads_the_console_needs_no_link_by_mail(client, settings):
    settings.MAIL_IS_CONFIGURED, settings.ACCOUNT_EMAIL_VERIFICATION = True, "mandatory"
    assert come(client).redirect_chain[-1][0] == "/workspaces/new/"
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize("token", ["", "0" * 32, "x", "é", "1" * 101])
def test_another_token_lets_nobody_in_and_keeps_what_was_typed(client, token):
    page = come(client, token=token).content.decode()
    assert "Ada@Acme.example" in page and "Welcome to Socius" in page
    assert not User.objects.exists()


def test_a_token_typed_with_spaces_and_capitals_will_do(client):
    come(client, token=f"  {first_run.token().upper()} ")
    assert User.objects.exists()


def test_it_is_of_one_use(client):
    come(client)
    client.post("/accounts/logout/")
    assert client.get(PAGE).status_code == 404
    assert come(client, email="bea@acme.example").status_code == 404
    assert User.objects.count() == 1


def test_of_two_who_come_at_once_one_is_the_first(client, monkeypatch):
    """Both saw nobody; the second one looks once more when it is her turn."""
    checked = first_run.is_due_for_certain

    def somebody_was_faster():
        User.objects.create_user("bea@acme.example")
        return checked()

    monkeypatch.setattr(first_run, "is_due_for_certain", somebody_was_faster)
    assert come(client).status_code == 404
    assert User.objects.filter(email="ada@acme.example").count() == 0


def test_it_has_128_bits_and_is_another_ones_elsewhere(settings):
    location = first_run.token()
    assert len(bytes.fromhex(location)) * 8 == 128
    settings.SECRET_KEY = "another installation"
    assert first_run.token() != location


def test_the_console_shows_it_while_there_is_nobody(capsys):
    call_command("first_run")
    assert first_run.token() in capsys.readouterr().out
    User.objects.create_user("ada@acme.example")
    assert first_run.build_announcement() == ""
    call_command("first_run")
    assert first_run.token() not in capsys.readouterr().out


@pytest.mark.parametrize(("logs", "is_shown"), [("text", True), ("json", False)])
def test_a_server_prints_it_on_a_console_and_into_no_log(monkeypatch, capsys, caplog, logs, is_shown):
    monkeypatch.setattr(production, "LOGS", logs)
    starts = runpy.run_path(django_settings.BASE_DIR / "gunicorn.conf.py")["post_worker_init"]

    def read_output():
        caplog.clear()
        starts(SimpleNamespace(age=1))
        return capsys.readouterr().out + caplog.text

    told_values = read_output()
    assert (first_run.token() in told_values) == is_shown
    assert is_shown or "manage.py first_run" in told_values
    User.objects.create_user("ada@acme.example")
    assert read_output() == ""


def test_guessing_it_is_limited(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"sign_up": "2/m/ip"}
    statuses = [client.post(PAGE, {**ME, "token": "x"}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
