"""Numbers, dates and countries typed into a browser."""

import datetime

from playwright.sync_api import expect

from crm.models import Company, Opportunity
from crm.tests import factories
from crm.viewsets import COMPANIES, OPPORTUNITIES


def save(page):
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_country_is_found_by_another_name(workspace, page, sign_in_as):
    sign_in_as(page)
    page.goto(COMPANIES.url("create"))
    page.locator("[name=name]").fill("Acme")
    box = page.get_by_role("combobox", name="Country")
    box.press_sequentially("Holland")
    expect(page.locator("[role=option]:visible")).to_have_text(["Netherlands"])
    box.press("Enter")
    save(page)
    expect(page.locator("main").get_by_text("Netherlands").first).to_be_visible()
    assert Company.objects.get().country.code == "NL"


def test_a_year_of_two_digits_typed_into_the_date_box_is_asked_about(workspace, page, sign_in_as):
    row = factories.opportunity(name="Roof")
    sign_in_as(page)
    page.goto(OPPORTUNITIES.url("update", row.pk))
    box = page.locator("[name=expected_close]")
    box.focus()
    page.keyboard.type("123126")
    page.locator("[name=value]").fill("TBD")
    page.locator("[name=value]").blur()
    save(page)
    sentence = "Did you mean 2026? Enter the year with four digits."
    expect(page.get_by_text(sentence, exact=True)).to_be_visible()
    expect(page.get_by_text("Enter a whole number, such as 12,000.", exact=True)).to_be_visible()
    expect(box).to_have_value("0026-12-31")
    box.focus()
    page.keyboard.type("12312026")
    page.locator("[name=value]").fill("１２，０００")
    save(page)
    expect(page.get_by_role("link", name="Roof", exact=True).first).to_be_visible()
    row = Opportunity.objects.get()
    assert (row.value, row.expected_close) == (12000, datetime.date(2026, 12, 31))


def test_without_scripts_a_typed_date_is_understood(workspace, plain, sign_in_as):
    factories.opportunity(name="Roof", close_date=datetime.date(2026, 12, 31))
    sign_in_as(plain)
    plain.goto(OPPORTUNITIES.url("list") + "?close_date_after=31+Dec+2026")
    expect(plain.get_by_role("link", name="Roof", exact=True)).to_be_visible()
    plain.goto(OPPORTUNITIES.url("filters") + "?close_date_after=12/31/26")
    expect(plain.locator("[name=close_date_after]")).to_have_value("12/31/26")
