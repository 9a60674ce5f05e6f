"""All worked examples, by their ids, through the pure engine; the public ones where they are there.

A public case whose source follows another rule than ours is tested as the difference it
is; DIFFERENT says which and how.
"""

from datetime import date
from decimal import Decimal

import pytest

from recurring.mrr.calendar import ONE_DAY, month_end, months_after, months_between
from recurring.mrr.cohorts import retention_series
from recurring.mrr.ledger import Ledger
from recurring.mrr.metrics import (
    client_churn,
    concentration,
    gross_churn,
    lifetime_value,
    net_churn,
    quick_ratio,
    retention,
    share,
)
from recurring.mrr.money import monthly_amount, round_shown
from recurring.mrr.profiles import ProfileEnding, ProfileHistory, ProfileTerm, profile_ledger, total_mrr
from recurring.mrr.results import Month
from recurring.tests.worked_examples import (
    CASES,
    OWN,
    PUBLIC,
    UNSHOWN_KINDS,
    case_items,
    case_profiles,
    case_rates,
    month,
)

DIFFERENT = {
    "N04": "Stripe leaves out a discount that ends; ours counts every one (here they agree: forever)",
    "N10": "a discount of an amount is a negative line there, a percentage of its line here",
    "M09": "two profiles with a gap of 60 days; ours dates the renewal back and sees no movement",
    "R04": "11 cancellations there, 10 here: who joined and left inside the month is no movement",
    "R18": "printed rounded to whole percents",
    "R21": "Stripe puts a floor under 0 churn; ours is not meaningful",
    "B01": "a prorated invoice there; the whole amount is MRR here",
    "B02": "Recurly's MRR rises by the prorated invoice, ours by the whole amount",
}

JANUARY = date(2025, 1, 1)


def cases(*kinds):
    """A test's parameters: the cases of these kinds, each named by its id."""
    results = [case for case in CASES.values() if case["kind"] in kinds]
    return pytest.mark.parametrize("case", results, ids=[case["id"] for case in results])


def tolerance(case):
    return Decimal(case.get("tolerance", 0))


def agree(found, expected, case):
    return abs(Decimal(found) - Decimal(expected)) <= tolerance(case)


def percent(fraction):
    return fraction * 100


def simple(id, amounts, client=None, end=None, **term):
    """A profile in monthly amounts: {first day: amount}."""
    terms = tuple(ProfileTerm(day, Decimal(amount), **term) for day, amount in amounts.items())
    return ProfileHistory(id, client or id, min(amounts), end, terms, currency="USD")


@cases("normalize")
def test_lines_are_normalized_to_a_month(case):
    items, expected = case_items(case["inputs"]), case["expected"]
    # N03 prints its first figure for all ten clients.
    monthly = [monthly_amount(**line) * clients for line, clients in items]
    if "items" in expected:
        assert (
            monthly == expected["items"] or [monthly_amount(**line) for line, _ in items] == expected["items"]
        )
    if "total" in expected:
        assert sum(monthly) == expected["total"]


@cases("ledger")
def test_the_months_are_as_in_the_ledger(case):
    inputs = case["inputs"]
    profiles, rates = case_profiles(inputs), case_rates(inputs)
    ledger = Ledger.of(profiles, first=month(inputs["first"]), last=month(inputs["last"]), rates=rates)
    for text, expected in case["expected"]["months"].items():
        results = ledger.month(month(text))
        for name, figure in expected.items():
            if name == "by_category":
                position = ledger.months.index(results)
                answers = {key: ledger.categories[key][position] for key in figure}
            else:
                answers, figure = {name: getattr(results, FIELDS.get(name, name))}, {name: figure}
            for key, answer in answers.items():
                assert agree(answer, figure[key], case), f"{text} {key}: {answer}, not {figure[key]}"


FIELDS = {
    "start": "opening",
    "end": "closing",
    "fx": "exchange",
    "customers": "clients",
    "customers_churned": "clients_churned",
    "paused_mrr": "paused",
}


@cases("rates")
def test_the_rates_follow_from_the_totals(case):
    given_values, expected = case["inputs"], case["expected"]
    joined_and_churned = given_values.get("customers_joined_and_churned", 0)
    totals = Month(
        JANUARY,
        opening=Decimal(given_values.get("start_mrr", 0)),
        clients_opening=given_values.get("customers_start", 0),
        clients_churned=given_values.get("customers_churned", 0) - joined_and_churned,
        **{
            name: Decimal(given_values.get(name, 0))
            for name in ("new", "reactivation", "expansion", "contraction", "churn")
        },
    )
    gross, net = retention(client_pairs(given_values))
    answers = {
        "end_mrr": lambda: totals.closing,
        "net_new_mrr": lambda: totals.net_new,
        "gross_mrr_churn_pct": lambda: percent(gross_churn(totals)),
        "net_mrr_churn_pct": lambda: percent(net_churn(totals)),
        "logo_churn_pct": lambda: percent(client_churn(totals)),
        "logo_retention_pct": lambda: percent(1 - client_churn(totals)),
        "expansion_pct": lambda: percent(share(totals.expansion, totals.opening)),
        "quick_ratio": lambda: quick_ratio(totals),
        "nrr_pct": lambda: percent(net),
        "grr_pct": lambda: percent(gross),
    }
    for name, figure in expected.items():
        assert agree(answers[name](), figure, case), name


