"""End-to-end user journeys."""

import re

import pytest
from playwright.sync_api import expect

from crm.models import Opportunity, Stage, Status
from crm.tests import factories
from crm.viewsets import COMPANIES, OPPORTUNITIES, STAGES
from workspaces.models import User, Workspace


def field(page, name):
    return page.locator(f"main [name={name}]")


def save(page):
    page.get_by_role("button", name="Save", exact=True).click()


def sign_up(page, workspace):
    """Sign up and create a workspace. Return its URL."""
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=re.compile("sign up", re.I)).click()
    field(page, "name").fill("Nora New")
    field(page, "email").fill("nora@example.com")
    field(page, "password1").fill("a long enough one")
    page.get_by_role("main").get_by_role("button", name=re.compile("sign up", re.I)).click()
    field(page, "name").fill(workspace)
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    return f"/w/{Workspace.objects.get(name=workspace).slug}/crm"


@pytest.mark.parametrize("with_scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_sign_up_to_the_first_sale_on_the_dashboard(db, new_tab, transactional_db, with_scripts):
    User.objects.create_user("first@before.example", name="First")  # the first user
    page = new_tab(java_script_enabled=with_scripts)
    crm = sign_up(page, "Ziegler Roofing")

    page.goto(f"{crm}/companies/")
    page.get_by_role("link", name="Add new company").first.click()
    field(page, "name").fill("Hargrove & Sons")
    save(page)
    expect(page.get_by_role("link", name="Hargrove & Sons").first).to_be_visible()

    page.goto(f"{crm}/people/new/")
    field(page, "name").fill("Petra Lindqvist")
    field(page, "email").fill("petra@hargrove.example")
    save(page)

    page.goto(f"{crm}/opportunities/new/")
    field(page, "name").fill("New roof")
    field(page, "value").fill("$12,000")
    save(page)
    page.goto(f"{crm}/")
    expect(page.locator("[data-figure]", has_text="12,000").first).to_be_visible()

    page.goto(f"{crm}/opportunities/")
    page.get_by_role("link", name="New roof").first.click()
    page.get_by_role("link", name="Update", exact=True).first.click()
    field(page, "status").select_option(label="Won")
    save(page)
    page.goto(f"{crm}/")
    total = page.get_by_role("link", name="$12,000").first
    expect(total).to_be_visible()
    total.click()
    expect(page.get_by_role("link", name="New roof").first).to_be_visible()
    expect(page.get_by_text("1 of 1").or_(page.get_by_text("1 opportunity")).first).to_be_visible()


def test_a_search_is_typed_and_its_rows_are_opened_in_place_by_the_keyboard(page, sign_in_as):
    factories.opportunity(name="Roof")
    factories.opportunity("lost", name="Wall")
    factories.opportunity("lost", name="Opening campaign")
    sign_in_as(page)
    page.goto(OPPORTUNITIES.url("list"))
    page.keyboard.press("/")
    page.keyboard.type("open")
    expect(page.get_by_role("link", name="Wall")).to_have_count(0)
    expect(page.locator("tr", has_text="Roof").locator("mark")).to_have_text(["Open"])
    expect(page.locator("tr", has_text="Opening campaign").locator("mark")).to_have_text(["Open"])
    expect(page).to_have_url(re.compile(r"q=open"))

    for name in ["Roof", "Opening campaign"]:
        plus = page.locator("tr", has_text=name).first.get_by_role("button").first
        plus.focus()
        page.keyboard.press("Enter")
        expect(plus).to_have_attribute("aria-expanded", "true")
        expect(plus).to_be_focused()
    expect(page.locator("dl.points:visible")).to_have_count(2)
    expect(page.locator("dl.points:visible").first).to_contain_text("Loss reason")
    page.keyboard.press(" ")
    expect(page.locator("dl.points:visible")).to_have_count(1)


def test_selected_rows_are_deleted_together_and_restored(page, sign_in_as):
    company = factories.company(name="Acme")
    roof = factories.opportunity(name="Roof", company=company)
    factories.company(name="Birch")
    sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    for name in ["Acme", "Birch"]:
        page.get_by_label(f"Select {name}").check()
    page.locator(".split summary").click()
    page.get_by_role("button", name=re.compile("Delete")).first.click()
    expect(page.get_by_role("main")).to_contain_text("1 opportunity")
    page.get_by_role("button", name=re.compile("Delete 2 companies")).click()
    expect(page.get_by_role("link", name="Acme")).to_have_count(0)
    roof.refresh_from_db()
    assert roof.company is None

    page.goto(COMPANIES.url("list").replace("companies", "trash"))
    page.locator("tr", has_text="Acme").get_by_role("button", name=re.compile("Restore")).click()
    page.goto(COMPANIES.url("list"))
    expect(page.get_by_role("link", name="Acme").first).to_be_visible()
    roof.refresh_from_db()
    assert roof.company == company


def test_two_people_change_the_same_record_and_neither_text_is_lost(new_tab, sign_in_as, complaints):
    company = factories.company(name="Acme", city="Bern")
    ann, bob = new_tab(), new_tab()
    for tab in (ann, bob):
        sign_in_as(tab)
        tab.goto(COMPANIES.url("update", company.pk))
    field(ann, "city").fill("Basel")
    save(ann)
    expect(ann.locator("#messages")).to_contain_text("Acme")
    field(bob, "city").fill("Geneva")
    with bob.expect_response(lambda response: response.request.method == "POST") as answer:
        save(bob)
    assert answer.value.status == 409
    city_row = bob.get_by_role("main").get_by_role("row", name="City")
    expect(city_row).to_contain_text("Basel")
    expect(city_row).to_contain_text("Geneva")
    complaints.clear()  # Chromium logs each 409 response
    expect(field(bob, "city")).to_have_value("Geneva")


def test_a_stage_is_replaced_while_it_is_in_use(page, sign_in_as):
    demo, proposal = Stage.objects.get(name="Demo"), Stage.objects.get(name="Proposal")
    roof = factories.opportunity(name="Roof", stage=demo)
    sign_in_as(page, "admin")
    page.goto(STAGES.url("list"))
    page.locator("tr", has_text="Demo").get_by_role("link", name=re.compile("Delete")).click()
    field(page, "to").select_option(label="Proposal")
    page.locator("[name=how][value=merge]").check()
    page.get_by_role("button", name="Move 1 opportunity").click()
    expect(page.locator("#messages")).to_contain_text("Demo")
    roof.refresh_from_db()
    assert roof.stage == proposal
    assert not Stage.objects.filter(name="Demo").exists()
    page.goto(OPPORTUNITIES.url("detail", roof.pk))
    expect(page.get_by_role("main")).to_contain_text("Demo")  # in its history


def test_winning_needs_no_mouse(page, sign_in_as):
    roof = factories.opportunity(name="Roof", value=4000, stage=Stage.objects.first())
    sign_in_as(page)
    page.goto(OPPORTUNITIES.url("list"))
    page.get_by_role("link", name="Roof").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Update", exact=True).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit/")  # with the scripts that handle the keys
    status = field(page, "status")
    status.focus()
    status.press("W")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Roof")
    assert Opportunity.objects.get(pk=roof.pk).kind == Status.Kind.WON


