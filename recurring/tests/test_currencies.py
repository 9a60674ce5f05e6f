"""Several currencies: losses at the rate before, gains at the rate now, the rest is exchange."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurring.mrr.calendar import month_end, months_after
from recurring.mrr.cohorts import cohorts, retention_series
from recurring.mrr.engine.profile_changes import NEVER
from recurring.mrr.exchange_rates import ExchangeRates, LenientRates
from recurring.mrr.ledger import Ledger
from recurring.mrr.metrics import gross_churn, retention, share
from recurring.mrr.profiles import ProfileHistory, ProfilePause, ProfileTerm, total_mrr
from recurring.mrr.results import GAINS, LOSSES
from recurring.tests.test_ledger import EPOCH, FIRST, LAST, MONTHS, by_client, histories, sign_amount

DECEMBER, JANUARY, FEBRUARY = date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)
CURRENCIES = {"a": "EUR", "b": "USD", "c": "GBP"}
factors = st.integers(50, 200).map(lambda percent: Decimal(percent) / 100)


@st.composite
def rate_tables(draw):
    """Rates of two currencies from the month before the epoch on, in some of the months."""
    return {
        code: {MONTHS[0]: draw(factors)} | draw(st.dictionaries(st.sampled_from(MONTHS), factors, max_size=8))
        for code in ("EUR", "GBP")
    }


@st.composite
def portfolios(draw, is_mixed=False):
    """Profiles whose clients pay in one currency each, or in several."""
    profiles = draw(histories(currencies=("USD", "EUR", "GBP")))
    return profiles if is_mixed else [replace(item, currency=CURRENCIES[item.client]) for item in profiles]


def euro(amounts, **options):
    terms = tuple(ProfileTerm(day, Decimal(amount)) for day, amount in amounts.items())
    return ProfileHistory("p", "c", min(amounts), terms=terms, currency="EUR", **options)


def test_a_client_who_leaves_takes_what_they_were_worth_at_the_last_month_end():
    rates = ExchangeRates("USD", {"EUR": {DECEMBER: Decimal("1.00"), FEBRUARY: Decimal("1.20")}})
    leaver = euro({date(2024, 11, 1): 100}, end=date(2025, 2, 9))
    month = Ledger.of([leaver], first=JANUARY, last=FEBRUARY, rates=rates).months[-1]
    assert (month.opening, month.churn, month.exchange, month.closing) == (100, 100, 0, 0)
    assert gross_churn(month) == 1


RATES = ExchangeRates("USD", {"EUR": {DECEMBER: Decimal("1.00"), FEBRUARY: Decimal("1.20")}})


@pytest.mark.parametrize(
    ("amounts", "options", "expected"),
    [
        ({JANUARY: 100, FEBRUARY: 60}, {}, {"contraction": 40, "exchange": 12, "closing": 72}),
        ({JANUARY: 100, FEBRUARY: 150}, {}, {"expansion": 60, "exchange": 20, "closing": 180}),
        ({JANUARY: 100}, {"pauses": (ProfilePause(FEBRUARY),)}, {"pause": 100, "exchange": 0, "closing": 0}),
        (
            {DECEMBER: 100},
            {"pauses": (ProfilePause(JANUARY, month_end(JANUARY)),)},
            {"resume": 120, "closing": 120},
        ),
        ({FEBRUARY: 100}, {}, {"new": 120, "exchange": 0, "closing": 120}),
    ],
)
def test_gains_are_valued_now_and_losses_as_before(amounts, options, expected):
    ledger = Ledger.of([euro(amounts, **options)], first=JANUARY, last=FEBRUARY, rates=RATES)
    month = ledger.month(FEBRUARY)
    assert {name: getattr(month, name) for name in expected} == expected
    moves = [move for move in ledger.movements(FEBRUARY) if move.kind != "exchange"]
    assert all(abs(move.amount) == abs(sum(line.amount for line in move.lines)) for move in moves)


def test_what_two_lines_of_a_client_move_between_them_is_no_movement_of_the_rates():
    lines = [replace(euro({JANUARY: 100, FEBRUARY: 60}), id="q"), euro({JANUARY: 100, FEBRUARY: 140})]
    month = Ledger.of(lines, first=FEBRUARY, last=FEBRUARY, rates=RATES).months[0]
    assert (month.expansion, month.contraction, month.exchange, month.closing) == (0, 0, 40, 240)


@settings(max_examples=120, deadline=None)
@given(portfolios(), rate_tables(), st.sampled_from([None, {"Hosting"}, {"Support", None}]))
def test_movements_are_the_native_ones_at_the_two_rates(profiles, table, categories):
    rates = ExchangeRates("USD", table)
    options = {"first": FIRST, "last": LAST, "categories": categories}
    ledger = Ledger.of(profiles, rates=rates, **options)
    native = {
        currency: Ledger.of([item for item in profiles if item.currency == currency], **options)
        for currency in CURRENCIES.values()
    }
    for month in ledger.months:
        state_before = months_after(month.month, -1)
        expected = dict.fromkeys((*GAINS, *LOSSES, "exchange", "transfer", "opening", "closing"), Decimal(0))
        for currency, own_value in native.items():
            later, current_time = rates.rate(currency, state_before), rates.rate(currency, month.month)
            own_value = own_value.month(month.month)
            for kind in GAINS:
                expected[kind] += getattr(own_value, kind) * current_time
            for kind in LOSSES:
                expected[kind] += getattr(own_value, kind) * later
            expected["transfer"] += own_value.transfer * later
            expected["exchange"] += (own_value.opening + own_value.transfer - own_value.losses) * (
                current_time - later
            )
            expected["opening"] += own_value.opening * later
            expected["closing"] += own_value.closing * current_time
        assert {name: getattr(month, name) for name in expected} == expected


@settings(max_examples=120, deadline=None)
@given(portfolios(is_mixed=True), rate_tables(), st.sampled_from([None, {"Hosting"}, {"Support", None}]))
def test_the_identity_holds_for_each_client_and_the_parts_add_up(profiles, table, categories):
    ledger = Ledger.of(
        profiles, first=FIRST, last=LAST, rates=ExchangeRates("USD", table), categories=categories
    )
    worth = None
    for month in ledger.months:
        movements = ledger.movements(month.month)
        for kind in (*GAINS, *LOSSES, "exchange", "transfer"):
            assert getattr(month, kind) == sum(move.amount for move in movements if move.kind == kind)
        assert all(
            abs(move.amount) == abs(sum(line.amount for line in move.lines))
            for move in movements
            if move.kind != "exchange"
        )
        current_time = ledger.clients(month.month)
        assert sum(current_time.values()) == month.closing
        if worth is not None:
            for client in {*current_time, *worth}:
                change = sum(sign_amount(move) for move in movements if move.client == client)
                assert worth.get(client, 0) + change == current_time.get(client, 0)
        worth = current_time


def example(later_rate):
    """The published example: EUR 100, 50 after a year and a half; USD 100, then 200."""
    euros = euro({date(2023, 1, 1): 100, date(2024, 6, 1): 50})
    terms = ProfileTerm(date(2023, 1, 1), Decimal(100)), ProfileTerm(date(2024, 6, 1), Decimal(200))
    dollars = ProfileHistory("q", "d", date(2023, 1, 1), terms=terms, currency="USD")
    rates = {date(2023, 1, 1): Decimal(1)} | ({FEBRUARY: later_rate} if later_rate else {})
    options = {"rates": ExchangeRates("USD", {"EUR": rates}), "today": date(2025, 2, 15)}
    first, last, since = date(2024, 2, 1), date(2025, 8, 1), date(2023, 2, 1)
    return Ledger.of([euros, dollars], first=first, last=last, since=since, **options)


@pytest.mark.parametrize("later_rate", [None, Decimal(2)])
def test_retention_is_at_the_rate_of_its_own_last_month(later_rate):
    (results,) = retention_series(example(later_rate), JANUARY, JANUARY)
    assert (results.opening, results.kept, results.closing) == (200, 150, 250)
    assert (results.net, results.gross) == (Decimal("1.25"), Decimal("0.75"))


def test_cohorts_before_the_ledgers_own_months_have_no_rates():
    """A ledger values the months before its first one at one rate: enough for retention, not for a cohort."""
    with pytest.raises(ValueError, match="exchange rates from February 2024"):
        cohorts(example(None), date(2023, 3, 1), JANUARY)


@settings(max_examples=120, deadline=None)
@given(
    st.booleans().flatmap(lambda is_mixed: portfolios(is_mixed=is_mixed)),
    rate_tables(),
    st.sampled_from([None, {"Hosting"}]),
    st.dictionaries(st.sampled_from(["EUR", "GBP"]), factors),
)
def test_figures_over_months_are_those_of_a_ledger_of_their_last_month(profiles, table, categories, later):
    """A page behind a figure looks at one month only: later months and their rates must not matter to it."""
    state_after = {code: table[code] | {LAST: rate} for code, rate in later.items()}
    last = months_after(LAST, -2)
    options = {"categories": categories, "since": EPOCH}
    whole = Ledger.of(
        profiles, first=FIRST, last=LAST, rates=ExchangeRates("USD", table | state_after), **options
    )
    for results in retention_series(whole, date(2024, 2, 1), last):
        month, state_before = results.month, months_after(results.month, -12)
        page = Ledger.of(profiles, first=month, last=month, rates=ExchangeRates("USD", table), **options)
        ends = [[line.units(index_of(day)) for line in page.timelines] for day in (state_before, month)]
        assert (results.gross, results.net) == retention(list(zip(*ends, strict=True)))
        if categories is None:
            rates = FixedRate(table, month)
            own_value = by_client(profiles).values()
            pairs = [
                [total_mrr(item, month_end(day), rates) for day in (state_before, month)]
                for item in own_value
            ]
            assert (results.gross, results.net) == retention(pairs)
    for cohort in cohorts(whole, FIRST, last):
        for since in range(min(len(cohort.mrr), 8)):
            month = months_after(cohort.month, since)
            if month > last:
                break
            rates = ExchangeRates("USD", table)
            page = Ledger.of(profiles, first=cohort.month, last=month, rates=rates, **options)
            amounts = [
                (first, line.units(index_of(month)))
                for line in page.timelines
                if (first := first_worth(line, cohort.month))
            ]
            begun, current_time = (sum(column) for column in zip(*amounts, strict=True))
            assert cohort.net[since] == share(current_time, begun)
            assert cohort.gross[since] == share(sum(map(min, amounts)), begun)


def index_of(day):
    return day.year * 12 + day.month - 1


def first_worth(line, month):
    """A client's first units if these were at the end of the month, or None."""
    began, units = next(((position, units) for position, units, _ in line.entries if units), (None, None))
    return units if began == index_of(month) and not line.was_client else None


