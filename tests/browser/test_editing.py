"""Editing in a browser: an expired session, the Stop button, concurrent edits of one record."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from crm.models import Company
from crm.tests import factories
from crm.viewsets import COMPANIES
from tests.browser.conftest import one_at_a_time
from workspaces.models import User

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"


def field(page, name):
    return page.locator(f"main [name={name}]")


def save(page):
    page.get_by_role("button", name="Save", exact=True).click()


def give_password(member):
    user = User.objects.get(pk=member.user_id)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user.email


def sign_in(page, email):
    field(page, "login").fill(email)
    field(page, "password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("with_scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("is_without_cookies", [True, False], ids=["no cookies", "session ended"])
def test_what_was_typed_survives_an_ended_session(
    workspace, new_tab, sign_in_as, complaints, with_scripts, is_without_cookies
):
    page = new_tab(java_script_enabled=with_scripts)
    email = give_password(sign_in_as(page))
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    sign_in(page, email)
    page.goto(COMPANIES.url("create"))
    field(page, "name").fill("Globex")
    field(page, "address").fill("First line\nSecond line")
    if is_without_cookies:
        page.context.clear_cookies()
    Session.objects.all().delete()
    save(page)
    expect(page.get_by_text("Your changes are kept")).to_be_visible()
    sign_in(page, email)
    expect(field(page, "name")).to_have_value("Globex")
    expect(field(page, "address")).to_have_value("First line\nSecond line")
    assert not Company.objects.exists()
    save(page)
    expect(page.get_by_role("link", name="Globex").first).to_be_visible()
    assert Company.objects.get().address == "First line\nSecond line"
    complaints.clear()


def test_save_works_again_after_stop(workspace, page, sign_in_as):
    sign_in_as(page)
    page.goto(COMPANIES.url("create"))
    field(page, "name").click()
    page.keyboard.type("Globex")
    captured, sent_data = [], []
    page.on("dialog", lambda dialog: captured.append(dialog))
    page.on("request", lambda request: request.method == "POST" and sent_data.append(request.url))
    press_save = "() => { setTimeout(() => document.querySelector('.form-foot button').click(), 0); }"
    browser = page.context.new_cdp_session(page)
    with one_at_a_time:  # the server does not answer
        page.evaluate(press_save)
        wait_until(page, lambda: sent_data)
        browser.send("Page.stopLoading")
        page.wait_for_timeout(200)
        assert captured == [], "a submission does not ask"
        page.evaluate("() => { setTimeout(() => location.assign('/'), 0); }")
        wait_until(page, lambda: captured)
    captured.pop().dismiss()
    page.evaluate(press_save)
    expect(page.get_by_role("link", name="Globex").first).to_be_visible()
    assert (len(sent_data), Company.objects.count(), captured) == (2, 1, [])


def wait_until(page, condition):
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing happened in ten seconds")


def test_a_double_click_saves_once(workspace, page, sign_in_as):
    sign_in_as(page)
    page.goto(COMPANIES.url("create"))
    field(page, "name").fill("Globex")
    requests = []
    page.on("request", lambda request: request.method == "POST" and requests.append(request.url))
    page.get_by_role("button", name="Save", exact=True).dblclick()
    expect(page.get_by_role("link", name="Globex").first).to_be_visible()
    assert len(requests) == 1 and Company.objects.count() == 1


def test_two_people_in_one_record(workspace, new_tab, sign_in_as, complaints):
    acme = factories.company(name="Acme", city="Austin", zip="1")
    ada, tess = new_tab(), new_tab()
    for tab in (ada, tess):
        sign_in_as(tab)
        tab.goto(COMPANIES.url("update", acme.pk))
    field(tess, "city").fill("Berlin")
    save(tess)
    expect(tess.get_by_text("Saved:")).to_be_visible()
    field(ada, "zip").fill("2")
    save(ada)
    expect(ada.get_by_text(re.compile("changed City in the meantime"))).to_be_visible()
    acme.refresh_from_db()
    assert (acme.city, acme.zip) == ("Berlin", "2")

    for tab in (ada, tess):
        tab.goto(COMPANIES.url("update", acme.pk))
    field(tess, "city").fill("Cologne")
    field(tess, "state").fill("NW")
    save(tess)
    expect(tess.get_by_text("Saved:")).to_be_visible()
    field(ada, "city").fill("Dresden")
    save(ada)
    expect(ada.get_by_role("alert")).to_contain_text("changed this field while you were editing it")
    rows = ada.locator(".both-texts tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Cologne")
    save(ada)
    expect(ada.get_by_text("Saved:")).to_be_visible()
    acme.refresh_from_db()
    assert (acme.city, acme.state) == ("Dresden", "NW")
    complaints.clear()  # Chromium logs each 409 response
