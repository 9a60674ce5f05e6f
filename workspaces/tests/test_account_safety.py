"""The owner of an account comes in while others guess; nobody does by what is unconfirmed or used up."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.messages import get_messages
from django.core import mail
from django.core.cache import cache
from django.test import Client

from workspaces.accounts import known_browsers
from workspaces.models import Membership, User
from workspaces.tenancy.scope import activate

PASSWORD, WRONG = "a few good words", "a few other words"
SIGN_IN = "/accounts/login/"


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def zoe(db):
    return User.objects.create_user("zoe@bakery.example", PASSWORD, name="Zoë")


def try_password(client, password, email="zoe@bakery.example", **options):
    return client.post(SIGN_IN, {"login": email, "password": password}, **options).status_code


def lock(client, email="zoe@bakery.example"):
    """Use up the tries, each from another address as an attacker would have them."""
    for number in range(5):
        assert try_password(client, WRONG, email, REMOTE_ADDR=f"10.0.{number}.1") == 200
    assert try_password(client, PASSWORD, email, REMOTE_ADDR="10.1.0.1") == 429


def test_the_browser_that_signed_in_before_is_not_locked_out_by_others(zoe):
    owner = Client()
    assert try_password(owner, PASSWORD) == 302
    owner.post("/accounts/logout/")
    lock(Client())
    assert try_password(owner, PASSWORD) == 302


def test_a_known_browser_has_no_more_tries_than_another(zoe):
    owner = Client()
    try_password(owner, PASSWORD)
    owner.post("/accounts/logout/")
    lock(owner)
    assert try_password(Client(), PASSWORD) == 302, "nor does it lock the others"


def test_a_browser_is_known_for_its_own_account_only(zoe):
    User.objects.create_user("eve@evil.example", PASSWORD)
    eve = Client()
    assert try_password(eve, PASSWORD, "eve@evil.example") == 302
    eve.post("/accounts/logout/")
    lock(Client())
    assert try_password(eve, PASSWORD) == 429


@pytest.mark.parametrize("value", ["", "x", "e30:1:x", '{"a": "b"}'])
def test_a_forged_cookie_is_no_known_browser(zoe, value):
    lock(Client())
    forger = Client()
    forger.cookies[known_browsers.COOKIE_NAME] = value
    assert try_password(forger, PASSWORD) == 429


def test_wrong_passwords_alone_make_no_browser_known(zoe):
    client = Client()
    try_password(client, WRONG)
    assert known_browsers.COOKIE_NAME not in client.cookies


def test_the_cookie_names_nobody_and_is_out_of_reach_of_scripts(zoe):
    client = Client()
    try_password(client, PASSWORD)
    cookie = client.cookies[known_browsers.COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert "zoe" not in cookie.value and cookie["max-age"] == known_browsers.MAX_AGE


def test_a_browser_is_known_for_a_few_accounts_and_the_cookie_stays_small(db):
    client = Client()
    for number in range(8):
        User.objects.create_user(f"u{number}@bakery.example", PASSWORD)
        try_password(client, PASSWORD, f"u{number}@bakery.example")
        client.post("/accounts/logout/")
    assert len(client.cookies[known_browsers.COOKIE_NAME].value) < 400


def test_an_address_that_was_never_confirmed_does_not_sign_in(zoe, settings):
    EmailAddress.objects.create(user=zoe, email=zoe.email, primary=True, verified=True)
    EmailAddress.objects.create(user=zoe, email="new@bakery.example", verified=False)
    assert try_password(Client(), PASSWORD, "new@bakery.example") == 200
    Client().post("/accounts/password/reset/", {"email": "new@bakery.example"})
    assert not [message for message in mail.outbox if "/password/reset/key/" in message.body]
    EmailAddress.objects.filter(email="new@bakery.example").update(verified=True)
    assert try_password(Client(), PASSWORD, "new@bakery.example") == 302
    assert try_password(Client(), PASSWORD) == 302


def test_the_code_that_set_up_an_app_is_used_up(zoe):
    client = Client()
    try_password(client, PASSWORD)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = client.session["mfa.totp.secret"]
    assert secret in re.sub(r"\s", "", page)
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    client.post("/accounts/2fa/totp/activate/", {"code": code})
    assert Authenticator.objects.filter(user=zoe, type="totp").exists()

    other_item = Client()
    try_password(other_item, PASSWORD)
    answer = other_item.post("/accounts/2fa/authenticate/", {"code": code})
    assert answer.status_code == 200 and "_auth_user_id" not in other_item.session


# Messages


def save(client, slug="acme", name="Roofs"):
    return client.post(f"/w/{slug}/crm/companies/new/", {"name": name})


def page_text(client, path):
    return client.get(path, follow=True).content.decode()


def test_a_message_waits_for_its_own_workspace(sign_in, workspace, other_workspace):
    client = sign_in(workspace)
    with activate(other_workspace):
        Membership.objects.create(user=client.member.user)
    assert save(client).status_code == 302
    assert "Roofs" not in page_text(client, "/w/other/crm/companies/")
    assert "Roofs" not in page_text(client, "/accounts/email/")
    save(client, "other", "Walls")
    page = page_text(client, "/w/other/crm/")
    assert "Walls" in page and "Roofs" not in page
    page = page_text(client, "/w/acme/members/")
    assert "Roofs" in page and "Walls" not in page
    assert "Roofs" not in page_text(client, "/w/acme/members/"), "and is shown once"


def test_a_message_leads_out_of_the_workspace_with_its_page(sign_in, workspace, other_workspace):
    """As that of leaving a workspace, whose next page is another's."""
    client = sign_in(workspace)
    response = client.post("/accounts/second-factor/later/")
    assert response.url == "/"
    assert "Account and security" in page_text(client, "/w/acme/members/")


def test_a_message_is_not_shown_to_who_signs_in_next(sign_in, workspace):
    client = sign_in(workspace)
    save(client)
    bea = User.objects.create_user("bea@acme.example", PASSWORD, name="Bea")
    with activate(workspace):
        Membership.objects.create(user=bea)
    client.post("/accounts/logout/")
    try_password(client, PASSWORD, bea.email)
    assert "Roofs</" not in "".join(str(message) for message in get_messages_of(client))


def get_messages_of(client):
    response = client.get("/w/acme/members/")
    return list(get_messages(response.wsgi_request))