class FixedRate:
    """The rates of one month, whatever the day."""

    base = "USD"

    def __init__(self, table, month):
        self.rates, self.month = ExchangeRates("USD", table), month

    def rate(self, currency, day):
        return self.rates.rate(currency, self.month)


@settings(max_examples=150, deadline=None)
@given(
    portfolios(is_mixed=True),
    st.dictionaries(st.sampled_from(["EUR", "GBP"]), st.sampled_from(MONTHS[2:])),
    st.sampled_from([None, {"Hosting"}]),
)
def test_before_a_first_rate_a_line_is_worth_nothing_and_then_comes_in_as_a_transfer(
    profiles, first_rates, categories
):
    rates = LenientRates("USD", {code: {month: Decimal(2)} for code, month in first_rates.items()})
    firsts = {code: rates.first(code) for code in ("EUR", "GBP")}
    rated_from = {code: NEVER if first is None else first for code, first in firsts.items()}
    options = {"rates": rates, "rated_from": rated_from, "categories": categories}
    ledger = Ledger.of(profiles, first=FIRST, last=LAST, **options)
    state_before = None
    for month in ledger.months:
        if categories is None:
            assert month.closing == total_mrr(profiles, month_end(month.month), rates)
            assert not month.transfer or index_of(month.month) in firsts.values()
        assert state_before in (None, month.opening)
        state_before = month.closing
        movements = ledger.movements(month.month)
        assert month.opening + sum(map(sign_amount, movements)) == month.closing
        page = Ledger.of(profiles, first=month.month, last=month.month, **options)
        assert page.month(month.month) == month
        assert page.clients(month.month) == ledger.clients(month.month)
    sums = Ledger.of(profiles, first=FIRST, last=LAST, recorded=False, **options)
    assert sums.months == ledger.months
