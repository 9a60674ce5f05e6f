"""Figures on top of the graphs: constant exchange rates, the unfinished month, renewals."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from crm.tests.factories import company
from recurring.lifecycle import operations
from recurring.models import ExchangeRate, RevenueProfile
from recurring.mrr.calendar import month_of, months_after
from recurring.reporting.dataset import DatasetFilters, RevenueDataset
from recurring.reporting.report import RevenueReport
from recurring.tests import factories
from recurring.tests.test_graphs import LINE, total_at
from tests.support.pages import page_html


def test_retention_in_two_currencies_is_that_of_the_clients_behind_it(sign_in, workspace, time_machine):
    """The published example: the month to date has a rate of its own, and changes no earlier figure."""
    time_machine.move_to(datetime(2025, 2, 15, 12, tzinfo=UTC))
    start, change = date(2023, 1, 1), date(2024, 6, 1)
    euros, dollars = (factories.profile(100, start=start, currency=code) for code in ("EUR", "USD"))
    operations.change_amount(euros, change, amount=Decimal(50), **LINE)
    operations.change_amount(dollars, change, amount=Decimal(200), **LINE)
    ExchangeRate.objects.create(month=start, currency="EUR", rate=Decimal(1))
    client, seen_values = sign_in(workspace, "reader"), []
    for later_rate in (None, Decimal(2)):
        if later_rate:
            ExchangeRate.objects.create(month=date(2025, 2, 1), currency="EUR", rate=later_rate)
        html = client.get(reverse("recurring:graphs")).content.decode()
        results = dict(re.findall(r'data-figure="(\w+)" data-exact="([^"]*)"', html))
        nrr = next(item for item in RevenueReport(RevenueDataset(), 12).top if item.name == "nrr")
        later, current_time, kept_values = total_at(nrr.url, client)
        assert (Decimal(results["nrr"]), Decimal(results["grr"])) == (
            current_time / later,
            kept_values / later,
        )
        seen_values.append((Decimal(results["nrr"]), Decimal(results["grr"])))
        figures = RevenueReport(RevenueDataset(), 24)
        for kind, place in (("net", 1), ("gross", 2)):
            for *_, cells in figures.cohort_rows(kind):
                for cell in cells[::6]:
                    sums = total_at(cell.url, client)
                    assert cell.value == sums[place] / sums[0]
    assert seen_values == [(Decimal("1.25"), Decimal("0.75"))] * 2


NOVEMBER_15 = datetime(2026, 11, 15, 12, tzinfo=UTC)


@pytest.fixture
def late_joiner(workspace, time_machine):
    """Acme and Birch pay all along, Cedar joins on October 20; Birch leaves on November 10."""
    time_machine.move_to(NOVEMBER_15)
    acme, birch, cedar = (company(name=name) for name in ("Acme", "Birch", "Cedar"))
    factories.profile(100, company=acme, start=date(2025, 1, 1))
    factories.profile(50, company=acme, start=date(2026, 10, 5), end=date(2026, 10, 25))
    operations.end(factories.profile(40, company=birch, start=date(2025, 1, 1)), date(2026, 11, 10))
    factories.profile(300, company=cedar, start=date(2026, 10, 20))


def test_the_unfinished_month_is_compared_with_the_same_days_of_the_last(sign_in, workspace, late_joiner):
    """Against the whole of last month, some days of this one were a loss in red."""
    figures = RevenueReport(RevenueDataset(), 12)
    top = {figure.name: figure for figure in figures.top}
    assert [(top[name].value, top[name].before) for name in ("mrr", "arr", "net_new", "clients", "arpa")] == [
        (400, 190),
        (4800, 2280),
        (-40, 50),
        (2, 2),
        (200, 95),
    ]
    assert top["net_new"].line == [month.net_new for month in figures.past[-13:] if month.status == "closed"]
    html = sign_in(workspace, "reader").get(reverse("recurring:graphs")).content.decode()
    cards = {name: html.partition(f'id="kpi-{name}"')[2].partition("</section>")[0] for name in top}
    for name in ("mrr", "arr", "arpa"):
        assert "is-up" in cards[name] and "<small>vs. Oct 15</small>" in cards[name], name
    assert "unchanged" in cards["clients"] and "<small>vs. Oct 15</small>" in cards["clients"]
    assert "<small>to date, vs. Oct 1 to 15</small>" in cards["net_new"]
    for name in ("nrr", "grr"):
        assert "<small>to Oct 2026, vs. Sep 2026</small>" in cards[name], name
    assert "<small>vs. today</small>" in cards["committed"]


@pytest.mark.parametrize(
    ("today", "day"),
    [((2026, 3, 31), (2026, 2, 28)), ((2028, 3, 30), (2028, 2, 29)), ((2026, 1, 1), (2025, 12, 1))],
)
def test_a_day_that_last_month_lacks_is_its_last(workspace, time_machine, today, day):
    time_machine.move_to(datetime(*today, 12, tzinfo=UTC))
    assert RevenueReport(RevenueDataset(), 12).same_day == date(*day)


@pytest.mark.parametrize("name", ["owner", "category"])
def test_the_day_of_last_month_is_seen_through_the_same_filters(sign_in, workspace, late_joiner, name):
    member = sign_in(workspace).member
    row = RevenueProfile.objects.order_by("pk").first()
    chosen = DatasetFilters(owner=member.pk)
    RevenueProfile.objects.filter(pk=row.pk).update(owner=member)
    if name == "category":
        hosting = factories.profile(7, start=date(2026, 10, 10), category_name="Hosting").category_id
        chosen = DatasetFilters(frozenset([hosting]))
    top = {figure.name: figure for figure in RevenueReport(RevenueDataset(chosen), 12).top}
    assert (top["mrr"].value, top["mrr"].before) == ((7, 7) if name == "category" else (100, 100))


def test_a_renewal_counts_once_whatever_its_term(sign_in, workspace):
    """Twelve terms of a month are not twelve times the MRR."""
    options = {"start": months_after(month_of(workspace.today()), -3), "renewal": "automatic"}
    factories.profile(100, company=company(name="Monthly"), term_months=1, **options)
    factories.profile(100, company=company(name="Quarterly"), term_months=3, **options)
    factories.profile(100, company=company(name="Yearly"), term_months=12, **options)
    factories.profile(100, company=company(name="Later"), term_months=36, **options)
    upcoming = RevenueReport(RevenueDataset(), 12).upcoming_renewals
    assert (len(upcoming.renewals), upcoming.total) == (3, 300)
    client = sign_in(workspace, "reader")
    page = page_html(client.get(reverse("recurring:graphs"), {"tab": "renewals"}))
    assert "Each profile appears once, with the end of its next term" in page
    behind = client.get(reverse("recurring:clients"), {"what": "renewals"})
    assert total_at(reverse("recurring:clients") + "?what=renewals", client) == [300]
    assert "3 renewals" in page_html(behind) and "Each profile appears once" in page_html(behind)
