"""The stored snapshot of a profile is today's on every page, whoever looked last and wherever they look."""

import re
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.tests import factories as crm_make
from crm.viewsets import COMPANIES
from recurring.lifecycle import operations
from recurring.models import RevenueProfile
from recurring.tests import factories
from recurring.viewsets import PROFILES

LINE = {"unit": "month", "count": 1, "quantity": 1, "discount": 0}


def on(day):
    return datetime(2026, 3, day, 12, tzinfo=UTC)


@pytest.fixture
def row(workspace, time_machine):
    """A profile whose amount rises tomorrow and that ends a week after."""
    time_machine.move_to(on(10))
    company = crm_make.company(name="Acme")
    opportunity = crm_make.opportunity("won", company=company)
    row = factories.profile(
        100, company=company, name="Desk", start=date(2026, 1, 1), opportunity=opportunity
    )
    operations.change_amount(row, date(2026, 3, 11), amount=777, **LINE)
    operations.end(row, date(2026, 3, 17))
    return row


# {page: its URL}
READERS = {
    "list": lambda row: PROFILES.url("list"),
    "list searched by amount": lambda row: f"{PROFILES.url('list')}?q=777",
    "list filtered by amount": lambda row: f"{PROFILES.url('list')}?mrr_min=700",
    "export": lambda row: f"{PROFILES.url('list')}?export=csv",
    "options": lambda row: f"{PROFILES.url('options')}?q=Desk",
    "row": lambda row: PROFILES.url("row", row.pk),
    "detail": lambda row: PROFILES.url("detail", row.pk),
    "search": lambda row: f"{reverse('crm:search')}?q=777",
    "company": lambda row: COMPANIES.url("detail", row.company_id),
}


def read(client, address):
    return b"".join(client.get(address)).decode()


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_shows_the_amount_of_today(sign_in, workspace, row, time_machine, reader):
    time_machine.move_to(on(11))
    text = re.sub("<[^>]+>", "", read(sign_in(workspace, "reader"), READERS[reader](row)))
    assert "777.00" in text or '"777","USD","Live"' in text


def test_the_state_filter_and_the_search_know_who_has_ended(sign_in, workspace, row, time_machine):
    time_machine.move_to(on(18))
    client = sign_in(workspace)
    assert "Desk" in read(client, f"{reverse('crm:search')}?q=ended")
    assert "Desk" in read(client, f"{PROFILES.url('list')}?state=ended")
    assert "Desk" not in read(client, f"{PROFILES.url('list')}?state=live")


@pytest.mark.usefixtures("fastpath")
def test_nothing_is_asked_again_while_nothing_is_due(sign_in, workspace, row):
    client = sign_in(workspace)
    client.get(COMPANIES.url("list"))
    with CaptureQueriesContext(connection) as context:
        client.get(COMPANIES.url("list"))
    assert not [query for query in context.captured_queries if "stands_until" in query["sql"]]


def test_a_database_that_takes_no_writes_still_shows_its_pages(sign_in, workspace, row, time_machine):
    time_machine.move_to(on(11))
    client = sign_in(workspace)

    def refuse_updates(execute, sql, *args):
        if sql.startswith(f"UPDATE {connection.ops.quote_name(RevenueProfile._meta.db_table)}"):
            raise DatabaseError("attempt to write a readonly database")
        return execute(sql, *args)

    with connection.execute_wrapper(refuse_updates):
        assert client.get(PROFILES.url("list")).status_code == 200
