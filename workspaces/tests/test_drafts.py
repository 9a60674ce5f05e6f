"""Drafts: typed text survives an ended session and a stale token, and no other user sees it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from conftest import ROLES
from crm.models import Company, Person, Stage
from crm.tests import factories
from crm.tests.submitted_forms import Form, send
from crm.viewsets import COMPANIES, OPPORTUNITIES, PEOPLE, STAGES
from recurring.tests.factories import profile as make_profile
from recurring.viewsets import PROFILES
from workspaces.accounts.sessions import drafts
from workspaces.models import Invitation, Membership, User, Workspace
from workspaces.tenancy.scope import activate

PASSWORD = "correct horse battery"
LOGIN = "/accounts/login/"


@pytest.fixture
def person(workspace, unlimited):
    """A member with a password, whose browser is a client of Django's."""

    def person(name="ada", role="admin and sales staff", place=workspace):
        user = User.objects.create_user(f"{name}@acme.example", password=PASSWORD, name=name.title())
        with activate(place):
            Membership.objects.create(user=user, **ROLES[role])
        browser = Client()
        browser.post(LOGIN, {"login": user.email, "password": PASSWORD})
        browser.user = user
        return browser

    return person


def end_session():
    Session.objects.all().delete()


def sign_in_again(browser, answer, email=None):
    """Follow a redirect to the sign-in page, sign in, and return the page that one is led to."""
    assert urlsplit(answer.url).path == LOGIN, answer.url
    page = browser.get(answer.url)
    assert "Your changes are kept" in page.content.decode()
    (next_url,) = parse_qs(urlsplit(answer.url).query)["next"]
    credentials = {"login": email or browser.user.email, "password": PASSWORD, "next": next_url}
    return browser.post(LOGIN, credentials, follow=True)


def test_a_record_is_shown_again_as_it_was_typed_and_not_saved(person):
    ada, url = person(), COMPANIES.url("create")
    page = ada.get(url)
    end_session()
    back = sign_in_again(ada, send(ada, page, url, name="Globex", city="Köln", tags="vip"))
    assert back.status_code == 200 and not Company.objects.exists()
    values = Form(back).values
    assert (values["name"], values["city"], values["tags"]) == ("Globex", "Köln", "vip")
    assert values["submission"] == Form(page).values["submission"]
    assert send(ada, back, url).url.startswith(COMPANIES.url("list"))
    assert Company.objects.get().city == "Köln"


def test_it_is_shown_once(person):
    ada, url = person(), PEOPLE.url("create")
    page = ada.get(url)
    end_session()
    sign_in_again(ada, send(ada, page, url, name="Grace"))
    assert Form(ada.get(url)).values["name"] == ""


def test_an_edit_is_shown_again_and_merged(person, workspace):
    ada, acme = person(), factories.company(name="Acme", city="Austin", zip="1")
    url = COMPANIES.url("update", acme.pk)
    page = ada.get(url)
    end_session()
    answer = send(ada, page, url, zip="2")
    Company.objects.get(pk=acme.pk)
    acme.city = "Berlin"
    acme.save()
    back = sign_in_again(ada, answer)
    assert (Form(back).values["zip"], Form(back).values["city"]) == ("2", "Berlin")
    acme.refresh_from_db()
    assert acme.zip == "1"
    assert send(ada, back, url).status_code == 302
    acme.refresh_from_db()
    assert (acme.zip, acme.city) == ("2", "Berlin")


def forms(workspace, browser):
    """{URL: (what is typed, where it shows)} of a form of each sort."""
    member = Membership.objects.get(user=browser.user)
    profile, roof = make_profile(), factories.opportunity()
    return {
        COMPANIES.url("create"): ("name", "Typed"),
        OPPORTUNITIES.url("update", roof.pk): ("name", "Typed"),
        STAGES.url("create"): ("name", "Typed"),
        STAGES.url("update", Stage.objects.first().pk): ("name", "Typed"),
        PROFILES.url("create"): ("name", "Typed"),
        PROFILES.url("update", profile.pk): ("name", "Typed"),
        reverse("recurring:revenueprofile-pause", args=[profile.pk]): ("note", "Typed"),
        reverse("recurring:revenueprofile-amount", args=[profile.pk]): ("note", "Typed"),
        reverse("recurring:rates"): ("lines", "Typed"),
        reverse("members:workspace"): ("name", "Typed"),
        reverse("members:invite"): ("email", "typed@x.example"),
        reverse("members:member-update", args=[member.pk]): ("is_sales_staff", ""),
        "/workspaces/profile/": ("name", "Typed"),
        "/workspaces/new/": ("name", "Typed"),
    }