def client_pairs(given):
    """Clients (MRR then, MRR now) with the given movements: one leaves, one shrinks, one grows."""
    churn, contraction = given.get("churn", 0), given.get("contraction", 0)
    rest = given.get("start_mrr", 0) - churn - 2 * contraction
    return [(churn, 0), (2 * contraction, contraction), (rest, rest + given.get("expansion", 0))]


@cases("daily_rates")
def test_the_daily_rates_are_ours_once_the_change_has_its_kinds(case):
    given_values = case["inputs"]
    rise = Decimal(given_values["end_mrr"] - given_values["start_mrr"] - given_values["new"])
    totals = Month(
        JANUARY,
        opening=Decimal(given_values["start_mrr"]),
        new=Decimal(given_values["new"]),
        expansion=max(rise, Decimal(0)),
        contraction=max(-rise, Decimal(0)),
    )
    assert totals.closing == given_values["end_mrr"]
    answers = {"net_pct": net_churn(totals), "gross_pct": gross_churn(totals)}
    for name, figure in case["expected"].items():
        assert percent(answers[name]) == figure


@cases("movement_pairs")
def test_a_pair_of_month_ends_is_the_movement(case):
    first = date(2024, 11, 1)
    for pair, (kind, amount) in zip(case["inputs"]["pairs"], case["expected"]["results"], strict=True):
        worth = {first: 7 if pair.get("was_client") else 0, months_after(first, 1): pair["before"]}
        ledger = Ledger.of([simple("p", worth | {JANUARY: pair["after"]})], first=JANUARY, last=JANUARY)
        (movement,) = ledger.movements(JANUARY)
        assert (movement.kind, movement.amount) == (kind, amount)
        assert ledger.months[0].closing == pair["after"]


@cases("plan_change")
def test_an_upgrade_is_an_expansion_and_a_downgrade_a_contraction(case):
    kinds = {"upgrade": "expansion", "downgrade": "contraction"}
    for change, result in zip(case["inputs"]["changes"], case["expected"]["results"], strict=True):
        terms = [
            ProfileTerm(day, Decimal(amount), unit=unit)
            for day, (amount, unit) in ((date(2024, 12, 1), change["from"]), (JANUARY, change["to"]))
        ]
        profile = ProfileHistory("p", "c", date(2024, 12, 1), terms=tuple(terms))
        (movement,) = Ledger.of([profile], first=JANUARY, last=JANUARY).movements(JANUARY)
        assert movement.kind == kinds[result]


@cases("transfer")
def test_a_transfer_is_worth_what_it_was_before_the_move(case):
    given_values, expected = case["inputs"], case["expected"]
    terms = (
        ProfileTerm(date(2024, 12, 1), Decimal(given_values["old_mrr"]), category="A"),
        ProfileTerm(JANUARY, Decimal(given_values["new_mrr"]), category="B", reason="transfer"),
    )
    profile = ProfileHistory("p", "c", date(2024, 12, 1), terms=terms)
    both, remaining, entered = (
        Ledger.of([profile], first=JANUARY, last=JANUARY, categories=chosen).months[0]
        for chosen in (None, {"A"}, {"B"})
    )
    assert -remaining.transfer == expected["leaving_old_category"] and remaining.closing == 0
    assert entered.transfer == expected["entering_new_category"]
    assert entered.net_new == expected["movement_in_new_category"]
    assert entered.closing == given_values["new_mrr"]
    assert (remaining.churn, remaining.clients_churned, remaining.clients) == (0, 0, 0)
    assert (entered.new, entered.clients_new, entered.clients) == (0, 0, 1)
    change = expected["movement_in_new_category"]
    assert (both.transfer, both.transferred) == (0, expected["leaving_old_category"])
    assert (both.expansion, both.contraction) == (max(change, 0), max(-change, 0))


@cases("grr_min")
def test_gross_retention_takes_the_smaller_end(case):
    given_values = case["inputs"]
    gross, _ = retention(zip(given_values["start_by_unit"], given_values["end_by_unit"], strict=True))
    assert percent(gross) == case["expected"]["grr_pct"]
    profiles = [simple("p", {date(2024, 1, 1): 5000, JANUARY: 6000})]
    ledger = Ledger.of(profiles, first=JANUARY, last=JANUARY, since=date(2024, 1, 1))
    (results,) = retention_series(ledger, JANUARY, JANUARY)
    assert (results.gross, results.net) == (1, Decimal("1.2"))


