"""Every figure of the dashboard leads to exactly the rows it was counted from."""

import datetime
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.demo.fill import fill_workspace
from crm.demo.workspaces import DemoWorkspace
from crm.models import Company, Opportunity, Person, Stage, Status
from crm.tests import factories
from workspaces.models import User, Workspace
from workspaces.tenancy.scope import activate

FIGURE = re.compile(r'<a href="([^"]+)" data-figure="(\w+)" data-exact="(\d*)" data-rows="(\d+)"')
ROOM = DemoWorkspace("", "", seed=7, members=[], companies=16, people=24, opportunities=90)
LABEL = {"value": "Total value", "weighted": "Weighted value"}


@pytest.fixture
def full(workspace):
    """A workspace in which there is something of everything, and more in the trash."""
    Workspace.objects.filter(pk=workspace.pk).update(time_zone="America/Los_Angeles", fiscal_year_start=4)
    workspace.refresh_from_db()
    fill_workspace(ROOM)
    factories.opportunity("won", value=2**63 - 1, close_date=workspace.today(), stage=Stage.objects.first())
    factories.opportunity("won", value=2**63 - 1, close_date=None, stage=Stage.objects.first())
    factories.opportunity("open", value=None, stage=None)
    factories.opportunity("open", value=2**63 - 1, win_percent=99, expected_close=workspace.today())
    return workspace


def figures(page):
    """{(what, address): (what it comes to, of how many rows)} of all figures on the page."""
    results = FIGURE.findall(page.content.decode())
    assert len(results) == page.content.count(b"data-figure")
    return {
        (subject, html.unescape(address)): (int(exact) if exact else None, int(rows))
        for address, subject, exact, rows in results
    }


PAGES = [
    "",
    "?stages=all",
    "?period=this-quarter",
    "?period=last-year&stages=all",
    "?period=custom&from=0001-01-02&to=9999-12-30",
]


def test_each_figure_and_its_link_agree(sign_in, full):
    client, lists = sign_in(full, "reader"), {}
    User.objects.filter(pk=client.member.user_id).update(time_zone="Pacific/Kiritimati")
    for query in PAGES:
        results = figures(client.get(reverse("crm:dashboard") + query))
        assert len(results) > 60
        for (subject, address), (exact, rows) in results.items():
            if address not in lists:
                lists[address] = the_foot_of(client, address)
            shown_text = lists[address]
            assert shown_text.exact_count == rows, (query, subject, address)
            if subject in LABEL:
                assert dict(shown_text.totals)[LABEL[subject]] == exact, (query, subject, address)
            elif subject == "number":
                assert exact == rows, (query, address)


def the_foot_of(client, address):
    """What the list at an address says of all its rows; asked for as scripts do, without the rows."""
    context = client.get(address, headers={"HX-Request": "true", "HX-Target": "totals"}).context
    assert not context["filterset"].form.errors, address
    return context["page"]


