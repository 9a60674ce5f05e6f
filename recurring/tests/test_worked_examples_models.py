"""The worked examples again, this time through the models and the database.

What follows from totals alone (rates, LTV …) is in test_worked_examples.py: the pages use the same functions.
"""

from datetime import date
from decimal import Decimal

import pytest

from recurring.lifecycle.checks import history_of
from recurring.lifecycle.operations import change_amount, undo_ending
from recurring.models import ExchangeRate, RevenueTerm
from recurring.mrr.calendar import ONE_DAY, month_of
from recurring.mrr.profiles import ProfileEnding, ProfileHistory, ProfileTerm, profile_ledger
from recurring.reporting.dataset import DatasetFilters, RevenueDataset
from recurring.tests import factories
from recurring.tests.test_worked_examples import FIELDS, JANUARY, agree, cases
from recurring.tests.worked_examples import CASES, case_items, case_profiles, case_rates, month


def store_histories(profiles, rates=None):
    """The books of some histories, once they are rows."""
    factories.of_histories(profiles)
    for currency, dated in (rates.table if rates else {}).items():
        for day, rate in dated.items():
            ExchangeRate.objects.create(month=month_of(day), currency=currency, rate=rate)
    return RevenueDataset()


@cases("ledger")
def test_the_months_are_as_in_the_ledger(workspace, case):
    inputs = case["inputs"]
    dataset = store_histories(case_profiles(inputs), case_rates(inputs))
    ledger = dataset.ledger(month(inputs["first"]), month(inputs["last"]))
    names = {row.name: pk for pk, row in dataset.categories.items()}
    for text, expected in case["expected"]["months"].items():
        results = ledger.month(month(text))
        for name, figure in expected.items():
            if name == "by_category":
                position = ledger.months.index(results)
                for category, amount in figure.items():
                    assert agree(ledger.categories[names[category]][position], amount, case), (
                        f"{text} {category}"
                    )
            else:
                assert agree(getattr(results, FIELDS.get(name, name)), figure, case), f"{text} {name}"


@cases("normalize")
def test_lines_are_normalized_to_a_month(workspace, case):
    expected, monthly, of_one = case["expected"], [], []
    for line, clients in case_items(case["inputs"]):
        if line["unit"] == "once":
            continue  # one-offs are not entered: they do not recur
        terms = (ProfileTerm(JANUARY, **line),)
        rows = factories.of_histories(
            ProfileHistory(
                f"{len(monthly)}-{position}",
                f"{len(monthly)}-{position}",
                JANUARY,
                terms=terms,
                currency="USD",
            )
            for position in range(clients)
        )
        monthly.append(sum(row.mrr for row in rows.values()))
        of_one.append(RevenueTerm.objects.filter(profile__in=rows.values()).first().monthly)
    (results,) = RevenueDataset().ledger(JANUARY, JANUARY).months
    assert results.closing == sum(monthly)
    if "items" in expected:
        # N03 prints its first figure for one of ten clients.
        assert [amount for amount in expected["items"] if amount] in (monthly, of_one)
    if "total" in expected:
        assert results.closing == expected["total"]


@cases("plan_change")
def test_an_upgrade_is_an_expansion_and_a_downgrade_a_contraction(workspace, case):
    state_before = JANUARY - ONE_DAY
    for position, change in enumerate(case["inputs"]["changes"]):
        terms = tuple(
            ProfileTerm(day, Decimal(amount), unit=unit)
            for day, (amount, unit) in ((state_before, change["from"]), (JANUARY, change["to"]))
        )
        factories.of_histories(
            [ProfileHistory(position, position, state_before, terms=terms, currency="USD")]
        )
    moved = {
        move.client: move.kind
        for move in RevenueDataset().ledger(JANUARY, JANUARY, recorded=True).movements(JANUARY)
    }
    kinds = {"upgrade": "expansion", "downgrade": "contraction"}
    assert [moved[client] for client in sorted(moved)] == [
        kinds[result] for result in case["expected"]["results"]
    ]


@cases("transfer")
def test_a_transfer_is_worth_what_it_was_before_the_move(workspace, case):
    given_values, expected = case["inputs"], case["expected"]
    state_before = JANUARY - ONE_DAY
    terms = (
        ProfileTerm(state_before, Decimal(given_values["old_mrr"]), category="A"),
        ProfileTerm(JANUARY, Decimal(given_values["new_mrr"]), category="B", reason="transfer"),
    )
    dataset = store_histories([ProfileHistory("p", "c", state_before, terms=terms, currency="USD")])
    ids = {row.name: pk for pk, row in dataset.categories.items()}
    remaining, entered = (
        RevenueDataset(DatasetFilters(frozenset({ids[name]}))).ledger(JANUARY, JANUARY).months[0]
        for name in "AB"
    )
    assert -remaining.transfer == expected["leaving_old_category"]
    assert entered.transfer == expected["entering_new_category"]
    assert entered.net_new == expected["movement_in_new_category"]


REOPENED = {id: case for id, case in CASES.items() if "steps" in case["inputs"]}


@pytest.mark.parametrize("case", REOPENED.values(), ids=REOPENED)
def test_an_ending_undone_is_gone_from_the_ledger(workspace, case):
    price = Decimal(case["inputs"]["unit_price_per_month"])
    confirm, quantity, close, reopen = (
        (date.fromisoformat(day), number) for day, _, number in case["inputs"]["steps"]
    )
    terms = tuple(ProfileTerm(day, price, quantity=number) for day, number in (confirm, quantity))
    ending = (ProfileEnding(close[0] - ONE_DAY),)
    row = factories.of_histories(
        [ProfileHistory("p", "c", confirm[0], terms=terms, endings=ending, currency="USD")]
    )["p"]

    def told():
        return [(line.amount, line.after) for line in profile_ledger(history_of(row))]

    assert told() == [(change, total) for _, _, change, total in case["expected"]["log_before_reopen"]]
    undo_ending(row)
    change_amount(
        row, reopen[0], amount=price, quantity=Decimal(reopen[1]), unit="month", count=1, discount=0
    )
    assert told() == [(change, total) for _, _, change, total in case["expected"]["log_after_reopen"]]
