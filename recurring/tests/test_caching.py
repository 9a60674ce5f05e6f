"""The graphs are kept while nobody writes, and are never what they were before somebody did."""

import json
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models.trash import Trashed
from recurring.lifecycle import operations
from recurring.lifecycle.renewal import renew_profile
from recurring.models import RevenueProfile, RevenueTerm
from recurring.mrr.calendar import months_after
from recurring.reporting import charts
from recurring.reporting.dataset import RevenueDataset
from recurring.reporting.report import RevenueReport
from recurring.tests import factories

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fastpath")]
LINE = {"unit": "month", "count": 1, "quantity": 1, "discount": 0}


@pytest.fixture
def today(workspace):
    return workspace.today()


@pytest.fixture
def row(today):
    """A profile beside another one in euros, whose rate is known."""
    begun = months_after(today, -5)
    factories.profile(80, currency="EUR", name="Abroad", start=begun, term_months=5, renewal="manual")
    return factories.profile(100, name="Desk", start=begun)


def read_shown_figures(client):
    """(the charts, {figure on top: value}) as they are shown."""
    page = client.get(reverse("recurring:graphs")).content.decode()
    exact = re.findall(r'data-figure="(\w+)" data-exact="([^"]*)"', page)
    drawn = client.get(reverse("recurring:graphs-data")).json()["charts"]
    drawn = {name: (chart["labels"], chart["datasets"]) for name, chart in drawn.items()}
    return drawn, {name: Decimal(text) if text else None for name, text in exact}


def compute_figures():
    """The same, of the rows as they are now."""
    report = RevenueReport(RevenueDataset(), 12)
    drawn = json.loads(json.dumps(charts.all_charts(report)))
    drawn = {name: (chart["labels"], chart["datasets"]) for name, chart in drawn.items()}
    return drawn, {figure.name: figure.value for figure in report.top}


def write_rate(client, today, rate):
    url = reverse("recurring:rates")
    version = client.get(url).context["version"]
    client.post(url, {"lines": f"{months_after(today, -6):%Y-%m} EUR {rate}", "version": version})


def rename(row, name):
    row.name = name
    row.save()


def test_they_are_reckoned_once_while_nobody_writes(sign_in, workspace, row, today):
    client = sign_in(workspace, "admin")
    write_rate(client, today, "1.1")
    state_before = [read_shown_figures(client) for _ in range(3)][-1]
    with CaptureQueriesContext(connection) as captured:
        assert read_shown_figures(client) == state_before
    assert not [query for query in captured.captured_queries if RevenueTerm._meta.db_table in query["sql"]]


WRITES = {
    "an amount is changed": lambda row, day: operations.change_amount(row, day, amount=130, **LINE),
    "it is corrected": lambda row, day: operations.correct(row.terms.live().latest("from_date"), amount=140),
    "a category is changed": lambda row, day: operations.change_category(
        row, operations.ONE_DAY + day, factories.category("Hosting")
    ),
    "it is taken out": lambda row, day: operations.supersede(row.terms.live().latest("from_date")),
    "it is paused": lambda row, day: operations.pause(row, day),
    "it is resumed": lambda row, day: operations.resume(row, day),
    "it is ended": lambda row, day: operations.end(row, day - operations.ONE_DAY),
    "that is undone": lambda row, day: operations.undo_ending(row),
    "it is renewed": lambda row, day: renew_profile(
        RevenueProfile.objects.get(name="Abroad"), day, amount=150, **LINE
    ),
    "another one is entered": lambda row, day: factories.profile(7, company=row.company, start=day),
    "a client is renamed": lambda row, day: rename(row.company, "Other"),
    "the category is renamed": lambda row, day: rename(factories.category(), "Help"),
    "it is deleted": lambda row, day: RevenueProfile.objects.filter(pk=row.pk).delete(),
    "it is restored": lambda row, day: Trashed.objects.latest("pk").restore(),
}


def test_after_every_write_they_are_those_of_the_rows(sign_in, workspace, row, today):
    client = sign_in(workspace, "admin")
    write_rate(client, today, "1.1")
    for _ in range(2):
        state_before = read_shown_figures(client)
    for subject, write in WRITES.items():
        write(RevenueProfile.with_trash.get(pk=row.pk), today)
        for _ in range(3):
            shown_text = read_shown_figures(client)
            assert shown_text == compute_figures(), subject
        assert shown_text != state_before, subject
        state_before = shown_text
    write_rate(client, today, "1.2")
    assert read_shown_figures(client) == compute_figures() != state_before
