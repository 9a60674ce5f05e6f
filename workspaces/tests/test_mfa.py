"""Workspaces that want a second factor of their members, and admins who are asked for one."""

import datetime
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from manage import main
from tests.support.edit_forms import post_edit
from tests.support.pages import page_html
from workspaces.models import AuditEntry, Membership, User, Workspace
from workspaces.tenancy.scope import activate

SETTINGS = "/w/acme/members/workspace/"
FIELDS = {"name": "Acme", "currency": "USD", "time_zone": "UTC", "fiscal_year_start": 1, "has_crm": "on"}
WANTED = "/accounts/second-factor/"
PASSWORD = "a few good words"


@pytest.fixture
def wanting(workspace):
    workspace.requires_second_factor = True
    workspace.save()
    return workspace


def give_factor(member):
    TOTP.activate(member.user, generate_totp_secret())


def with_password(client):
    user = client.member.user
    user.set_password(PASSWORD)
    user.save()
    client.force_login(user)
    return client


def test_who_has_none_is_led_to_setting_one_up(sign_in, wanting):
    client = sign_in(wanting)
    assert client.get("/w/acme/crm/companies/").url == WANTED
    page = client.get(WANTED).content.decode()
    assert "<strong>Acme</strong> requires it for all members" in page
    assert "/accounts/2fa/totp/activate/" in page and "/accounts/2fa/webauthn/add/" in page
    assert "Companies" not in page, "nor do the tabs of the workspace show"


