"""A missing exchange rate hides the amounts of its own profiles only, and names them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from crm.tests.factories import company
from recurring.lifecycle import operations
from recurring.models import ExchangeRate, RevenueProfile
from recurring.mrr.calendar import months_after
from recurring.reporting.dataset import RevenueDataset
from recurring.reporting.report import RevenueReport
from recurring.tests import factories
from recurring.viewsets import PROFILES
from tests.support.pages import page_html

START = date(2026, 1, 1)


@pytest.fixture
def two(workspace, time_machine):
    """A profile in the workspace's currency and one in pounds, which have no rate."""
    time_machine.move_to(datetime(2026, 6, 15, 12, tzinfo=UTC))
    factories.profile(100, company=company(name="Acme"), name="Desk", start=START)
    return factories.profile(
        70, company=company(name="Birch"), name="Desk abroad", start=START, currency="GBP"
    )


def rate(month, value, currency="GBP"):
    ExchangeRate.objects.create(month=month, currency=currency, rate=Decimal(value))


PAGES = {
    "graphs": lambda: reverse("recurring:graphs"),
    "month": lambda: reverse("recurring:month", args=["2026-05"]),
    "clients": lambda: reverse("recurring:clients") + "?month=2026-05",
    "retention": lambda: reverse("recurring:clients") + "?month=2026-05&what=retention",
    "cohort": lambda: reverse("recurring:clients") + "?cohort=2026-01&since=2",
    "renewals": lambda: reverse("recurring:clients") + "?what=renewals",
}


@pytest.mark.parametrize("page", PAGES)
def test_each_page_shows_the_others_and_names_what_is_left_out(sign_in, workspace, two, page):
    html = sign_in(workspace, "reader").get(PAGES[page]()).content.decode()
    assert "no GBP rate" in html and "Desk abroad – Birch" in html
    if page not in ("retention", "renewals"):
        assert "$100.00" in html


def test_the_figures_are_those_of_the_others(sign_in, workspace, two):
    report = RevenueReport(RevenueDataset(), 12)
    assert (report.now.closing, report.now.paying, report.dataset.currency) == (100, 1, "USD")
    charts = sign_in(workspace, "reader").get(reverse("recurring:graphs-data")).json()["charts"]
    assert charts["largest"]["labels"] == ["Acme"]


def test_the_export_names_what_is_left_out(sign_in, workspace, two):
    address = reverse("recurring:clients") + "?month=2026-05&export=csv"
    text = sign_in(workspace, "reader").get(address).getvalue().decode("utf-8-sig")
    assert text.splitlines()[1:] == ['"Acme","100",""', '"Birch","","no GBP rate"']


def test_the_sum_under_the_list_leaves_out_one_currency_and_says_so(sign_in, workspace, two):
    html = sign_in(workspace, "reader").get(PROFILES.url("list")).content.decode()
    assert "all in USD, at the rates of Jun 2026, without GBP (no rate)" in html


def test_a_month_is_closed_without_what_has_no_rate(sign_in, workspace, two):
    client = sign_in(workspace, "admin")
    client.post(reverse("recurring:month-close", args=["2026-05"]))
    page = client.get(reverse("recurring:month", args=["2026-05"]))
    assert page.context["closed"].amount("closing") == 100
    rate(date(2026, 5, 1), "2")
    page = page_html(client.get(reverse("recurring:month", args=["2026-05"])))
    assert "Closing: reported as $100.00, now $240.00" in page


def test_before_its_first_rate_a_profile_is_left_out_and_comes_in_as_no_gain(sign_in, workspace, two):
    rate(date(2026, 4, 1), "2")
    report = RevenueReport(RevenueDataset(), 12)
    months = {month.month.month: month for month in report.past if month.month >= START}
    assert [months[number].closing for number in range(1, 7)] == [100, 100, 100, 240, 240, 240]
    assert [months[number].paying for number in range(1, 7)] == [1, 1, 1, 2, 2, 2]
    assert (months[4].transfer, months[4].net_new, months[4].exchange) == (140, 0, 0)
    for number, month in months.items():
        assert RevenueDataset().ledger(month.month, month.month).month(month.month) == month, number
    client = sign_in(workspace, "reader")
    assert "GBP rate before Apr 2026" in page_html(client.get(reverse("recurring:graphs")))
    html = page_html(client.get(reverse("recurring:month", args=["2026-06"])))
    assert "GBP rate" not in html


def test_who_paid_before_the_first_rate_is_in_no_cohort_and_is_not_new(two):
    rate(date(2026, 4, 1), "2")
    report = RevenueReport(RevenueDataset(), 12)
    assert [row[:2] for row in report.cohort_rows("clients")] == [(START, 1)]
    assert report.ledger.month(date(2026, 4, 1)).clients_new == 0


def test_a_currency_without_a_rate_leaves_the_figures_of_the_only_other_one(workspace, time_machine):
    time_machine.move_to(datetime(2026, 6, 15, 12, tzinfo=UTC))
    for _ in range(2):
        factories.profile(100, currency="EUR", start=START)
    state_before = RevenueReport(RevenueDataset(), 12).now
    factories.profile(50, currency="GBP", start=START)
    dataset = RevenueDataset()
    assert (RevenueReport(dataset, 12).now, dataset.currency) == (state_before, "EUR")


def test_renewals_without_a_rate_are_left_out(two):
    options = {"term_months": 12, "renewal": "manual", "start": months_after(START, -14)}
    factories.profile(10, currency="GBP", **options)
    factories.profile(20, **options)
    upcoming_renewals = RevenueReport(RevenueDataset(), 12).upcoming_renewals
    assert [item.mrr for item in (*upcoming_renewals.late, *upcoming_renewals.renewals)] == [20, 20]


def test_a_profile_that_ended_before_the_first_rate_is_never_seen(two):
    operations.end(two, date(2026, 3, 31))
    rate(date(2026, 4, 1), "2")
    assert [month.closing for month in RevenueReport(RevenueDataset(), 12).past[-6:]] == [100] * 6
    assert RevenueProfile.objects.count() == 2