def test_each_form_keeps_what_was_typed(person, workspace):
    ada = person()
    state_before = Workspace.objects.count(), Invitation.objects.count()
    for url, (name, text) in forms(workspace, ada).items():
        ada.force_login(ada.user)
        page = ada.get(url)
        end_session()
        sent_data = {**all_values(page), name: text}
        answer = ada.post(url, {name: value for name, value in sent_data.items() if value})
        back = sign_in_again(ada, answer)
        assert all_values(back).get(name, "") == text, url
    assert state_before == (Workspace.objects.count(), Invitation.objects.count())
    assert not Stage.objects.filter(name="Typed").exists()


def all_values(page):
    for marked in ("record-form", "add-entry"):
        if values := Form(page, marked).values:
            return values
    raise AssertionError("no form on the page")


def test_another_user_does_not_see_it(person):
    ada, eve = person(), person("eve")
    url, page = PEOPLE.url("create"), None
    page = ada.get(url)
    session = ada.session
    session["seen_at"] = session["begun_at"] = 0  # away for too long: it is known whose form it is
    session.save()
    back = sign_in_again(ada, send(ada, page, url, name="Secret"), eve.user.email)
    assert "Secret" not in back.content.decode()
    assert "Secret" not in str(dict(ada.session))


def test_another_user_does_not_see_it_when_the_row_of_the_session_is_gone(person):
    ada, eve = person(), person("eve")
    url = PEOPLE.url("create")
    page = ada.get(url)
    end_session()
    back = sign_in_again(ada, send(ada, page, url, name="Secret"), eve.user.email)
    assert back.status_code == 200 and "Secret" not in back.content.decode()
    assert "Secret" not in str(dict(ada.session))


