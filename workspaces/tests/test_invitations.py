"""Invitations: for one address, for seven days, for one use."""

import datetime

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from workspaces.members.invitations import accept
from workspaces.members.membership import deactivate
from workspaces.models import Invitation, Membership, User
from workspaces.tenancy.scope import activate

LIST = "/w/acme/members/"


@pytest.fixture
def invitation(workspace):
    olga = Membership.objects.get()
    return Invitation.objects.create(email="bea@acme.example", invited_by=olga, is_sales_staff=True)


@pytest.fixture
def mailed(settings):
    settings.MAIL_IS_CONFIGURED = True


def join(invitation):
    return f"/workspaces/join/{invitation.token}/"


def somebody(email="bea@acme.example", name="Bea"):
    return User.objects.create_user(email, name=name)


def members():
    return {member.user.email for member in Membership.objects.active()}


def test_an_admin_invites_somebody_by_mail(sign_in, workspace, mailed, confirm_identity):
    client = sign_in(workspace, "admin")
    confirm_identity(client)
    client.post(LIST + "invite/", {"email": "Bea@Acme.example", "is_admin": "on", "has_crm_access": "on"})
    results = Invitation.objects.get()
    assert (results.email, results.is_admin, results.is_sales_staff) == ("bea@acme.example", True, False)
    assert mail.outbox[0].to == ["bea@acme.example"]
    assert mail.outbox[0].subject == "Admin invited you to Acme"
    assert f"http://testserver{join(results)}" in mail.outbox[0].body
    page = client.get(LIST).content.decode()
    assert "Pending" in page and results.token not in page, "mailed, the link is for its receiver only"


PASTED = ["Bea Berg <Bea@Acme.example>", "mailto:bea@acme.example", " bea@acme.example, "]


@pytest.mark.parametrize("typed", PASTED)
def test_an_address_is_taken_out_of_what_is_pasted(sign_in, workspace, typed):
    sign_in(workspace, "admin").post(LIST + "invite/", {"email": typed})
    assert Invitation.objects.get().email == "bea@acme.example"


def test_an_invitation_to_an_address_beyond_ascii_is_refused(sign_in, workspace):
    page = sign_in(workspace, "admin").post(LIST + "invite/", {"email": "jörg@acme.example"})
    assert "Enter a valid email address." in page.content.decode()


def test_without_a_mail_server_the_admin_gets_the_link_to_pass_on(sign_in, workspace, invitation):
    page = sign_in(workspace, "admin").get(LIST).content.decode()
    assert f"http://testserver{join(invitation)}" in page
    assert "Email isn’t set up on this server" in page
    assert not mail.outbox


def test_a_mail_that_cannot_be_sent_is_told_and_gives_nobody_the_link(sign_in, workspace, mailed, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    response = sign_in(workspace, "admin").post(LIST + "invite/", {"email": "bea@acme.example"}, follow=True)
    page = response.content.decode()
    assert "couldn’t be sent" in page
    assert Invitation.objects.get().token not in page


def test_nobody_mails_the_world_through_us(sign_in, workspace, settings):
    settings.ACCOUNT_RATE_LIMITS = {"invite": "2/h/user"}
    client = sign_in(workspace, "admin")
    statuses = [client.post(LIST + "invite/", {"email": f"b{n}@acme.example"}).status_code for n in range(4)]
    assert statuses == [302, 302, 429, 429]
    assert Invitation.objects.count() == 2


@pytest.mark.parametrize("role", ["sales staff", "reader"])
def test_only_admins_invite(sign_in, workspace, role):
    assert sign_in(workspace, role).post(LIST + "invite/", {"email": "bea@acme.example"}).status_code == 403
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("owner@acme.example", "Olga Owner is already a member of this workspace."),
        ("OWNER@acme.example", "Olga Owner is already a member of this workspace."),
        ("bea@acme.example", "This email address is already invited."),
        ("bea", "Enter a valid email address."),
        ("bea@[127.0.0.1]", "Enter a valid email address."),
        ("bea@127.0.0.11", "Enter a valid email address."),
        ("", "This field is required."),
    ],
)
def test_a_refused_address_is_told_why(sign_in, workspace, invitation, email, sentence):
    page = sign_in(workspace, "admin").post(LIST + "invite/", {"email": email}).content.decode()
    assert sentence in page
    assert Invitation.objects.count() == 1


def test_who_signs_up_by_an_invitation_is_in_the_workspace_at_once(client, workspace, invitation):
    page = client.get(join(invitation)).content.decode()
    assert "Join Acme" in page and "Olga Owner" in page
    assert 'value="bea@acme.example"' in client.get("/accounts/signup/").content.decode()
    answers = {"name": "Bea", "email": "another@acme.example", "password1": "a few good words"}
    response = client.post("/accounts/signup/", answers, follow=True)
    assert response.redirect_chain[-1][0] == "/w/acme/crm/"
    assert members() == {"owner@acme.example", "bea@acme.example"}, "and no other address gets in"
    assert not Invitation.objects.exists()


