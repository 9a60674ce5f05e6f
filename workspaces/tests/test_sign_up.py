"""The way in: sign up, name a workspace, sign in, and what a stranger cannot find out on the way."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import get_resolver, reverse

from crm.models import Stage, Status
from socius.middleware.security_headers import CSP
from workspaces.accounts.passwords.hashers import Argon2Hasher
from workspaces.creation import free_slug
from workspaces.models import Membership, User, Workspace
from workspaces.tenancy.scope import activate

PASSWORD = "a few good words"
NEW = {"name": "Zoë's Bakery & Co", "slug": "", "currency": "EUR", "time_zone": "Europe/Berlin"}


@pytest.fixture(autouse=True)
def first(db):
    """Somebody is here already: the very first visitor is asked for something else, see test_first_run.py."""
    return User.objects.create_user("first@before.example", name="First")


@pytest.fixture
def zoe():
    user = User.objects.create_user("zoe@bakery.example", PASSWORD, name="Zoë")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def sign_up(client, **differences):
    answers = {"name": "Zoë", "email": "Zoe@Bakery.example", "password1": PASSWORD, **differences}
    return client.post("/accounts/signup/", answers, follow=True)


# Signing up


def test_from_the_sign_up_to_a_dashboard(client):
    response = sign_up(client)
    assert response.redirect_chain[-1][0] == "/workspaces/new/"
    assert "Name your workspace" in response.content.decode()
    response = client.post("/workspaces/new/", NEW, follow=True)
    assert response.redirect_chain[-1][0] == "/w/zoes-bakery-co/crm/"
    assert response.status_code == 200
    user = User.objects.latest("pk")
    assert (user.email, user.name) == ("zoe@bakery.example", "Zoë")


def test_who_makes_a_workspace_is_its_admin_and_sales_staff(client, zoe):
    client.force_login(zoe)
    client.post("/workspaces/new/", {**NEW, "is_admin": "", "owner": 1})
    with activate(Workspace.objects.get()):
        results = Membership.objects.get()
        assert (results.user, results.is_admin, results.is_sales_staff) == (zoe, True, True)
        assert Stage.objects.count() == 5
        assert {status.kind for status in Status.objects.all()} == set(Status.Kind)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "This field is required."),
        ("name", "x" * 81, "at most 80 characters"),
        ("email", "zoe", "Enter a valid email address."),
        ("email", "", "This field is required."),
        ("password1", "shortword", "at least 10 characters"),
        ("password1", "password123", "too common"),
        ("password1", "zoe@bakery.example", "too similar"),
    ],
)
def test_a_refused_value_gives_a_sentence_and_the_rest_is_kept(client, field, value, sentence):
    page = sign_up(client, **{field: value}).content.decode()
    assert sentence in page
    assert ("Zoë" if field != "name" else "Zoe@Bakery.example") in page
    assert User.objects.count() == 1


def test_a_long_password_of_plain_words_will_do(client):
    assert sign_up(client, password1="aaaa bbbb cccc " * 60).redirect_chain[-1][0] == "/workspaces/new/"


def test_passwords_are_kept_as_argon2id():
    kept_values = Argon2Hasher().encode(PASSWORD, "a salt of some length")
    assert kept_values.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")


def test_where_mail_is_set_up_an_address_is_confirmed_before_anything_else(client, settings):
    settings.MAIL_IS_CONFIGURED, settings.ACCOUNT_EMAIL_VERIFICATION = True, "mandatory"
    page = sign_up(client).content.decode()
    assert "Confirm your email" in page
    assert client.get("/").url == "/accounts/login/?next=/"
    address = next(line for line in mail.outbox[0].body.split() if "/accounts/confirm-email/" in line)
    assert client.post(address, follow=True).redirect_chain[-1][0] in ("/workspaces/new/", "/accounts/login/")
    assert EmailAddress.objects.get().verified


# The workspace


def test_an_address_that_is_taken_is_refused_and_another_one_proposed(client, zoe, workspace):
    client.force_login(zoe)
    page = client.post("/workspaces/new/", {**NEW, "slug": "Acme"}).content.decode()
    assert "Workspace with this Workspace URL already exists." in page or "taken" in page
    assert Workspace.objects.count() == 1
    assert free_slug("Acme") == "acme-2"
    assert client.post("/workspaces/new/", {**NEW, "name": "Acme"}).url == "/w/acme-2/"


@pytest.mark.parametrize("slug", ["a b", "../x", "é", "x" * 41, "a/b", "-", "-acme", "acme_"])
def test_an_odd_address_is_refused(client, zoe, slug):
    client.force_login(zoe)
    assert client.post("/workspaces/new/", {**NEW, "slug": slug}).status_code == 200
    assert not Workspace.objects.exists()


@pytest.mark.parametrize("name", ["日本", "&&&", "-", "A" * 80])
def test_any_name_makes_an_address(client, zoe, name):
    client.force_login(zoe)
    address = client.post("/workspaces/new/", {**NEW, "name": name}).url
    assert client.get(address, follow=True).status_code == 200


LANGUAGES = [
    ("de-DE,de;q=0.9", "EUR"),
    ("en-GB", "GBP"),
    ("en", "USD"),
    ("", "USD"),
    ("x" * 50, "USD"),
    ("*", "USD"),
    ("en-001", "USD"),
]


def test_the_currency_of_the_browsers_country_is_proposed(client, zoe, subtests):
    client.force_login(zoe)
    for language, currency in LANGUAGES:
        with subtests.test(language=language):
            page = client.get("/workspaces/new/", headers={"Accept-Language": language}).content.decode()
            assert f'<option value="{currency}" selected>' in page


def test_two_workspaces_of_one_user_are_both_in_the_switcher(client, zoe):
    client.force_login(zoe)
    for name in ["One", "Two"]:
        client.post("/workspaces/new/", {**NEW, "name": name})
    page = client.get("/w/two/members/").content.decode()
    assert 'href="/w/one/"' in page and 'href="/w/two/"' in page


# Signing in and out


def test_signing_in_leads_to_the_page_that_was_asked_for(client, zoe):
    client.force_login(zoe)
    client.post("/workspaces/new/", NEW)
    client.logout()
    address = client.get("/w/zoes-bakery-co/members/?q=z").url
    answers = {"login": "ZOE@bakery.example", "password": PASSWORD, "next": address.split("next=")[1]}
    assert client.post("/accounts/login/", answers).url.startswith("/w/zoes-bakery-co/members/")


@pytest.mark.parametrize(
    "where",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", "http://["],
)
def test_signing_in_leads_nowhere_else(client, zoe, where):
    answers = {"login": zoe.email, "password": PASSWORD, "next": where}
    assert client.post("/accounts/login/", answers).url == "/"
    assert client.get("/accounts/inactive/", {"next": where}).status_code == 200


def test_signing_out_takes_a_post(client, zoe):
    client.force_login(zoe)
    assert "Sign out?" in client.get("/accounts/logout/").content.decode()
    assert client.get("/workspaces/profile/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/workspaces/profile/").status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, zoe):
    def answer(email):
        page = client.post("/accounts/login/", {"login": email, "password": "wrong words here"})
        return page.status_code, page.content.decode().replace(email, "…")

    known_values, unknown = answer(zoe.email), answer("nobody@bakery.example")
    strip = lambda page: [line for line in page.splitlines() if "csrf" not in line.lower()]  # noqa: E731
    assert known_values[0] == unknown[0] == 200
    assert strip(known_values[1]) == strip(unknown[1])


def test_a_reset_is_answered_the_same_for_a_known_and_an_unknown_address(client, zoe):
    def answer(email):
        page = client.post("/accounts/password/reset/", {"email": email}, follow=True)
        return page.redirect_chain, [
            line for line in page.content.decode().splitlines() if "csrf" not in line.lower()
        ]

    assert answer(zoe.email) == answer("nobody@bakery.example")
    assert len(mail.outbox) == 2, "both get a message; only one has the link"
    assert ["/password/reset/key/" in message.body for message in mail.outbox] == [True, False]


def test_a_forgotten_password_is_replaced(client, zoe):
    client.post("/accounts/password/reset/", {"email": zoe.email})
    address = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    form = client.get(address, follow=True)
    client.post(
        form.redirect_chain[-1][0], {"password1": "other good words", "password2": "other good words"}
    )
    assert client.login(email=zoe.email, password="other good words")
    assert "no longer valid" in client.get(address).content.decode()


def test_after_five_wrong_passwords_the_account_waits(client, zoe):
    for _ in range(5):
        client.post("/accounts/login/", {"login": zoe.email, "password": "wrong words here"})
    response = client.post("/accounts/login/", {"login": zoe.email, "password": PASSWORD})
    assert response.status_code == 429
    assert "Too many attempts." in response.content.decode()
    assert zoe.email in response.content.decode(), "what was typed is kept"
    assert client.get("/workspaces/profile/").status_code == 302


def test_too_many_tries_get_a_page_of_ours(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client.get("/accounts/login/")
    client.post("/accounts/login/", {})
    response = client.post("/accounts/login/", {})
    assert response.status_code == 429
    assert "Too many attempts" in response.content.decode() and "topbar" in response.content.decode()


# Another address


def emails():
    return set(User.objects.values_list("email", flat=True))


def change_email(client, email):
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"action_add": "", "email": email})
    return next((word for word in mail.outbox[-1].body.split() if "/confirm-email/" in word), None)


@pytest.mark.parametrize("is_known", [True, False])
def test_a_new_address_holds_once_it_is_confirmed(client, zoe, is_known):
    if not is_known:  # an account made by a command, or where there is no mail
        EmailAddress.objects.all().delete()
    client.force_login(zoe)
    address = change_email(client, "zoe@new.example")
    assert emails() == {"zoe@bakery.example", "first@before.example"}, "until then the old one does"
    client.post(address)
    assert emails() == {"zoe@new.example", "first@before.example"}
    client.logout()
    assert client.login(email="zoe@new.example", password=PASSWORD)
    assert not client.login(email="zoe@bakery.example", password=PASSWORD)


@pytest.mark.parametrize("email", ["zoe@[127.0.0.1]", "zoe@[IPv6:::1]", "zoe@127.0.0.11"])
def test_an_address_is_at_a_domain(client, zoe, email):
    page = sign_up(client, email=email).content.decode()
    assert "Enter a valid email address." in page and f'value="{email}"' in page
    client.force_login(zoe)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.post("/accounts/email/", {"action_add": "", "email": email}).content.decode()
    assert "Enter a valid email address." in page
    assert emails() == {"zoe@bakery.example", "first@before.example"}


def test_changing_an_address_wants_the_password_again(client, zoe):
    client.force_login(zoe)
    response = client.post("/accounts/email/", {"action_add": "", "email": "zoe@new.example"})
    assert response.url.startswith("/accounts/reauthenticate/")


def test_the_only_address_cannot_be_taken_away(client, zoe):
    client.force_login(zoe)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"action_remove": "", "email": zoe.email})
    assert zoe.email in emails()


def test_an_address_of_another_account_is_not_taken_over(client, zoe):
    User.objects.create_user("bea@acme.example", PASSWORD, name="Bea")
    client.force_login(zoe)
    response = client.post(change_email(client, "bea@acme.example"), follow=True)
    assert response.status_code == 200
    assert "already confirmed by a different account" in response.content.decode()
    assert emails() == {"zoe@bakery.example", "bea@acme.example", "first@before.example"}


# Every page of the account


def account_pages():
    names = [
        "account_email",
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
    ]
    return [
        *names,
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "usersessions_list",
        "profile",
    ]


@pytest.mark.parametrize("name", account_pages())
def test_a_page_of_the_account_is_in_our_frame_and_within_the_content_policy(client, zoe, name):
    client.force_login(zoe)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    response = client.get(reverse(name))
    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="topbar"' in page and "<h1>" in page
    assert response["Content-Security-Policy"] == CSP
    assert " style=" not in page and " on" + "click=" not in page
    scripts = [tag.split(">")[0] for tag in page.split("<script")[1:]]
    assert all("src=" in tag or "application/json" in tag for tag in scripts)


def test_every_address_of_the_accounts_is_known_here():
    """A newer allauth may bring pages that nobody has looked at yet."""
    known_values = {"account", "mfa", "usersessions"}
    names = [name for name in get_resolver().reverse_dict if isinstance(name, str)]
    results = {name.split("_")[0] for name in names}
    assert known_values <= results
