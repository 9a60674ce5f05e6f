"""Long selects and filters: searchable by typing, unchanged by text without a match."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from crm.tests import factories
from crm.viewsets import COMPANIES, OPPORTUNITIES
from tests.browser.test_pages import faults
from workspaces.tenancy.urls import reverse_outside


def country_box(page):
    return page.get_by_role("combobox", name="Country")


def test_a_long_select_is_searched_by_the_keyboard(page, sign_in_as):
    sign_in_as(page)
    company = factories.company(name="Roofers", country="DE")
    page.goto(COMPANIES.url("update", company.pk))
    box, control = country_box(page), page.locator("select[name=country]")
    box.focus()
    expect(box).to_have_value("Germany")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Germany")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(control).to_have_value("DE")
    expect(page.locator(".combo-list:visible")).to_have_count(0)
    box.focus()
    page.keyboard.type("são tomé")
    page.keyboard.press("Enter")
    expect(control).to_have_value("ST")
    page.keyboard.type("zzz")
    page.keyboard.press("Escape")
    expect(box).to_have_value("Sao Tome and Principe")
    for typed_text, value in [("japan", "JP"), ("de", "DE"), ("austri", "AT")]:
        box.fill(typed_text)
        page.keyboard.press("Tab")
        expect(control).to_have_value(value)
    box.fill("")
    page.keyboard.press("Tab")
    expect(control).to_have_value("")


def test_text_that_no_entry_fits_is_asked_about_and_never_saved_as_something_else(page, sign_in_as):
    sign_in_as(page)
    company = factories.company(name="Roofers", country="DE")
    page.goto(COMPANIES.url("update", company.pk))
    box = country_box(page)
    box.fill("Atlantis")
    page.keyboard.press("Control+Enter")
    expect(box).to_be_focused()
    expect(box).to_have_value("Atlantis")
    expect(box).to_have_accessible_description(re.compile("“Atlantis” isn’t in the list"))
    box.fill("Austria")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/edit/" not in url)
    company.refresh_from_db()
    assert company.country == "AT"


@pytest.mark.parametrize("way", ["reload", "back"])
def test_a_box_shows_the_entry_that_the_browser_restores(page, sign_in_as, way):
    sign_in_as(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(COMPANIES.url("create"))
    country_box(page).fill("Japan")
    page.keyboard.press("Tab")
    expect(page.locator("select[name=country]")).to_have_value("JP")
    if way == "back":
        page.goto(COMPANIES.url("list"))
        page.go_back()
    else:
        page.reload()
    restored = page.locator("select[name=country]").evaluate(
        "s => s.value && s.selectedOptions[0].text.trim()"
    )
    expect(country_box(page)).to_have_value(restored)


def test_filters_are_chosen_by_the_keyboard_alone(page, sign_in_as):
    tags = [factories.tag(name="Alpha")]
    company = factories.company(name="Roofers", country="DE")
    factories.opportunity(name="Roof", company=company).tags.set(tags)
    factories.opportunity(name="Wall")
    sign_in_as(page)
    page.goto(OPPORTUNITIES.url("list"))
    page.get_by_text("Filters", exact=True).click()
    box = page.get_by_role("combobox", name="Tags")
    box.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(box).to_be_focused()
    page.keyboard.type("alp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove Alpha")).to_have_count(1)
    its_company = page.get_by_role("combobox", name="Company", exact=True)
    its_company.focus()
    page.keyboard.type("roof")
    expect(page.get_by_role("option", name="Roofers")).to_be_visible()
    page.keyboard.press("Enter")
    wrong = faults(page)
    assert not wrong, wrong
    page.get_by_role("button", name="Show opportunities").click()
    page.wait_for_url(re.compile(rf"company={company.pk}"))
    expect(page.get_by_role("link", name="Roof", exact=True).first).to_be_visible()
    expect(page.get_by_role("link", name="Wall", exact=True)).to_have_count(0)


@pytest.mark.parametrize("address", ["members:workspace", "workspace-new", "profile"])
def test_currencies_and_time_zones_are_searched_by_code_name_place_and_offset(page, sign_in_as, address):
    sign_in_as(page, "admin")
    page.goto(reverse(address) if ":" in address else reverse_outside(address))
    searches = [("Time zone", "time_zone", text, "Asia/Kolkata") for text in ("kolk", "+05:30")]
    if address != "profile":
        searches += [("Currency", "currency", text, "NZD") for text in ("nzd", "new zealand", "zealand dol")]
    for label, name, text, value in searches:
        box = page.get_by_role("combobox", name=label, exact=False)
        box.fill(text)
        page.get_by_role("option", name=value, exact=False).locator("visible=true").first.click()
        expect(page.locator(f"select[name={name}]")).to_have_value(value)
        box.fill("")
        page.keyboard.press("Escape")
    if address == "workspace-new":
        return
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").get_by_text("saved")).to_be_visible()
    expect(page.get_by_role("combobox", name="Time zone")).to_have_value(re.compile("Asia/Kolkata"))


def test_a_new_workspace_is_proposed_the_time_zone_of_the_browser_by_its_present_name(new_tab, sign_in_as):
    page = new_tab(timezone_id="Asia/Calcutta")
    sign_in_as(page)
    page.goto(reverse_outside("workspace-new"))
    expect(page.get_by_role("combobox", name="Time zone")).to_have_value("Asia/Kolkata (UTC+05:30)")
