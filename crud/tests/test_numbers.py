"""The parser of typed numbers, and the rounding rule. No database."""

import contextlib
import unicodedata
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from crud.parsing.numbers import currency_places, format_number, parse_number, round_half_up

NO_BREAK, NARROW, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{THIN SPACE}"


def refusal(text, **options):
    with pytest.raises(ValidationError) as refused:
        parse_number(text, **options)
    return refused.value.messages[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", None),
        (" \N{ZERO WIDTH SPACE}\t", None),
        ("0", 0),
        ("１２００", 1200),
        ("٣", 3),
        ("١٬٢٠٠", 1200),
        ("१२", 12),
        ("१२,३४,५६७", 1234567),
        ("＄１，２００", 1200),
        ("￥1,200", 1200),
        (f"12{NO_BREAK}000", 12000),
        (f"12{NARROW}000", 12000),
        (f"1{THIN}234{THIN}567", 1234567),
        ("12’000", 12000),
        ("12'000", 12000),
        ("Fr. 12'000", 12000),
        ("CHF 12000", 12000),
        ("12000 kr", 12000),
        ("12 000 kr.", 12000),
        ("1200円", 1200),
        ("US$1,200", 1200),
        ("R$ 1200", 1200),
        ("1200 zł", 1200),
        ("eur 5", 5),
        ("CHF 1'200.-", 1200),
        ("12,-", 12),
        ("12,--", 12),
        ("Rs. 1,200/-", 1200),
        ("$(0)", 0),
        ("-0", 0),
        ("1,000", 1000),
        ("1.000.000", 1000000),
        ("\N{LEFT-TO-RIGHT MARK}1200\N{POP DIRECTIONAL FORMATTING}", 1200),
    ],
)
def test_whole_numbers_are_read_as_people_write_them(text, number):
    assert parse_number(text) == number


WORDS = (
    "TBD ask NaN nan inf -inf Infinity $ € + - . , ' % () ($) +- kr USD EUR none null n/a ? 1e3 1E3 0x1F "
    "① Ⅻ ½ 1² 一万"
).split()


@pytest.mark.parametrize(
    "text",
    [
        *WORDS,
        "1 2",
        "5-",
        "--5",
        "+-5",
        "1$2",
        "ask 12",
        "12 apples",
        "12k",
        "1 200 x",
        "12K€",
        "12K$",
        "12 m",
        "-",
        "12--",
        "/-",
    ],
)
def test_a_word_is_not_a_number(text):
    for places in (0, 4):
        assert refusal(text, places=places).startswith("Enter a")
        assert "such as" in refusal(text, places=places)


PERCENTAGES = ["35 %", "35%", "３５％", "35٪", "35 percent", "35 Percent", "%35", "(35%)", "-35 %"]


@pytest.mark.parametrize("text", PERCENTAGES)
def test_a_percentage_is_no_plain_number(text):
    for places in (0, 4):
        assert "such as" in refusal(text, places=places, smallest=-100)


@pytest.mark.parametrize("text", [*PERCENTAGES, "35"])
def test_a_percentage_may_carry_its_sign(text):
    for places in (0, 4):
        assert abs(parse_number(text, places=places, smallest=-100, is_percentage=True)) == 35


@pytest.mark.parametrize("text", ["$35", "35 EUR", "35‰", "35 %%", "% 35 %x", "%", "percent"])
def test_what_is_no_percentage_is_refused_as_one(text):
    assert "such as 70" in refusal(text, is_percentage=True, example="70")


@given(st.text(max_size=12))
def test_text_without_a_digit_is_never_a_number(text):
    if any(unicodedata.decimal(ch, None) is not None for ch in text):
        return
    for places in (0, 4):
        with contextlib.suppress(ValidationError):
            assert parse_number(text, places=places) is None


@given(
    st.integers(0, 10**12),
    st.sampled_from([",", " ", "'", "’", NO_BREAK, NARROW, THIN]),
    st.sampled_from([0, 0xFF10 - 48, 0x660 - 48, 0x966 - 48]),
)
def test_grouped_numbers_of_every_script_are_read_back(number, separator, shift):
    text = "".join(chr(ord(ch) + shift) if ch.isdigit() else separator for ch in f"{number:,}")
    assert parse_number(text) == parse_number(text, places=4) == number


@given(st.decimals(0, 10**9, places=2))
def test_amounts_are_read_back_in_both_styles(amount):
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert parse_number(english, places=4) == parse_number(german, places=4) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("１２．５０", "12.5"),
        ("٣", "3"),
        ("١٢٫٥", "12.5"),
        ("0.925", "0.925"),
        ("0,925", "0.925"),
        ("1.200,50 €", "1200.5"),
        ("$.5", "0.5"),
        ("5.", "5"),
        ("1.2340", "1.234"),
    ],
)
def test_amounts_keep_their_decimals(text, amount):
    assert parse_number(text, places=4) == Decimal(amount)


def test_what_has_two_meanings_is_asked_about_alike():
    assert refusal("1.000") == "Did you mean 1 or 1,000? Enter it without the period."
    assert refusal("1.000", places=4) == "Did you mean 1 or 1,000? Enter one of these."
    assert refusal("1.250", places=4) == "Did you mean 1.25 or 1,250? Enter one of these."
    assert refusal("1.234", places=4) == "Did you mean 1.2340 or 1,234? Enter one of these."
    assert parse_number("1.2340", places=4) == Decimal("1.234")


def test_a_rate_has_a_decimal_point():
    assert parse_number("1.085", places=10, is_rate=True) == Decimal("1.085")
    assert parse_number("0,92", places=10, is_rate=True) == Decimal("0.92")
    assert refusal("1,085", places=10, is_rate=True).startswith("Did you mean 1.0850 or 1,085?")


def test_bounds_are_told_in_a_sentence():
    assert refusal("101", largest=100) == "Enter at most 100."
    assert refusal("9" * 400) == f"Enter at most {2**63 - 1:,}."
    assert refusal("-5") == "Enter 0 or more."
    assert refusal("-5", places=4) == refusal("(５)", places=4) == "Enter 0 or more."
    assert refusal("9" * 400, places=4, below=100) == refusal("100", below=100) == "Enter less than 100."
    assert refusal("0", smallest=1) == "Enter at least 1."
    assert parse_number("−5", smallest=-10) == -5
    assert refusal("0.12345", places=4) == "Enter at most 4 decimal places."


@pytest.mark.parametrize(
    ("number", "places", "rounded"),
    [
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("9.25", 1, "9.3"),
        ("-9.25", 1, "-9.3"),
        ("1.2345", 3, "1.235"),
        ("1e40", 2, "1e40"),
    ],
)
def test_a_half_is_rounded_away_from_zero(number, places, rounded):
    assert round_half_up(Decimal(number), places) == Decimal(rounded)


@given(st.decimals(0, 10**8, places=4))
def test_a_number_in_a_form_is_read_back_as_it_is(amount):
    assert parse_number(format_number(amount.normalize()), places=4) == amount


def test_currencies_have_as_many_decimals_as_they_have():
    codes = "JPY KRW USD EUR KWD BHD".split()
    assert [currency_places(code) for code in codes] == [0, 0, 2, 2, 3, 3]