def test_a_mailed_link_proves_the_address(client, workspace, invitation, mailed, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.get(join(invitation))
    response = client.post("/accounts/signup/", {"name": "Bea", "password1": "a few good words"}, follow=True)
    assert response.redirect_chain[-1][0] == "/w/acme/crm/"
    assert not mail.outbox


def test_who_has_an_account_signs_in_and_joins(client, workspace, invitation):
    bea = somebody()
    assert (
        f"/accounts/login/?next={join(invitation).replace(':', '%3A')}"
        in client.get(join(invitation)).content.decode()
    )
    client.force_login(bea)
    assert "owner@acme.example" in members() and bea.email not in members()
    client.get(join(invitation))
    assert bea.email not in members(), "looking changes nothing"
    assert client.post(join(invitation)).url == "/w/acme/"
    assert bea.email in members()


def test_another_address_does_not_get_in(client, workspace, invitation):
    client.force_login(somebody("carl@acme.example", "Carl"))
    for response in [client.get(join(invitation)), client.post(join(invitation))]:
        page = response.content.decode()
        assert "signed in as carl@acme.example" in page and 'action="/accounts/logout/"' in page
    assert members() == {"owner@acme.example"}
    assert Invitation.objects.exists()


def test_after_the_sign_out_the_invitation_is_there_again(client, workspace, invitation):
    client.force_login(somebody("carl@acme.example", "Carl"))
    response = client.post("/accounts/logout/", {"next": join(invitation)}, follow=True)
    assert "Join Acme" in response.content.decode()


def test_a_member_who_opens_an_invitation_goes_to_the_workspace(sign_in, workspace, invitation):
    assert sign_in(workspace).get(join(invitation)).url == "/w/acme/"


def test_somebody_who_left_comes_back_as_the_same_member(client, workspace, invitation):
    bea = Membership.objects.create(user=somebody(), is_admin=True, is_sales_staff=False)
    deactivate(bea)
    client.force_login(bea.user)
    client.post(join(invitation))
    results = Membership.objects.get(user=bea.user)
    assert (results.pk, results.deactivated_at) == (bea.pk, None)
    assert (results.is_admin, results.is_sales_staff) == (False, True), "as invited, not as they were"


def test_after_seven_days_it_is_over_and_the_page_says_whom_to_ask(client, workspace, invitation):
    bea = somebody()
    client.force_login(bea)
    invitation.sent_at = timezone.now() - datetime.timedelta(days=7, seconds=1)
    invitation.save()
    response = client.post(join(invitation))
    assert response.status_code == 410
    assert "owner@acme.example" in response.content.decode()
    assert bea.email not in members()


def test_who_kept_the_sign_up_open_for_too_long_gets_an_account_only(client, workspace, invitation):
    client.get(join(invitation))
    Invitation.objects.update(sent_at=timezone.now() - datetime.timedelta(days=8))
    answers = {"name": "Bea", "email": "bea@acme.example", "password1": "a few good words"}
    assert client.post("/accounts/signup/", answers, follow=True).redirect_chain[-1][0] == "/workspaces/new/"
    assert members() == {"owner@acme.example"}


def test_sent_again_it_has_a_new_link_and_the_old_one_is_dead(sign_in, workspace, invitation, mailed):
    old = join(invitation)
    Invitation.objects.update(sent_at=timezone.now() - datetime.timedelta(days=8))
    sign_in(workspace, "admin").post(f"{LIST}invitations/{invitation.pk}/resend/")
    new = Invitation.objects.get()
    assert not new.is_expired
    assert join(new) in mail.outbox[0].body
    client = Client()
    assert client.get(old).status_code == 404
    assert client.get(join(new)).status_code == 200


def test_withdrawn_it_lets_nobody_in(sign_in, client, workspace, invitation):
    sign_in(workspace, "admin").post(f"{LIST}invitations/{invitation.pk}/withdraw/")
    client.force_login(somebody())
    response = client.post(join(invitation))
    assert response.status_code == 404
    assert "no longer valid" in response.content.decode()


@pytest.mark.parametrize("token", ["x", "a:b:c", "%00", "é", "W10:1xUwV2:abc", "x" * 3000])
def test_a_made_up_link_is_no_invitation(client, db, token):
    assert client.get(f"/workspaces/join/{token}/").status_code in (400, 404)


def test_a_link_of_one_workspace_is_of_no_use_in_another(workspace, other_workspace, invitation):
    with activate(other_workspace):
        assert not Invitation.objects.exists()
    accept(Invitation.by_token(invitation.token), somebody())
    with activate(other_workspace):
        assert "bea@acme.example" not in members()


@pytest.mark.parametrize(("way", "is_in"), [("invited", True), ("closed", False)])
def test_who_was_invited_makes_an_account_where_strangers_may_not(
    client, workspace, invitation, settings, way, is_in
):
    settings.SIGN_UP = way
    assert ("Sign up</a>" in client.get(join(invitation)).content.decode()) == is_in
    client.post("/accounts/signup/", {"name": "Bea", "password1": "a few good words"})
    assert ("bea@acme.example" in members()) == is_in
