"""Page layout and navigation: by mouse, by keyboard, on a phone, without scripts."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from crm.tests import factories
from crm.viewsets import COMPANIES, OPPORTUNITIES
from workspaces.tenancy.urls import reverse_outside


def test_the_first_stop_of_the_tab_key_skips_the_frame(page, sign_in_as):
    sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_menu_is_used_by_the_keyboard_alone(page, sign_in_as):
    sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    summary, entry = page.locator(".user summary"), page.get_by_role("link", name="Profile and preferences")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(entry).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_menu_closes_when_one_goes_on(page, sign_in_as):
    sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    menu = page.locator("details.user")
    page.locator(".user summary").click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")
    page.locator(".user summary").click()
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Tab")
    expect(menu).not_to_have_attribute("open", "")


def test_keys_lead_to_the_tabs_and_into_the_search(page, sign_in_as):
    sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    page.keyboard.type("go")
    expect(page).to_have_url(re.compile(OPPORTUNITIES.url("list")))
    page.wait_for_load_state()
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search opportunities")
    expect(search).to_be_focused()
    page.keyboard.type("g c?")
    expect(search).to_have_value("g c?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_list_of_shortcuts_opens_closes_and_switches_them_off(page, sign_in_as):
    sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys.get_by_role("row", name="Opportunities g then o")).to_be_visible()
    keys.get_by_label("Use keyboard shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    page.keyboard.press("?")
    expect(keys).to_have_count(0)
    page.locator(".user summary").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(keys).to_be_visible()


def ground(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_theme_changes_at_once_loses_nothing_and_stays(page, sign_in_as):
    sign_in_as(page)
    page.goto(COMPANIES.url("create"))
    light = ground(page)
    page.get_by_label("Name", exact=False).first.fill("Half a company")
    page.locator(".user summary").click()
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="Dark").click()
    assert ground(page) != light
    expect(page.get_by_label("Name", exact=False).first).to_have_value("Half a company")
    page.goto(COMPANIES.url("list"))
    assert ground(page) != light


def test_without_scripts_menus_and_the_theme_work_too(plain, sign_in_as):
    sign_in_as(plain)
    plain.goto(COMPANIES.url("list"))
    plain.locator(".user summary").click()
    plain.get_by_role("button", name="Dark").click()
    expect(plain).to_have_url(re.compile(COMPANIES.url("list")))
    expect(plain.locator("html")).to_have_attribute("data-theme", "dark")
    plain.locator(".user summary").click()
    expect(plain.get_by_role("button", name="Keyboard shortcuts")).to_be_hidden()
    plain.get_by_role("link", name="Profile and preferences").click()
    expect(plain.locator("h1")).to_be_visible()


def test_the_device_decides_the_theme_without_scripts_too(new_tab):
    dark = new_tab(java_script_enabled=False, color_scheme="dark")
    light = new_tab(color_scheme="light")
    for tab in dark, light:
        tab.goto("/accounts/login/")
    dark.emulate_media(color_scheme="dark")
    assert dark.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") != ground(light)


def test_a_part_that_cannot_be_fetched_says_so(page, sign_in_as, complaints):
    sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    fetch = "address => htmx.ajax('GET', address, {target: 'h1'}).catch(() => {})"
    page.evaluate(fetch, COMPANIES.url("detail", 999))
    expect(page.get_by_role("status").get_by_text("This no longer exists.")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.context.set_offline(True)
    page.evaluate(fetch, COMPANIES.url("list"))
    expect(page.get_by_text("The server isn’t responding.")).to_be_visible()
    complaints.clear()


def test_a_part_fetched_after_the_session_ended_leads_to_the_sign_in_and_back(page, sign_in_as):
    member = sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    member.user.set_password("another one, so the session ends")
    member.user.save()
    page.evaluate("htmx.ajax('GET', location.href, {target: 'h1'})")
    page.wait_for_url(f"**/accounts/login/?next={COMPANIES.url('list')}")


@pytest.mark.parametrize("modifier", ["Control", "Meta"])
def test_everything_is_searched_by_a_shortcut_from_any_field(page, sign_in_as, modifier):
    sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    page.locator("#q").focus()
    page.keyboard.press(f"{modifier}+k")
    expect(page.get_by_role("searchbox", name="Search everything")).to_be_focused()


def test_the_menu_new_opens_by_the_keyboard(page, sign_in_as):
    sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    page.get_by_text("New", exact=True).focus()
    page.locator(".new summary").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("person")


def test_on_a_telephone_all_is_in_reach(phone, sign_in_as):
    sign_in_as(phone, "admin and sales staff")
    phone.goto(OPPORTUNITIES.url("list"))
    expect(phone.get_by_role("link", name="Add new opportunity").first).to_be_in_viewport()
    expect(phone.get_by_role("link", name="Opportunities", exact=True)).to_be_in_viewport(ratio=0.9)
    small = phone.evaluate(
        """() => [...document.querySelectorAll("header a, header summary, .tabs a, .heading .btn")]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 40)
            .map((one) => one.outerHTML)"""
    )
    assert small == []
    phone.get_by_role("link", name="Search everything").tap()
    expect(phone).to_have_url(re.compile(reverse("crm:search")))


FADES = "bar => [bar.classList.contains('has-more-before'), bar.classList.contains('has-more-after')]"


def test_on_a_telephone_the_bar_of_tabs_shows_that_there_is_more(phone, sign_in_as):
    sign_in_as(phone, "admin and sales staff")
    for address in COMPANIES.url("list"), reverse_outside("profile"):
        phone.goto(address)
        bar = phone.locator(".tabbar .bar")
        phone.wait_for_function("document.querySelector('.tabbar .bar').matches('.has-more-after')")
        for name in "Settings", "Recurring Revenue":
            last = bar.get_by_role("link", name=name)
            last.scroll_into_view_if_needed()
            expect(last).to_be_in_viewport(ratio=0.99)
        phone.evaluate("document.querySelector('.tabbar .bar').scrollLeft = 10_000")
        phone.wait_for_function("document.querySelector('.tabbar .bar').matches('.has-more-before')")
        assert bar.evaluate(FADES) == [True, False]
        last.tap()
        expect(phone.get_by_role("heading", level=1)).to_have_text("Revenue profiles")


def test_on_a_screen_nothing_of_the_bar_of_tabs_fades(page, sign_in_as):
    sign_in_as(page, "admin and sales staff")
    page.goto(COMPANIES.url("list"))
    page.wait_for_load_state("networkidle")
    assert page.locator(".has-more-after, .has-more-before").count() == 0


def test_a_list_is_printed_from_the_first_sheet_on(page, sign_in_as):
    sign_in_as(page)
    for number in range(45):
        factories.opportunity(name=f"Thirty workshops on the design of service desks, year {number + 1}")
    page.goto(OPPORTUNITIES.url("list") + "?per_page=50")
    sheets = len(re.findall(rb"/Type /Page\b", page.pdf(format="A4")))
    assert sheets == 2  # the heading is not on a separate sheet


def test_a_list_names_the_field_that_matched_where_no_column_shows_it(page, sign_in_as):
    factories.opportunity(name="Roof", company=factories.company(name="Opal"))
    sign_in_as(page)
    page.goto(OPPORTUNITIES.url("list") + "?q=opal")
    expect(page.locator("td mark")).to_have_text(["Opal"])
    expect(page.get_by_text("matched: Company")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_text("matched: Company")).to_be_visible()