def test_the_figures_on_top_are_right(sign_in, full):
    won, lost, going_on, abandoned = (
        list(Opportunity.objects.of_kind(kind)) for kind in ("won", "lost", "open", "abandoned")
    )
    results = figures(sign_in(full).get(reverse("crm:dashboard")))
    home = reverse("crm:opportunity-list")
    assert results["value", f"{home}?kind=won"] == (sum(row.value or 0 for row in won), len(won))
    assert results["value", f"{home}?kind=open"] == (sum(row.value or 0 for row in going_on), len(going_on))
    weighted = sum((row.value or 0) * row.win_percent for row in going_on)
    assert results["weighted", f"{home}?kind=open"] == ((weighted + 50) // 100, len(going_on))
    decided = len(won) + len(lost)
    assert results["rate", f"{home}?kind=won&kind=lost"] == (round(100 * len(won) / decided), decided)
    assert sum(row.value is None for row in going_on) == results["number", f"{home}?kind=open&value=none"][0]
    assert results["number", home] == (len(won + lost + going_on + abandoned),) * 2
    assert results["number", reverse("crm:person-list")][0] == Person.objects.count()
    assert results["number", reverse("crm:company-list")][0] == Company.objects.count()


def test_a_period_counts_what_was_closed_in_it_by_the_workspaces_calendar(sign_in, workspace, time_machine):
    Workspace.objects.filter(pk=workspace.pk).update(time_zone="Pacific/Auckland")
    client = sign_in(workspace)
    time_machine.move_to(datetime.datetime(2026, 4, 30, 20, tzinfo=datetime.UTC))  # in Auckland it is May
    for day, value in [("2026-04-30", 1), ("2026-05-01", 20), ("2026-05-31", 300), ("2026-06-01", 4000)]:
        factories.opportunity("won", value=value, close_date=day)
    factories.opportunity("lost", value=50_000, close_date="2026-05-01")
    page = client.get(reverse("crm:dashboard"), {"period": "this-month"})
    address = "?kind=won&close_date_after=2026-05-01&close_date_before=2026-05-31"
    assert figures(page)["value", reverse("crm:opportunity-list") + address] == (320, 2)


def test_the_sales_cycle_leaves_out_what_was_entered_after_it_was_won(sign_in, workspace):
    today = workspace.today()
    for days, entered in [(0, 10), (5, 30), (100, 0)]:  # won and entered so many days ago
        opportunity = factories.opportunity("won", close_date=today - datetime.timedelta(days))
        entered_at = opportunity.created_at - datetime.timedelta(entered)
        Opportunity.objects.filter(pk=opportunity.pk).update(created_at=entered_at)
    page = sign_in(workspace).get(reverse("crm:dashboard")).content.decode()
    assert 'data-figure="days" data-exact="18" data-rows="3"' in page
    assert "2 of 3 are counted" in page


def test_a_stage_is_shown_with_nothing_in_it_and_a_retired_one_only_with_something(sign_in, workspace):
    demo, pilot, trial = list(Stage.objects.all())[1:4]
    factories.opportunity(stage=pilot)
    Stage.objects.filter(pk__in=[pilot.pk, trial.pk]).update(is_retired=True)
    client = sign_in(workspace)
    page = client.get(reverse("crm:dashboard")).content.decode()
    assert f"{pilot} (archived)" in page and f"{demo}</th>" in page
    assert f"{trial} (archived)" not in page
    assert "No stage" not in page
    factories.opportunity(stage=None)
    assert "No stage" in client.get(reverse("crm:dashboard")).content.decode()


def test_figures_go_by_the_kind_of_a_status_and_not_by_its_name(sign_in, workspace):
    won, lost = (Status.objects.get(kind=kind) for kind in ("won", "lost"))
    won.name, lost.name = "Lost!", "Won!"
    won.save()
    lost.save()
    factories.opportunity("won", value=700)
    page = sign_in(workspace).get(reverse("crm:dashboard"))
    assert figures(page)["value", reverse("crm:opportunity-list") + "?kind=won"] == (700, 1)


@pytest.mark.parametrize("role", ["reader", "sales staff", "admin"])
def test_an_empty_workspace_says_what_to_do(sign_in, workspace, role):
    page = sign_in(workspace, role).get(reverse("crm:dashboard")).content.decode()
    assert "Add your first opportunity" in page
    assert ("Add opportunity" in page) == (role == "sales staff")
    assert ("First steps" in page) == (role != "reader")
    assert "data-chart" not in page and "chart.umd" not in page


BAD = [
    "?period=custom&from=2026-02-30",
    "?period=custom&from=2026-05-01&to=2026-04-01",
    "?period=custom",
    "?period=custom&from=99999999-01-01&to=x",
    "?period=nonsense&stages=%F0%9F%92%A9",
    "?period=this-decade&from=&to=",
]


@pytest.mark.parametrize("query", BAD)
def test_a_period_that_is_none_is_all_time_with_a_sentence(sign_in, workspace, query):
    factories.opportunity("won", close_date=workspace.today())
    page = sign_in(workspace).get(reverse("crm:dashboard") + query)
    assert page.status_code == 200
    assert ("errorlist" in page.content.decode()) == ("custom" in query)
    assert ("value", reverse("crm:opportunity-list") + "?kind=won") in figures(page)


CHARTS = ["by-stage", "won-by-month", "forecast"]


@pytest.mark.parametrize("query", ["", "?period=last-quarter&stages=all"])
def test_each_chart_shows_its_tables_figures_and_leads_where_they_lead(sign_in, full, query):
    client = sign_in(full, "reader")
    results = figures(client.get(reverse("crm:dashboard") + query))
    for name in CHARTS:
        chart = client.get(reverse(f"crm:chart-{name}") + query).json()
        assert chart["labels"] and chart["currency"] == full.currency
        for series in chart["datasets"]:
            places = zip(series["data"], series["urls"], series["texts"], strict=True)
            for value, address, text in places:
                assert results[series["label"].lower(), address][0] == value, (name, text)
                assert f"{value:,}" in text


def test_charts_are_for_those_who_may_see_the_dashboard(sign_in, workspace):
    client = sign_in(workspace, "without CRM")
    assert {client.get(reverse(f"crm:chart-{name}")).status_code for name in CHARTS} == {403}


def queries_of(client, address, parameters=None):
    """How many questions to the database a page takes, its transaction's own words apart."""
    with CaptureQueriesContext(connection) as context:
        assert client.get(address, parameters).status_code == 200, address
    all_items = [query["sql"] for query in context.captured_queries]
    return len([sql for sql in all_items if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))])


@pytest.mark.usefixtures("fastpath")
def test_the_dashboard_takes_at_most_fourteen_queries_whatever_is_in_it(sign_in, full):
    client = sign_in(full, "admin and sales staff")
    client.get(reverse("crm:dashboard"))
    assert queries_of(client, reverse("crm:dashboard")) <= 14
    assert max(queries_of(client, reverse(f"crm:chart-{name}")) for name in CHARTS) <= 14


@pytest.mark.usefixtures("fastpath")
def test_in_a_new_workspace_it_takes_no_more(sign_in, workspace):
    client = sign_in(workspace, "admin and sales staff")
    factories.opportunity(company=factories.company(), stage=Stage.objects.first())
    client.get(reverse("crm:dashboard"))
    assert queries_of(client, reverse("crm:dashboard")) <= 14


def test_another_workspaces_rows_count_nowhere(sign_in, workspace, other_workspace):
    with activate(other_workspace):
        factories.opportunity("won", value=99_999, company=factories.company(name="Secret"))
    factories.opportunity("won", value=5)
    page = sign_in(workspace).get(reverse("crm:dashboard"))
    assert figures(page)["value", reverse("crm:opportunity-list") + "?kind=won"] == (5, 1)
    assert b"Secret" not in page.content
