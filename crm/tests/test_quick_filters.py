"""Quick filters of the opportunity list: what they show, and that a second click turns them off."""

import datetime
import re
from urllib.parse import parse_qs

import pytest

from crm.tests import factories
from crm.tests.test_filters import names
from crm.viewsets import OPPORTUNITIES

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def sales(sign_in, workspace, time_machine):
    time_machine.move_to("2026-12-10 12:00Z", tick=False)
    client, today = sign_in(workspace), workspace.today()
    factories.opportunity(name="Mine", assignee=client.member, expected_close=today)
    factories.opportunity(name="Last of the month", expected_close=datetime.date(2026, 12, 31))
    factories.opportunity(name="Next month", expected_close=datetime.date(2027, 1, 1))
    factories.opportunity(name="Overdue", expected_close=today - DAY)
    factories.opportunity(name="Long overdue", expected_close=datetime.date(2026, 11, 30))
    factories.opportunity("won", name="Won", assignee=client.member, expected_close=today - DAY)
    return client


def links(client, query=""):
    """Return {label: (query of its link, whether it is on)}."""
    html = client.get(OPPORTUNITIES.url("list") + query).content.decode()
    matches = re.findall(r'<a class="pill quick" href="([^"]*)"( aria-current="true")?>([^<]*)</a>', html)
    return {label: (url.replace("&amp;", "&"), bool(current)) for url, current, label in matches}


def list_names(client, query):
    parameters = parse_qs(query.removeprefix("?"))
    return {*names(client, OPPORTUNITIES, **parameters)}


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Mine", {"Mine", "Won"}),
        ("Open", {"Mine", "Last of the month", "Next month", "Overdue", "Long overdue"}),
        ("Closing this month", {"Mine", "Last of the month", "Overdue"}),
        ("Overdue", {"Overdue", "Long overdue"}),
    ],
)
def test_a_quick_filter_shows_its_records_and_is_turned_off_again(sales, label, expected):
    query, is_on = links(sales)[label]
    assert not is_on and list_names(sales, query) == expected
    query_off, is_on = links(sales, query)[label]
    assert is_on and len(list_names(sales, query_off)) == 6


def test_quick_filters_combine_and_keep_the_search(sales):
    mine, _ = links(sales, "?q=mine&page=3")["Mine"]
    combined, _ = links(sales, mine)["Closing this month"]
    assert list_names(sales, combined) == {"Mine"} and "q=mine" in combined and "page=" not in combined
    overdue, _ = links(sales, combined)["Overdue"]
    assert "expected_close_after" not in overdue
    assert {label for label, (_, is_on) in links(sales, overdue).items() if is_on} == {
        "Mine",
        "Open",
        "Overdue",
    }


def test_a_month_ends_where_the_workspace_is(sign_in, workspace, time_machine):
    workspace.time_zone = "Pacific/Auckland"
    workspace.save()
    time_machine.move_to("2026-11-30 12:00Z", tick=False)  # December there
    client = sign_in(workspace)
    assert links(client) == {}, "there is nothing to filter yet"
    factories.opportunity()
    query, _ = links(client)["Closing this month"]
    assert "expected_close_after=2026-12-01" in query and "expected_close_before=2026-12-31" in query
