"""Recurring revenue: entering it, changing it, and the graphs that follow."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from recurring.mrr.calendar import months_after
from recurring.tests import factories
from recurring.viewsets import PROFILES
from tests.browser.test_pages import faults


def table_of(page, name):
    return page.get_by_role("region", name=f"{name}, as a table")


def fill(page, **text_by_label):
    for label, text in text_by_label.items():
        page.get_by_label(label.replace("_", " "), exact=False).first.fill(text)


def test_a_profile_is_entered_raised_paused_ended_and_taken_back(page, sign_in_as, workspace, complaints):
    current_item = workspace.today().replace(day=1)
    began, raised, paused = (f"{months_after(current_item, -ago):%Y-%m-%d}" for ago in (6, 3, 1))
    sign_in_as(page)

    page.goto(PROFILES.url("create"))
    fill(page, Client="Acme", Category="Gardening", Amount="1,200", First_day=began)
    page.get_by_label("Per", exact=False).first.select_option("year")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("row", name=re.compile("Gardening.*Acme.*100.00"))).to_be_visible()

    page.get_by_role("link", name="Gardening", exact=True).click()
    page.get_by_role("link", name="Change amount").click()
    fill(page, From=raised, Amount="2400")
    preview = page.get_by_label("Effect on MRR")
    expect(preview.get_by_role("cell", name="+$100.00").first).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("MRR today")).to_be_visible()
    expect(page.get_by_text("$200.00").first).to_be_visible()

    graphs = reverse("recurring:graphs")
    page.goto(graphs)
    expect(page.get_by_label("MRR", exact=True).get_by_role("link")).to_have_text("$200")
    page.get_by_role("link", name="Movements").click()
    movements = table_of(page, "Movements")
    expect(movements.get_by_role("link", name="+$100.00")).to_have_count(2)

    page.go_back()
    page.go_back()
    page.get_by_role("link", name="Pause").click()
    fill(page, From=paused)
    page.get_by_role("button", name="Save").click()
    page.goto(f"{graphs}?tab=movements")
    expect(movements.get_by_role("link", name="−$200.00")).to_have_count(1)
    page.goto(reverse("recurring:month", args=[paused[:7]]))
    expect(page.get_by_text("Acme paused ($200)")).to_be_visible()

    page.get_by_role("link", name="Gardening").click()
    page.get_by_role("link", name="Resume").click()
    fill(page, From=paused)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="End…").click()
    fill(page, Last_day=f"{months_after(current_item, -1):%Y-%m}-10")
    page.get_by_role("button", name="End profile").click()
    page.goto(reverse("recurring:month", args=[paused[:7]]))
    expect(page.get_by_text("Acme left ($200)")).to_be_visible()

    page.get_by_role("link", name="Gardening").click()
    page.get_by_role("link", name="Undo ending").click()
    page.get_by_role("button", name="Undo ending").click()
    page.goto(reverse("recurring:month", args=[paused[:7]]))
    expect(page.get_by_text("unchanged from")).to_be_visible()
    # htmx logs each preview request that was aborted by a later one, or by Save.
    complaints[:] = [line for line in complaints if not re.match("htmx:(afterRequest|sendAbort)", line)]


def test_a_click_on_a_bar_leads_to_its_clients(page, sign_in_as, workspace):
    start = months_after(workspace.today().replace(day=1), -4)
    factories.profile(100, start=start)
    hosting = factories.profile(300, start=start, category_name="Hosting")
    sign_in_as(page, "reader")
    page.goto(reverse("recurring:graphs"))
    canvas = page.locator("#by-category canvas")
    expect(canvas).to_be_visible()
    page.wait_for_function(
        "() => window.Chart && Chart.getChart(document.querySelector('#by-category canvas'))"
    )
    page.wait_for_timeout(300)
    place = canvas.evaluate(
        """(canvas) => {
            const chart = Chart.getChart(canvas);
            const at = chart.data.datasets.findIndex((set) => set.label === "Hosting");
            const {x, y} = chart.getDatasetMeta(at).data[11].getCenterPoint();
            return {x, y};
        }"""
    )
    canvas.click(position=place)
    page.wait_for_url("**/graphs/clients/**")
    expect(page.get_by_role("row", name=re.compile(f"{hosting.company}.*300.00"))).to_be_visible()
    expect(page.get_by_text("1 client", exact=True)).to_be_visible()


def test_the_graphs_are_without_fault_light_and_dark_wide_and_narrow(page, sign_in_as, workspace):
    start = months_after(workspace.today().replace(day=1), -14)
    for name in ("Support", "Hosting", "Licenses"):
        factories.profile(100, start=start, category_name=name, term_months=12, renewal="manual")
    sign_in_as(page, "admin and sales staff")
    for address in (reverse("recurring:graphs"), reverse("recurring:clients")):
        page.goto(address)
        page.wait_for_timeout(300)
        assert faults(page) == [], address


def test_on_a_telephone_what_is_late_can_be_renewed_at_once(phone, sign_in_as, workspace):
    start = months_after(workspace.today().replace(day=1), -14)
    late = factories.profile(
        100, start=start, term_months=12, renewal="manual", name="Support of all desks, silver"
    )
    sign_in_as(phone)
    phone.goto(reverse("recurring:graphs") + "?tab=renewals")
    renew = phone.get_by_role("link", name=f"Renew… {late.name}")
    renew.scroll_into_view_if_needed()
    phone.get_by_role("region", name="Overdue renewals").evaluate("region => { region.scrollLeft = 0 }")
    expect(renew).to_be_in_viewport(ratio=1)


def test_without_scripts_the_preview_is_a_button_and_the_tables_say_all(plain, sign_in_as, workspace):
    row = factories.profile(100)
    sign_in_as(plain)
    plain.goto(factories.address(row, "amount"))
    fill(plain, From="2026-03-01", Amount="150")
    plain.get_by_role("button", name="Preview").click()
    expect(plain.get_by_role("cell", name="+$50.00").first).to_be_visible()
    plain.get_by_role("button", name="Save").click()
    plain.goto(reverse("recurring:graphs"))
    plain.locator("#by-category").get_by_text("Table", exact=True).click()
    expect(
        table_of(plain, "Monthly revenue by category").get_by_role("link", name="$150.00").first
    ).to_be_visible()
