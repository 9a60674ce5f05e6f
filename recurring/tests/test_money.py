"""Amounts and months: what is normalized, how it is rounded, and what is refused with a sentence."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.formatting import (
    format_exact,
    format_percent,
    format_points,
    format_rounded,
    format_signed,
    format_signed_rounded,
)
from recurring.mrr.calendar import month_end, month_of, months_after, months_between
from recurring.mrr.exchange_rates import ExchangeRates, MissingRate
from recurring.mrr.money import MONTHS_IN, annualize, monthly_amount, round_shown
from recurring.mrr.profiles import ProfileEnding, ProfileHistory, ProfilePause, ProfileTerm

AMOUNTS = st.decimals(0, 999_999, places=4)
RECURRING = sorted(set(MONTHS_IN) - {"once"})


@pytest.mark.parametrize(
    ("unit", "count", "monthly"),
    [
        ("month", 1, "1200"),
        ("quarter", 1, "400"),
        ("half_year", 1, "200"),
        ("year", 1, "100"),
        ("month", 18, "66.6667"),
        ("year", 3, "33.3333"),
        ("week", 1, "5200"),
        ("week", 4, "1300"),
        ("day", 1, "36500"),
        ("day", 30, "1216.6667"),
        ("once", 1, "0"),
    ],
)
def test_an_interval_is_normalized_to_a_month(unit, count, monthly):
    assert monthly_amount(Decimal(1200), unit, count) == Decimal(monthly)


@settings(max_examples=300, deadline=None)
@given(AMOUNTS, st.sampled_from(RECURRING), st.integers(1, 60), st.integers(0, 500), st.integers(0, 100))
def test_rounding_is_half_up_of_the_exact_fraction(amount, unit, count, quantity, discount):
    months, parts = MONTHS_IN[unit]
    exact = Fraction(amount) * quantity * (100 - discount) * parts / (100 * months * count)
    results = Fraction(monthly_amount(amount, unit, count, quantity=quantity, discount=discount))
    assert -Fraction(1, 20000) < results - exact <= Fraction(1, 20000)


def test_a_half_goes_up_and_is_not_rounded_twice():
    assert monthly_amount(Decimal("0.0006"), "year", 1) == Decimal("0.0001")  # 0.00005 exactly
    assert monthly_amount(Decimal("0.0005"), "year", 1) == 0
    assert round_shown(Decimal("0.125")) == Decimal("0.13")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"amount": Decimal("-1")}, "The amount must not be negative: -1."),
        ({"amount": Decimal("NaN")}, "The amount must be a number, not NaN."),
        ({"amount": Decimal("sNaN")}, "The amount must be a number, not sNaN."),
        ({"amount": Decimal("Infinity")}, "The amount must be a number, not Infinity."),
        ({"amount": "twelve"}, "The amount must be a number, not 'twelve'."),
        ({"amount": 0.1}, "The amount must be a Decimal, not 0.1."),
        ({"amount": None}, "The amount must be a Decimal, not None."),
        ({"amount": True}, "The amount must be a Decimal, not True."),
        ({"amount": Decimal("1.0000000000001")}, "The amount may have at most 4 decimals: 1.0000000000001."),
        ({"amount": Decimal("1." + "0" * 40 + "1")}, "The amount may have at most 4 decimals"),
        ({"amount": Decimal("1e12")}, "The amount must be below 1000000000000"),
        ({"amount": 999_999_999_999, "quantity": 2}, "The amount per month must be below 1000000000000"),
        ({"amount": 1, "unit": "fortnight"}, "The interval must be one of day, week, month"),
        ({"amount": 1, "unit": None}, "The interval must be one of"),
        ({"amount": 1, "count": 0}, "The interval's count must be a whole number from 1, not 0."),
        ({"amount": 1, "count": -1}, "The interval's count must be a whole number from 1, not -1."),
        ({"amount": 1, "count": 1.5}, "The interval's count must be a whole number from 1, not 1.5."),
        ({"amount": 1, "quantity": -1}, "The quantity must not be negative: -1."),
        ({"amount": 1, "discount": 101}, "The discount must be at most 100 percent: 101."),
        ({"amount": 1, "discount": -1}, "The discount must not be negative: -1."),
    ],
)
def test_bad_lines_are_refused_with_a_sentence(line, sentence):
    with pytest.raises(ValueError) as refusal:
        monthly_amount(**line)
    assert str(refusal.value).startswith(sentence)


def test_zero_is_free_and_not_refused():
    assert monthly_amount(0) == monthly_amount(Decimal("-0")) == monthly_amount(100, discount=100) == 0


def test_four_places_are_kept():
    assert str(monthly_amount(Decimal("12.5"), quantity=7, discount=10)) == "78.7500"
    assert annualize(monthly_amount(100)) == 1200


def test_months_are_counted_across_years():
    assert month_of(date(2024, 2, 29)) == date(2024, 2, 1)
    assert month_end(date(2024, 2, 1)) == date(2024, 2, 29)
    assert months_after(date(2024, 12, 31), 1) == date(2025, 1, 1)
    assert months_after(date(2024, 1, 31), -1) == date(2023, 12, 1)
    assert months_between(date(2024, 11, 30), date(2025, 1, 1)) == [
        date(2024, 11, 1),
        date(2024, 12, 1),
        date(2025, 1, 1),
    ]


# A profile on a day


def test_the_last_day_of_service_counts():
    profile = ProfileHistory(
        "p", "c", date(2025, 1, 31), date(2025, 3, 31), (ProfileTerm(date(2025, 1, 31), 100),)
    )
    days = [date(2025, 1, 30), date(2025, 1, 31), date(2025, 3, 31), date(2025, 4, 1)]
    assert [profile.mrr(day) for day in days] == [0, 100, 100, 0]


def test_a_superseded_term_counts_for_nothing():
    wrong = ProfileTerm(date(2025, 1, 1), 1000, superseded_at=date(2025, 1, 2))
    profile = ProfileHistory("p", "c", date(2025, 1, 1), terms=(wrong, ProfileTerm(date(2025, 1, 1), 100)))
    assert profile.mrr(date(2025, 1, 1)) == 100


def test_of_two_terms_on_a_day_the_later_given_one_counts():
    profile = ProfileHistory(
        "p", "c", date(2025, 1, 1), terms=(ProfileTerm(date(2025, 1, 1), 5), ProfileTerm(date(2025, 1, 1), 6))
    )
    assert profile.mrr(date(2025, 1, 1)) == 6


def test_the_earliest_ending_counts_until_it_is_undone():
    terms = (ProfileTerm(date(2025, 1, 1), 100),)
    ending = ProfileEnding(date(2025, 5, 31))
    ended = ProfileHistory("p", "c", date(2025, 1, 1), date(2025, 12, 31), terms, endings=(ending,))
    undone = ProfileHistory(
        "p",
        "c",
        date(2025, 1, 1),
        date(2025, 12, 31),
        terms,
        endings=(ProfileEnding(ending.end, undone_at=True),),
    )
    assert (ended.last_day, undone.last_day) == (date(2025, 5, 31), date(2025, 12, 31))
    assert (ended.mrr(date(2025, 6, 1)), undone.mrr(date(2025, 6, 1))) == (0, 100)


def test_histories_that_end_before_they_begin_are_refused():
    with pytest.raises(ValueError, match=r"The profile ends \(2024-12-31\) before it starts"):
        ProfileHistory("p", "c", date(2025, 1, 1), date(2024, 12, 31))
    with pytest.raises(ValueError, match=r"The pause ends \(2024-12-31\) before it begins"):
        ProfilePause(date(2025, 1, 1), date(2024, 12, 31))


# Exchange rates


def test_a_month_without_a_rate_takes_the_latest_before_it():
    rates = ExchangeRates("USD", {"EUR": {date(2025, 1, 31): Decimal("1.10"), date(2025, 3, 1): "1.2"}})
    results = [rates.rate("EUR", date(2025, month, 15)) for month in (1, 2, 3, 4)]
    assert results == [Decimal("1.1"), Decimal("1.1"), Decimal("1.2"), Decimal("1.2")]
    assert rates.rate("USD", date(1999, 1, 1)) == 1
    with pytest.raises(MissingRate, match="There is no EUR rate for December 2024"):
        rates.rate("EUR", date(2024, 12, 1))
    with pytest.raises(ValueError, match="There is no GBP rate"):
        rates.rate("GBP", date(2025, 1, 1))


def test_the_base_currency_is_always_worth_one():
    rates = ExchangeRates("USD", {"USD": {date(2025, 1, 1): Decimal("2.5")}})
    assert rates.rate("USD", date(2025, 1, 1)) == 1
    assert rates.places == 0


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-1), Decimal("NaN"), 1.1, Decimal("1.12345678901")])
def test_bad_rates_are_refused(rate):
    with pytest.raises(ValueError, match="The EUR rate m"):
        ExchangeRates("USD", {"EUR": {date(2025, 1, 1): rate}})


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (format_rounded(Decimal("1200.50"), "USD"), "$1,201"),
        (format_rounded(Decimal("1201.50"), "USD"), "$1,202"),
        (format_signed_rounded(Decimal("-2.5"), "USD"), "−$3"),
        (format_exact(Decimal("1200"), "JPY"), "¥1,200"),
        (format_exact(Decimal("1200.5"), "JPY"), "¥1,201"),
        (format_exact(Decimal("0.4"), "JPY"), "<¥1"),
        (format_rounded(Decimal("0.7"), "JPY"), "¥1"),
        (format_exact(Decimal("1.2345"), "KWD"), "KWD\N{NO-BREAK SPACE}1.235"),
        (format_exact(Decimal("-1.2345"), "KWD"), "−KWD\N{NO-BREAK SPACE}1.235"),
        (format_signed(Decimal("0.0004"), "KWD"), "+<KWD\N{NO-BREAK SPACE}0.001"),
        (format_exact(Decimal("1.005"), "USD"), "$1.01"),
        (format_exact(Decimal("1.015"), "USD"), "$1.02"),
        (format_exact(Decimal("-1.005"), "USD"), "−$1.01"),
        (format_percent(Decimal("0.0925")), "9.3%"),
        (format_percent(Decimal("0.0915")), "9.2%"),
        (format_percent(Decimal("0.00005"), 2), "0.01%"),
        (format_points(Decimal("-0.0125")), "−1.3 points"),
        (format_rounded(Decimal("0.31"), "USD"), "$0.31"),
        (format_rounded(Decimal("0.004"), "USD"), "<$0.01"),
        (format_rounded(Decimal(0), "USD"), "$0"),
        (format_signed_rounded(Decimal("-0.31"), "USD"), "−$0.31"),
        (format_exact(Decimal("0.005"), "USD"), "$0.01"),
        (format_exact(Decimal("-0.0049"), "USD"), "−<$0.01"),
        (format_signed(Decimal("0.0001"), "USD"), "+<$0.01"),
        (format_percent(Decimal("0.0004")), "<0.1%"),
        (format_percent(Decimal("-0.0004")), "−<0.1%"),
        (format_percent(Decimal(0)), "0.0%"),
        (format_points(Decimal("-0.0004")), "−<0.1 points"),
    ],
)
def test_what_is_little_is_not_written_as_nothing(written, text):
    assert written == text


@pytest.mark.parametrize(
    ("fraction", "places", "text"), [("-0.0063", 2, "−0.63%"), ("-0.5", 1, "−50.0%"), ("0", 1, "0.0%")]
)
def test_negative_percentages_have_the_minus_sign_of_amounts(fraction, places, text):
    assert format_percent(Decimal(fraction), places) == text