@cases("ltv")
def test_lifetime_value_is_arpa_by_churn(case):
    given_values = case["inputs"]
    churn = Decimal(given_values["churn_pct"]) / 100
    assert lifetime_value(given_values["arpa"], churn, clients=20) == case["expected"]["ltv"]
    assert lifetime_value(given_values["arpa"], churn, clients=19) is None
    assert lifetime_value(given_values["arpa"], Decimal(0), clients=1000) is None


@cases("cmrr")
def test_committed_mrr_is_the_same_function_asked_ahead(case):
    given_values, today, later = case["inputs"], date(2025, 1, 31), date(2025, 4, 30)
    leaving, growing = given_values["known_churn"], given_values.get("expansion", 0)
    stays = given_values["mrr"] - leaving
    profiles = [
        simple("stays", {date(2024, 1, 1): stays, date(2025, 3, 1): stays + growing}),
        simple("leaves", {date(2024, 1, 1): leaving}, end=date(2025, 2, 28)),
        simple("signed", {date(2025, 4, 1): given_values["signed_not_live"]}),
    ]
    assert total_mrr(profiles, today) == given_values["mrr"]
    assert total_mrr(profiles, later) == case["expected"]["cmrr"]
    ledger = Ledger.of(profiles, first=today, last=later, today=today)
    assert (ledger.months[-1].closing, ledger.months[-1].status) == (case["expected"]["cmrr"], "committed")


@cases("proration")
def test_a_prorated_invoice_is_not_mrr(case):
    given_values = case["inputs"]
    invoice = Decimal(given_values["amount"]) * given_values["days"] / given_values["period_days"]
    assert round_shown(invoice) == case["expected"]["invoice_amount"]
    start = date(2025, 8, given_values["period_days"] - given_values["days"] + 1)
    profile = simple("p", {start: given_values["amount"]})
    assert (
        profile.mrr(start) == profile.mrr(month_end(start)) == given_values["amount"] != round_shown(invoice)
    )


@cases("documentary")
def test_what_is_told_in_words_holds_too(case):
    (reopened if "steps" in case["inputs"] else concentrated)(case)


def reopened(case):
    """Undoing an ending takes the churn row away; the line ledger then has only the net change."""
    kinds = {"0": "new", "1": "expansion", "2": "churn", "15": "contraction"}
    price = Decimal(case["inputs"]["unit_price_per_month"])
    confirm, quantity, close, reopen = (
        (date.fromisoformat(day), number) for day, _, number in case["inputs"]["steps"]
    )
    terms = tuple(ProfileTerm(day, price, quantity=number) for day, number in (confirm, quantity))
    ending = ProfileEnding(close[0] - ONE_DAY)
    state_before = ProfileHistory("p", "c", confirm[0], terms=terms, endings=(ending,))
    undone = ProfileEnding(ending.end, undone_at=reopen[0])
    state_after = ProfileHistory(
        "p",
        "c",
        confirm[0],
        terms=(*terms, ProfileTerm(reopen[0], price, quantity=reopen[1])),
        endings=(undone,),
    )
    for profile, log in (
        (state_before, case["expected"]["log_before_reopen"]),
        (state_after, case["expected"]["log_after_reopen"]),
    ):
        results = [(row.kind, row.day.isoformat(), row.amount, row.after) for row in profile_ledger(profile)]
        assert results == [
            (kinds.get(kind.split("_")[0], kind), day, change, total) for kind, day, change, total in log
        ]
    (results,) = Ledger.of([state_after], first=confirm[0], last=confirm[0]).months
    assert (results.new, results.churn, results.clients_churned) == (price * reopen[1], 0, 0)


def concentrated(case):
    given_values = case["inputs"]
    rest = [Decimal(given_values["total"] - given_values["client"]) / 11] * 11
    assert percent(concentration([given_values["client"], *rest])[1]) == pytest.approx(
        case["expected"]["share_pct"]
    )


def collect_ids(tests):
    """Return the ids of all cases that the tests take as parameters."""
    return [
        id
        for test in tests
        for mark in getattr(test, "pytestmark", ())
        if mark.name == "parametrize" and mark.args[0] == "case"
        for id in mark.kwargs["ids"]
    ]


def test_every_case_is_tested():
    expected_ids = [id for id, case in CASES.items() if case["kind"] not in UNSHOWN_KINDS]
    assert sorted(collect_ids(globals().values())) == sorted(expected_ids)
    assert not OWN.keys() & PUBLIC.keys()
    assert not PUBLIC or (len(PUBLIC) == 65 and set(DIFFERENT) <= set(PUBLIC))


def test_every_month_between_is_in_the_ledger():
    ledger = Ledger.of([], first=date(2024, 11, 30), last=date(2025, 2, 1))
    assert [item.month for item in ledger.months] == months_between(date(2024, 11, 1), date(2025, 2, 28))
    assert all(item.closing == 0 for item in ledger.months)
