"""A mail server that nobody reaches: people are told, and what the message was about stands all the same."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session

from workspaces.creation import create_workspace
from workspaces.models import User
from workspaces.tenancy.scope import activate

PASSWORD = "a few good words"
KNOWN, UNKNOWN = "zoe@bakery.example", "bea@bakery.example"
UNSENT = "couldn’t be sent. Try again in a few minutes."

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def zoe():
    user = User.objects.create_user(KNOWN, PASSWORD, name="Zoë")
    EmailAddress.objects.create(user=user, email=KNOWN, primary=True, verified=True)
    return user


@pytest.fixture
def server(settings):
    """server(is_there) where mail goes by a server: to one, or to a port where nobody listens."""
    settings.MAIL_IS_CONFIGURED, settings.ACCOUNT_EMAIL_VERIFICATION = True, "mandatory"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    backends = {False: "smtp", True: "locmem"}

    def server(is_there):
        settings.EMAIL_BACKEND = f"django.core.mail.backends.{backends[is_there]}.EmailBackend"

    server(False)
    return server


def sign_up(client, email):
    return client.post(
        "/accounts/signup/", {"name": "Bea", "email": email, "password1": PASSWORD}, follow=True
    )


def reset(client, email):
    return client.post("/accounts/password/reset/", {"email": email}, follow=True)


def page(response):
    assert response.status_code == 200
    return re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", response.content.decode())


def test_an_account_is_whole_and_its_message_comes_at_the_next_sign_in(client, server, settings, mailoutbox):
    settings.ACCOUNT_RATE_LIMITS = False  # "in a few minutes"
    told_values = page(sign_up(client, UNKNOWN))
    assert f"The email to {UNKNOWN} {UNSENT}" in told_values and "on its way" not in told_values
    user = User.objects.get(email=UNKNOWN)
    assert user.name == "Bea" and user.check_password(PASSWORD)
    assert not EmailAddress.objects.get(user=user).verified
    server(True)
    told_values = page(client.post("/accounts/login/", {"login": UNKNOWN, "password": PASSWORD}, follow=True))
    assert "Confirm your email" in told_values and UNSENT not in told_values
    link = next(word for word in mailoutbox[0].body.split() if "/accounts/confirm-email/" in word)
    client.post(link)
    assert EmailAddress.objects.get(user=user).verified


@pytest.mark.parametrize("ask", [sign_up, reset])
def test_what_is_said_of_it_does_not_tell_who_has_an_account(client, server, ask):
    known_values, unknown = (page(ask(client, email)).replace(email, "…") for email in (KNOWN, UNKNOWN))
    assert known_values == unknown
    assert known_values.count(UNSENT) == 1 and "on its way" not in known_values


def test_a_new_password_is_asked_for_again_once_the_server_is_back(client, server, mailoutbox):
    reset(client, KNOWN)
    server(True)
    told_values = page(reset(client, KNOWN))
    assert "Check your email" in told_values and UNSENT not in told_values
    assert "/password/reset/key/" in mailoutbox[0].body


def test_a_new_address_waits_and_its_link_can_be_sent_again(client, server, zoe, mailoutbox, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_REAUTHENTICATION_REQUIRED = False
    client.force_login(zoe)
    change = {"action_add": "", "email": UNKNOWN}
    told_values = page(client.post("/accounts/email/", change, follow=True))
    assert UNSENT in told_values and "Confirmation email sent" not in told_values
    server(True)
    page(client.post("/accounts/email/", {"action_send": "", "email": UNKNOWN}, follow=True))
    assert [message.to for message in mailoutbox] == [[UNKNOWN]]


def test_a_notice_of_what_was_done_is_missed_by_the_log_and_nobody_else(client, server, zoe, caplog):
    with activate(create_workspace(zoe, "Bakery")):
        client.force_login(zoe)
    new = "other good words"
    answers = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    told_values = page(client.post("/accounts/password/change/", answers, follow=True))
    assert UNSENT not in told_values
    assert User.objects.get(pk=zoe.pk).check_password(new)
    [record] = [record for record in caplog.records if record.name == "workspaces.mail"]
    assert record.message == "a message could not be sent" and record.exc_info[0] is ConnectionRefusedError
    assert Session.objects.exists(), "and they stay signed in"
