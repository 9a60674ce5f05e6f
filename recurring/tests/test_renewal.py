"""Renewing: dated back within the grace period, a new profile of the same client after it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from recurring.lifecycle import operations
from recurring.models import RevenueEnding, RevenueProfile, RevenueTerm
from recurring.mrr.calendar import month_of, months_after
from recurring.reporting.dataset import RevenueDataset
from recurring.reporting.report import RevenueReport
from recurring.tests import factories
from recurring.tests.factories import address, build_operation_form

SAME = {"amount": "100", "unit": "month"}


@pytest.fixture
def today(workspace, time_machine):
    time_machine.move_to(datetime(2026, 6, 15, 12, tzinfo=UTC))
    return workspace.today()


@pytest.fixture
def over(today):
    """A profile whose fixed last day was twenty days ago."""
    start = months_after(month_of(today), -12)
    return factories.profile(
        100, start=start, end=today - timedelta(20), term_months=12, renewal="manual", name="Desk"
    )


def send_renewal(client, row, on, **said):
    """Send the form; the answer."""
    return client.post(address(row, "renew"), build_operation_form(row, renewed_on=on, **SAME | said))


def count_churned_clients():
    return sum(month.clients_churned for month in RevenueReport(RevenueDataset(), 12).past)


def test_within_the_grace_period_there_is_no_gap_and_no_churn(sign_in, over, today):
    client = sign_in(over.workspace)
    send_renewal(client, over, today, amount="120")
    over.refresh_from_db()
    term = RevenueTerm.objects.live().last()
    assert (term.from_date, term.reason, over.end) == (today - timedelta(19), "renewal", None)
    assert (over.state, over.mrr, count_churned_clients()) == ("live", 120, 0)
    assert RevenueProfile.objects.count() == 1


def test_a_renewed_amount_goes_on_through_a_category_change_that_was_planned(sign_in, today):
    row = factories.profile(100, start=date(2020, 1, 1), name="Desk")
    planned = today + timedelta(30)
    operations.change_category(row, planned, factories.category("Gardening"))
    operations.end(row, today - timedelta(5))
    send_renewal(sign_in(row.workspace), row, today, amount="120", version=row.version)
    assert {term.from_date: term.amount for term in RevenueTerm.objects.live()} == {
        row.start: 100,
        today - timedelta(4): 120,
        planned: 120,
    }


def test_after_it_the_client_comes_back_with_a_new_profile(sign_in, today):
    row = factories.profile(
        100, start=date(2020, 1, 1), end=today - timedelta(62), renewal="manual", term_months=12
    )
    row.tags.add("Key")
    client = sign_in(row.workspace)
    answer = send_renewal(client, row, today, until=today + timedelta(364))
    new = RevenueProfile.objects.exclude(pk=row.pk).get()
    assert answer.url == new.get_absolute_url()
    assert (new.start, new.end, new.company, new.term_months) == (
        today,
        today + timedelta(364),
        row.company,
        12,
    )
    assert [str(tag) for tag in new.tags.all()] == ["Key"]
    row.refresh_from_db()
    assert (
        row.state,
        new.mrr,
        RevenueReport(RevenueDataset(), 12).now.clients_reactivated,
        count_churned_clients(),
    ) == (
        "ended",
        100,
        1,
        1,
    )


def test_the_sixtieth_day_is_within(sign_in, today):
    row = factories.profile(100, start=date(2020, 1, 1), end=today - timedelta(61), renewal="manual")
    send_renewal(sign_in(row.workspace), row, today)
    assert RevenueTerm.objects.live().last().from_date == today - timedelta(60)
    assert RevenueProfile.objects.count() == 1


def test_an_ending_is_undone_by_a_renewal(sign_in, today):
    row = factories.profile(100, start=date(2020, 1, 1))
    operations.end(row, today - timedelta(5), kind="expiry")
    row.refresh_from_db()
    send_renewal(sign_in(row.workspace), row, today)
    assert not RevenueEnding.objects.live().exists()
    assert count_churned_clients() == 0


def test_a_term_renewed_by_agreement_is_late_until_it_is_renewed(sign_in, today):
    start = months_after(month_of(today), -13)
    row = factories.profile(100, start=start, term_months=12, renewal="manual")
    client = sign_in(row.workspace)
    assert [item.profile.id for item in RevenueReport(RevenueDataset(), 12).upcoming_renewals.late] == [
        row.pk
    ]
    page = client.get(reverse("recurring:graphs"), {"tab": "renewals"}).content.decode()
    assert address(row, "renew") in page
    send_renewal(client, row, today, amount="110", reason="uplift")
    term = RevenueTerm.objects.live().last()
    assert (term.from_date, term.reason) == (months_after(start, 12), "uplift")
    assert RevenueReport(RevenueDataset(), 12).upcoming_renewals.late == []
    assert RevenueReport(RevenueDataset(), 12).upcoming_renewals.rate == 1


def test_what_runs_on_is_not_renewed(sign_in, today):
    row = factories.profile(100, start=date(2020, 1, 1))
    client = sign_in(row.workspace)
    assert address(row, "renew") not in client.get(row.get_absolute_url()).content.decode()
    answer = send_renewal(client, row, today)
    assert "There is nothing to renew" in answer.context["form"].errors["renewed_on"].as_text()


def test_a_new_term_does_not_end_before_it_begins(sign_in, over, today):
    answer = send_renewal(sign_in(over.workspace), over, today, until=today - timedelta(20))
    assert "Choose a day from then on" in answer.context["form"].errors["until"].as_text()
    assert RevenueTerm.objects.count() == 1


def test_the_preview_counts_both_profiles_and_writes_neither(sign_in, today):
    row = factories.profile(100, start=date(2020, 1, 1), end=today - timedelta(90), renewal="manual")
    answer = send_renewal(sign_in(row.workspace), row, today, preview="1")
    results = answer.context["preview"]
    assert [month.after for month in results.months][-1] == 100
    assert (results.months[0].month, results.goes_on) == (month_of(today), True)
    assert RevenueProfile.objects.count() == 1


def test_a_renewal_sent_twice_makes_one_profile(sign_in, today):
    row = factories.profile(100, start=date(2020, 1, 1), end=today - timedelta(90), renewal="manual")
    client, form = sign_in(row.workspace), build_operation_form(row, renewed_on=today, **SAME)
    answers = [client.post(address(row, "renew"), form) for _ in range(2)]
    assert answers[0].url == answers[1].url
    assert RevenueProfile.objects.count() == 2


@pytest.mark.parametrize(("what", "number"), [("renewals", 1), ("late", 1)])
def test_all_renewals_are_a_page_and_a_file(sign_in, over, today, what, number):
    factories.profile(50, start=months_after(month_of(today), -6), term_months=12, renewal="automatic")
    client = sign_in(over.workspace, "reader")
    page = client.get(reverse("recurring:clients"), {"what": what})
    assert len(page.context["lines"]) == number
    text = client.get(reverse("recurring:clients"), {"what": what, "export": "csv"}).getvalue().decode()
    assert "term ends" in text
