"""Terms that end: what comes up, what is late, what was renewed, what may be expected."""

from datetime import date
from decimal import Decimal

import pytest

from recurring.mrr.calendar import months_between
from recurring.mrr.forecast import forecast_mrr
from recurring.mrr.ledger import Ledger
from recurring.mrr.profiles import ProfileEnding
from recurring.mrr.renewals import (
    last_day_of_term,
    overdue_renewals,
    overdue_since,
    renewal_rate,
    renewals,
    term_ends,
    term_to_renew,
)
from recurring.tests.test_ledger import FEBRUARY, JANUARY, MARCH, profile


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2025, 1, 1), 12, date(2025, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 1, 15), 24, date(2027, 1, 14)),
        (date(2025, 3, 1), 12, date(2026, 2, 28)),
    ],
)
def test_a_term_ends_on_the_day_before_its_anniversary(start, months, end):
    assert last_day_of_term(start, months) == end


def test_terms_come_round_until_the_profile_has_an_end():
    yearly = profile(term_months=12, renewal="automatic")
    assert term_ends(yearly, date(2026, 6, 1), date(2028, 6, 1)) == [date(2026, 12, 31), date(2027, 12, 31)]
    for evergreen in (profile(term_months=12), profile(term_months=12, end=date(2025, 12, 31))):
        assert term_ends(evergreen, JANUARY, date(2030, 1, 1)) == []
    fixed = profile(term_months=12, renewal="manual", end=date(2025, 12, 31))
    assert term_ends(fixed, JANUARY, date(2030, 1, 1)) == [date(2025, 12, 31)]
    prolonged = profile(term_months=12, renewal="manual", end=date(2027, 3, 31))
    ends = [date(2025, 12, 31), date(2026, 12, 31), date(2027, 3, 31)]
    assert term_ends(prolonged, JANUARY, date(2030, 1, 1)) == ends


def test_notice_is_due_before_the_term_ends():
    (renewal,) = renewals(
        [profile(term_months=12, renewal="automatic", notice_days=30)], JANUARY, date(2025, 12, 31)
    )
    assert (renewal.term_end, renewal.notice_deadline) == (date(2025, 12, 31), date(2025, 12, 1))
    assert (renewal.term_end, renewal.mrr, renewal.is_noticed) == (date(2025, 12, 31), 100, False)


def test_a_manual_renewal_is_overdue_until_a_row_is_dated_after_its_term():
    manual = profile(term_months=2, renewal="manual")
    renewed = profile(term_months=2, renewal="manual", amounts={JANUARY: 100, MARCH: 100})
    days = [date(2025, 2, 28), MARCH, date(2025, 4, 30)]
    assert [overdue_since(manual, day) is not None for day in days] == [False, True, True]
    assert [overdue_since(renewed, day) for day in days] == [None, None, None]


def test_late_is_what_is_over_and_may_still_be_dated_back():
    own_value = [
        profile("manual", "a", term_months=2, renewal="manual"),
        profile("over", "b", end=date(2025, 2, 10), renewal="automatic"),
        profile("long over", "c", end=date(2025, 1, 5), renewal="manual"),
        profile("noticed", "d", endings=(ProfileEnding(date(2025, 2, 10)),), renewal="manual"),
        profile("followed", "e", end=date(2025, 2, 10), renewal="manual"),
        profile("follower", "e", start=date(2025, 2, 11)),
        profile("evergreen", "f", end=date(2025, 2, 10)),
    ]
    results = overdue_renewals(own_value, date(2025, 3, 10))
    assert [(item.profile.id, item.term_end) for item in results] == [
        ("over", date(2025, 2, 10)),
        ("manual", date(2025, 2, 28)),
    ]


def test_what_is_renewed_is_the_term_that_is_over_or_running():
    manual = profile(term_months=2, renewal="manual")
    agreed = profile(term_months=2, renewal="manual", amounts={JANUARY: 100, MARCH: 100})
    assert term_to_renew(manual, FEBRUARY) == term_to_renew(manual, date(2025, 3, 20)) == date(2025, 2, 28)
    assert term_to_renew(agreed, FEBRUARY) is None
    assert term_to_renew(profile(end=date(2025, 5, 5)), FEBRUARY) == date(2025, 5, 5)
    assert term_to_renew(profile(), FEBRUARY) is term_to_renew(profile(renewal="manual"), FEBRUARY) is None


def test_the_renewal_rate_counts_a_successor_and_no_more_than_was_due():
    end = date(2025, 1, 31)
    own_value = [
        profile("gone", "a", end=end, renewal="manual"),
        profile("renewed", "b", end=end, renewal="manual"),
        profile("successor", "b", start=FEBRUARY, amounts={FEBRUARY: 300}),
        profile(
            "smaller",
            "d",
            start=date(2024, 2, 1),
            amounts={date(2024, 2, 1): 200, FEBRUARY: 100},
            term_months=12,
            renewal="automatic",
        ),
    ]
    assert renewal_rate(own_value, JANUARY, end) == Decimal(200) / Decimal(400)
    assert renewal_rate(own_value, MARCH, MARCH) is None


def test_a_forecast_has_a_floor_what_is_expected_and_a_trend():
    own_value = [profile(), profile("q", "d", end=date(2025, 4, 30), renewal="manual", term_months=1)]
    today = date(2025, 3, 15)
    ledger = Ledger.of(own_value, first=JANUARY, last=date(2025, 6, 1), today=today)
    results = forecast_mrr(ledger.months, own_value, today, rate=Decimal("0.5"))
    assert [item.month for item in results] == months_between(date(2025, 4, 1), date(2025, 6, 1))
    assert [item.committed for item in results] == [200, 100, 100]
    assert [item.expected for item in results] == [200, 150, 125]
    assert [item.trend for item in results] == [300, 400, 500]