@pytest.mark.parametrize("names_its_owner", [True, False])
def test_a_form_from_before_another_users_sign_in_is_not_taken_for_theirs(person, settings, names_its_owner):
    ada, eve = person(), person("eve")
    browser = Client(enforce_csrf_checks=True)
    url, page = PEOPLE.url("create"), None
    for user in (ada.user, eve.user):
        browser.get(LOGIN)
        token = browser.cookies[settings.CSRF_COOKIE_NAME].value
        credentials = {"login": user.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert browser.post(LOGIN, credentials).status_code == 302
        page = page or browser.get(url)
        end_session()
    owner = {} if names_its_owner else {drafts.OWNER_FIELD: None}
    answer = send(browser, page, url, name="Secret", **owner)
    sign_in = browser.get(answer.url).content.decode()
    assert ("can’t tell whose it is" in sign_in) is not names_its_owner
    browser.force_login(eve.user)
    assert "Secret" not in browser.get(url).content.decode()
    assert "Secret" not in str(dict(browser.session))


@pytest.mark.parametrize("is_eve", [True, False])
def test_without_any_cookie_it_is_shown_to_its_owner_only(person, is_eve):
    ada, eve = person(), person("eve")
    url = PEOPLE.url("create")
    page = ada.get(url)
    ada.cookies.clear()
    back = sign_in_again(ada, send(ada, page, url, name="Secret"), (eve if is_eve else ada).user.email)
    assert ("Secret" in back.content.decode()) is not is_eve


def test_where_nothing_tells_whose_it_is_it_is_not_kept_and_that_is_said(person):
    ada = person()
    ada.cookies.clear()
    answer = ada.post(PEOPLE.url("create"), {"name": "Secret"})
    assert "can’t tell whose it is" in ada.get(answer.url).content.decode()
    assert "Secret" not in str(dict(ada.session))


def test_it_is_shown_again_after_the_address_of_the_account_has_changed(person):
    ada, url = person(), PEOPLE.url("create")
    ada.get(url)
    ada.user.email = "lovelace@acme.example"
    ada.user.save()
    page = ada.get(url)
    end_session()
    back = sign_in_again(ada, send(ada, page, url, name="Grace"))
    assert Form(back).values["name"] == "Grace"


def test_a_stranger_to_the_workspace_does_not_see_it(person, other_workspace):
    ada, eve = person(), person("eve", place=other_workspace)
    url = PEOPLE.url("create")
    page = ada.get(url)
    end_session()
    back = sign_in_again(ada, send(ada, page, url, name="Grace"), eve.user.email)
    assert back.status_code == 404 and "Grace" not in back.content.decode()


def test_no_password_is_kept(person):
    ada = person()
    end_session()
    ada.post("/workspaces/new/", {"name": "Acme", "password": PASSWORD, "new_Password1": PASSWORD})
    assert "Acme" in str(dict(ada.session)) and PASSWORD.split()[0] not in str(dict(ada.session))
    ada.post("/accounts/password/change/", {"oldpassword": PASSWORD, "name": "x1y2"})
    assert "x1y2" not in str(dict(ada.session))


def test_what_is_too_long_is_not_stored_and_that_is_said(person):
    ada = person()
    end_session()
    answer = ada.post(PEOPLE.url("create"), {"name": "x" * (drafts.MAX_CHARACTERS + 1)})
    assert "too long to keep" in ada.get(answer.url).content.decode()
    assert not ada.session.get(drafts.SESSION_KEY)


def test_a_session_keeps_the_latest_few(person):
    ada = person()
    end_session()
    for number in range(drafts.MAX_DRAFTS + 3):
        ada.post(f"{PEOPLE.url('create')}?n={number}", {"name": "Grace"})
    assert len(ada.session[drafts.SESSION_KEY]) == drafts.MAX_DRAFTS


def test_it_is_forgotten_after_an_hour(person, monkeypatch):
    ada, url = person(), PEOPLE.url("create")
    page = ada.get(url)
    end_session()
    answer = send(ada, page, url, name="Grace")
    monkeypatch.setattr(drafts, "LIFETIME_SECONDS", 0)
    assert Form(sign_in_again(ada, answer)).values["name"] == ""


def test_a_button_leads_back_to_its_page(person):
    ada, stage = person(), Stage.objects.last()
    end_session()
    url = reverse("crm:stage-retire", args=[stage.pk])
    answer = ada.post(url, headers={"referer": f"http://testserver{STAGES.url('list')}"})
    back = sign_in_again(ada, answer)
    assert back.redirect_chain[-1][0] == STAGES.url("list")
    assert "save again" in back.content.decode()
    stage.refresh_from_db()
    assert not stage.is_retired


def test_htmx_leads_the_whole_page_to_the_sign_in(person):
    ada = person()
    end_session()
    answer = ada.post(STAGES.url("create"), {"name": "Typed"}, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert 'value="Typed"' in sign_in_again(ada, answer).content.decode()


@pytest.fixture
def strict(person):
    """A browser whose tokens are checked, with the page of a new person open."""
    ada = person()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada.user)
    return browser


def test_with_a_stale_token_the_form_is_shown_again_with_a_new_one(strict):
    url = PEOPLE.url("create")
    page = strict.get(url)
    answer = send(strict, page, url, name="Grace", csrfmiddlewaretoken="x" * 64)
    assert answer.status_code == 403 and not Person.objects.exists()
    assert "This form had expired" in answer.content.decode() and Form(answer).values["name"] == "Grace"
    assert send(strict, answer, url).status_code == 302
    assert Person.objects.get().name == "Grace"


def test_without_any_cookie_it_is_kept_as_well(strict, person):
    url = PEOPLE.url("create")
    page = strict.get(url)
    strict.cookies.clear()
    answer = send(strict, page, url, name="Grace")
    assert urlsplit(answer.url).path == LOGIN
    assert "Your changes are kept" in strict.get(answer.url).content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver"},
        {"referer": "https://evil.example/page"},
        {"referer": "http://["},
    ],
)
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_another_site_cannot_type_for_the_user(strict, headers, is_signed_in):
    if not is_signed_in:
        strict.cookies.clear()
    answer = strict.post(PEOPLE.url("create"), {"name": "Planted"}, headers=headers)
    assert answer.status_code == 403 and "Planted" not in answer.content.decode()
    assert "sessionid" not in answer.cookies, "the session of the visitor is theirs"
    assert "Planted" not in str(dict(strict.session))


def test_the_page_that_one_is_led_to_is_ours(person):
    ada = person()
    end_session()
    answer = ada.post("/workspaces/new/?next=https://evil.example", {"name": "Acme"})
    (next_url,) = parse_qs(urlsplit(answer.url).query)["next"]
    assert next_url.startswith("/workspaces/new/")