def test_scripts_are_led_there_too(sign_in, wanting):
    response = sign_in(wanting).get("/w/acme/crm/companies/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == WANTED and not response.content


def test_what_somebody_was_sending_is_not_lost_by_it(sign_in, wanting):
    response = sign_in(wanting).post("/w/acme/crm/companies/new/", {"name": "Roofs"})
    assert response.status_code == 403
    assert "to send them again" in page_html(response)


def test_with_one_they_are_in(sign_in, wanting):
    client = sign_in(wanting)
    give_factor(client.member)
    assert client.get("/w/acme/crm/companies/").status_code == 200
    assert client.get(WANTED).url == "/"


def test_recovery_codes_alone_are_none(sign_in, wanting):
    client = sign_in(wanting)
    RecoveryCodes.activate(client.member.user)
    assert client.get("/w/acme/crm/companies/").url == WANTED


def test_who_takes_it_away_is_out_with_the_next_request(sign_in, wanting):
    client = sign_in(wanting)
    give_factor(client.member)
    assert client.get("/w/acme/crm/companies/").status_code == 200
    Authenticator.objects.all().delete()
    assert client.get("/w/acme/crm/companies/").url == WANTED


def test_other_workspaces_and_the_account_stay_open(sign_in, wanting, other_workspace):
    client = sign_in(wanting)
    with activate(other_workspace):
        Membership.objects.create(user=client.member.user)
    assert client.get("/w/other/crm/companies/").status_code == 200
    assert client.get("/workspaces/profile/").status_code == 200
    assert client.get("/accounts/2fa/").status_code == 200


def test_it_costs_no_query(sign_in, workspace):
    client = sign_in(workspace)
    give_factor(client.member)
    client.get("/w/acme/members/")  # writes down that they were here
    numbers = []
    for wants in [False, True]:
        Workspace.objects.update(requires_second_factor=wants)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/w/acme/members/").status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_an_admin_is_told_who_has_none_and_what_happens(sign_in, workspace):
    client = with_password(sign_in(workspace, "admin"))
    page = client.get(SETTINGS).content.decode()
    assert "2 members, including you, haven’t set it up yet." in page
    assert "No 2FA" in client.get("/w/acme/members/").content.decode()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    response = post_edit(client, SETTINGS, {**FIELDS, "requires_second_factor": "on"}, follow=True)
    assert Workspace.objects.get(pk=workspace.pk).requires_second_factor
    assert response.redirect_chain[-1][0] == WANTED
    assert "Workspace settings saved." in response.content.decode()


@pytest.mark.parametrize("was", [True, False])
def test_switching_it_wants_the_password_and_keeps_what_was_typed(sign_in, workspace, was):
    Workspace.objects.filter(pk=workspace.pk).update(requires_second_factor=was)
    client = with_password(sign_in(workspace, "admin"))
    give_factor(client.member)
    sent_data = {**FIELDS, "name": "Acme Ltd", **({} if was else {"requires_second_factor": "on"})}
    response = post_edit(client, SETTINGS, sent_data, follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")
    where = response.redirect_chain[-1][0].partition("next=")[2]
    response = client.post(f"/accounts/reauthenticate/?next={where}", {"password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == SETTINGS
    assert 'value="Acme Ltd"' in response.content.decode()
    assert Workspace.objects.get(pk=workspace.pk).requires_second_factor == was, "nothing is saved by looking"
    post_edit(client, SETTINGS, sent_data)
    results = Workspace.objects.get(pk=workspace.pk)
    assert (results.requires_second_factor, results.name) == (not was, "Acme Ltd")
    assert 'value="Acme Ltd"' in client.get(SETTINGS).content.decode()


def test_other_settings_want_no_password(sign_in, workspace):
    client = with_password(sign_in(workspace, "admin"))
    assert post_edit(client, SETTINGS, {**FIELDS, "name": "Acme Ltd"}).url == SETTINGS


# Admins are asked


@pytest.mark.parametrize("address", ["/w/acme/crm/", "/w/acme/crm/settings/"])
def test_an_admin_without_one_is_asked_until_they_say_not_now(sign_in, workspace, address):
    client = sign_in(workspace, "admin")
    assert "Protect your admin account" in client.get(address).content.decode()
    client.post("/accounts/second-factor/later/")
    assert "Protect your admin account" not in client.get(address).content.decode()
    month_ago = timezone.now() - datetime.timedelta(days=31)
    User.objects.filter(pk=client.member.user_id).update(second_factor_declined_at=month_ago)
    assert "Protect your admin account" in client.get(address).content.decode()


def test_nobody_else_is_asked(sign_in, workspace):
    assert (
        "Protect your admin account"
        not in sign_in(workspace, "sales staff").get("/w/acme/crm/").content.decode()
    )
    client = sign_in(workspace, "admin")
    give_factor(client.member)
    assert "Protect your admin account" not in client.get("/w/acme/crm/").content.decode()


# Giving what opens doors to others


def granting(client, member):
    """The ways to make an admin: {address: what is posted there}."""
    return {
        f"/w/acme/members/{member.pk}/": {"is_admin": "on"},
        "/w/acme/members/invite/": {"email": "new@acme.example", "is_admin": "on"},
    }


def test_making_somebody_an_admin_wants_the_password(sign_in, workspace):
    bea = Membership.objects.create(user=User.objects.create_user("bea@acme.example", name="Bea"))
    remaining = Membership.objects.create(
        user=User.objects.create_user("left@acme.example"), is_admin=True, deactivated_at=timezone.now()
    )
    client = with_password(sign_in(workspace, "admin"))
    ways = {**granting(client, bea), f"/w/acme/members/{remaining.pk}/reactivate/": {}}
    state_before = set(Membership.objects.admins())
    for address, sent_data in ways.items():
        assert post_edit(client, address, sent_data).url.startswith("/accounts/confirm/?next="), address
    assert set(Membership.objects.admins()) == state_before
    opened = f"/w/acme/members/{bea.pk}/?next=/w/acme/crm/settings/staff/"
    assert post_edit(client, opened, {"is_admin": "on"}).url.endswith(quote(opened, "")), "with the way back"
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for address, sent_data in ways.items():
        assert post_edit(client, address, sent_data).url == "/w/acme/members/", address
    assert set(Membership.objects.admins()) == state_before | {bea, remaining}


def test_other_marks_want_no_password(sign_in, workspace):
    bea = Membership.objects.create(user=User.objects.create_user("bea@acme.example", name="Bea"))
    client = with_password(sign_in(workspace, "admin"))
    assert post_edit(client, f"/w/acme/members/{bea.pk}/", {"is_sales_staff": "on"}).url == "/w/acme/members/"
    assert client.post("/w/acme/members/invite/", {"email": "new@acme.example"}).url == "/w/acme/members/"


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "word"]
)
def test_showing_who_one_is_leads_nowhere_else(sign_in, workspace, confirm_identity, where):
    client = sign_in(workspace)
    confirm_identity(client)
    assert client.get("/accounts/confirm/", {"next": where}).url == "/"


def test_identity_is_not_confirmed_by_a_code_in_a_mail(sign_in, workspace):
    """A mailbox that is open beside the browser would be all that it takes."""
    client = with_password(sign_in(workspace))
    EmailAddress.objects.create(user=client.member.user, email=client.member.user.email, verified=True)
    assert "code" not in client.get("/accounts/reauthenticate/").content.decode()
    assert client.get("/accounts/reauthenticate/code/").status_code == 403
    assert client.post("/accounts/reauthenticate/code/", {"recipient": "x"}).status_code == 403
    assert not mail.outbox


# Helping those who lost theirs, and notices


def test_whoever_runs_the_server_lets_somebody_in_again(sign_in, workspace, capsys, monkeypatch):
    client = sign_in(workspace)
    give_factor(client.member)
    RecoveryCodes.activate(client.member.user)
    # Django's own would close the test's connection.
    monkeypatch.setattr(
        "django.core.management.execute_from_command_line", lambda given: call_command(*given[1:])
    )
    main(["manage.py", "reset_second_factor", "Sales.Staff@acme.example"])
    assert not Authenticator.objects.exists()
    assert "no second factor now" in capsys.readouterr().out
    entry = AuditEntry.objects.first()
    assert (entry.who, entry.user) == ("Command: reset_second_factor", None)
    assert entry.label == str(client.member.user)
    assert entry.changes == {"what": [None, "Two-factor authentication removed"]}
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("reset_second_factor", "nobody@acme.example")


def test_a_changed_password_is_told_by_mail(sign_in, workspace):
    client = with_password(sign_in(workspace))
    new = {"oldpassword": PASSWORD, "password1": "other good words", "password2": "other good words"}
    client.post("/accounts/password/change/", new)
    assert "password has been changed" in mail.outbox[0].body
