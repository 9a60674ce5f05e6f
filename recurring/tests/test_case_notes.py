"""Single worked examples beyond their figures: what their notes say; and the range of the examples."""

import re
from datetime import date
from decimal import Decimal

import pytest

from recurring.mrr.calendar import ONE_DAY, months_after
from recurring.mrr.ledger import Ledger
from recurring.mrr.money import annualize, monthly_amount
from recurring.mrr.profiles import ProfileHistory, ProfileTerm, profile_ledger, total_mrr
from recurring.mrr.renewals import renewal_start
from recurring.tests.worked_examples import CASES, OWN, PUBLIC, UNSHOWN_KINDS, case_profiles

# All kinds of cases that tests take: each has an example of our own.
KINDS = {
    *("normalize", "plan_change", "movement_pairs", "transfer", "ledger", "rates", "daily_rates"),
    *("grr_min", "ltv", "cmrr", "proration", "documentary"),
}
NOT_OURS = ("ltv", "zero_churn_floor_pct")  # Stripe's floor under no churn: ours is not meaningful then


def examples(arguments, values_by_id):
    """A test's parameters: the profiles of these cases, each with values; those that are there."""
    parameters = [
        pytest.param(case_profiles(CASES[id]["inputs"]), *values, id=id)
        for id, values in values_by_id.items()
        if id in CASES
    ]
    return pytest.mark.parametrize(f"profiles, {arguments}", parameters)


def test_a_negative_line_alone_is_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        monthly_amount(Decimal(-50))


@examples("due, monthly", {"renewed-too-late": (date(2023, 1, 1), 700), "M09": (date(2024, 1, 1), 1000)})
def test_dated_back_inside_the_grace_period_there_is_no_movement(profiles, due, monthly):
    first, second = profiles
    start = renewal_start(first.end, second.start)
    assert start == due
    assert renewal_start(first.end, second.start + ONE_DAY) == second.start + ONE_DAY
    terms = (ProfileTerm(start, second.terms[0].amount, unit="year"),)
    renewed = ProfileHistory(second.id, second.client, start, terms=terms, currency="USD")
    ledger = Ledger.of([first, renewed], first=first.end, last=months_after(due, 2))
    assert len(ledger.months) == 4
    assert all(item.closing == monthly and item.gains == item.losses == 0 for item in ledger.months)


def test_a_four_weekly_amount_is_invoiced_13_times_a_year():
    assert annualize(monthly_amount(Decimal(1200), "week", 4)) == 15600 == 13 * 1200


@examples(
    "since, amounts",
    {"two-changes-within-a-month": (date(2025, 5, 1), [70, -45]), "R-E2": (date(2025, 3, 1), [200, -150])},
)
def test_the_line_ledger_keeps_both_changes_of_a_month(profiles, since, amounts):
    (profile,) = profiles
    assert [row.amount for row in profile_ledger(profile, since)] == amounts


@examples(
    "joined, left, amount",
    {
        "joined-and-left-within-a-month": (date(2025, 8, 4), date(2025, 8, 23), 130),
        "R-E3": (date(2025, 3, 3), date(2025, 3, 21), 400),
    },
)
def test_the_line_ledger_shows_who_joined_and_left_within_a_month(profiles, joined, left, amount):
    (profile,) = profiles
    assert [(row.kind, row.day, row.amount) for row in profile_ledger(profile)] == [
        ("new", joined, amount),
        ("churn", left, -amount),
    ]


@examples(
    "changed, amounts",
    {"one-service-for-another": (date(2025, 4, 1), [-35, 85]), "R-E6": (date(2025, 2, 1), [-50, 120])},
)
def test_the_lines_of_a_net_expansion(profiles, changed, amounts):
    ledger = Ledger.of(profiles, first=months_after(changed, -1), last=changed)
    (movement,) = ledger.movements(changed)
    assert sorted(line.amount for line in movement.lines) == amounts


@examples(
    "today, now, later, ahead",
    {
        "signed-for-later": (date(2025, 8, 31), 260, date(2025, 11, 30), 190),
        "R-E12": (date(2025, 6, 30), 500, date(2025, 9, 30), 300),
    },
)
def test_committed_mrr_of_a_later_month_end(profiles, today, now, later, ahead):
    assert total_mrr(profiles, today) == now
    assert total_mrr(profiles, later) == ahead


def features(cases):
    """Return what cases exercise: (kind, name) of each input and figure, (kind, unit) of each line."""
    return {(case["kind"], word) for case in cases for word in words([case["inputs"], case["expected"]])}


def words(value):
    """Yield the names and units inside of a case: no months, currencies or categories."""
    for key, item in value.items() if isinstance(value, dict) else ((None, item) for item in value):
        if key and re.fullmatch("[a-z_]+", key):
            yield key
        if key == "unit":
            yield item
        if isinstance(item, (dict, list)):
            yield from words(item)


def test_our_own_cases_exercise_all_that_the_public_ones_do():
    own_value = features(OWN.values())
    assert {kind for kind, _ in own_value} >= KINDS
    shown_cases = [case for case in PUBLIC.values() if case["kind"] not in UNSHOWN_KINDS]
    assert own_value >= features(shown_cases) - {NOT_OURS}