def test_the_selection_bar_offers_what_fits_the_selected_rows(page, sign_in_as):
    factories.company(name="Acme")
    factories.company(name="Birch")
    sign_in_as(page)
    page.goto(COMPANIES.url("list"))
    bar = page.locator("#selection-bar")
    expect(bar).to_be_hidden()
    page.get_by_label("Select Acme").check()
    expect(bar.get_by_role("button")).to_have_text(["View", "Update", "Delete", "Clear selection"])
    page.get_by_label("Select Birch").check()
    expect(bar).to_contain_text("2 selected")
    expect(bar.get_by_role("button")).to_have_text(["Delete", "Clear selection"])
    bar.get_by_role("button", name="Clear selection").click()
    expect(bar).to_be_hidden()
    expect(page.get_by_label("Select all on this page")).to_be_focused()
    page.keyboard.press("Space")
    bar.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name=re.compile("Delete 2 companies"))).to_be_visible()


def test_without_scripts_rows_open_as_pages_and_selecting_still_works(plain, sign_in_as):
    factories.company(name="Acme", city="Bern")
    sign_in_as(plain)
    plain.goto(f"{COMPANIES.url('list')}?q=acme")
    plain.get_by_label("Expand Acme").click()
    expect(plain.get_by_role("main")).to_contain_text("Bern")
    plain.go_back()
    plain.locator(".split summary").click()
    plain.get_by_role("button", name=re.compile("Update")).first.click()
    expect(plain.locator("#messages")).to_contain_text("Select one row")
    plain.get_by_label("Select Acme").check()
    plain.locator(".split summary").click()
    plain.get_by_role("button", name=re.compile("Update")).first.click()
    expect(field(plain, "city")).to_have_value("Bern")
