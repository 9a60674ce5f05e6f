"""The parser of typed dates. No database."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from crud.parsing.dates import EARLIEST, LATEST, parse_date

NEW_YEARS_EVE = datetime.date(2026, 12, 31)


def refusal(text, **bounds):
    with pytest.raises(ValidationError) as refused:
        parse_date(text, **bounds)
    return refused.value.messages[0]


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-31",
        "2026/12/31",
        "2026.12.31",
        "20261231",
        "２０２６－１２－３１",
        "٢٠٢٦-١٢-٣١",
        "2026年12月31日",
        "12/31/2026",
        "31/12/2026",
        "31.12.2026",
        "31. 12. 2026",
        "31 Dec 2026",
        "31-Dec-2026",
        "31/Dec/2026",
        "31st December, 2026",
        "Dec 31, 2026",
        "Dec. 31, 2026",
        "DECEMBER 31 2026",
        "Thursday, December 31, 2026",
        " 2026-12-31\N{ZERO WIDTH SPACE} ",
    ],
)
def test_a_date_is_read_as_people_write_it(text):
    assert parse_date(text) == NEW_YEARS_EVE


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("05/05/2026", datetime.date(2026, 5, 5)),
        ("01.02.2026", datetime.date(2026, 2, 1)),
        ("3 Sept 2026", datetime.date(2026, 9, 3)),
        ("29 Feb 2024", datetime.date(2024, 2, 29)),
        ("", None),
        ("\N{ZERO WIDTH SPACE}", None),
    ],
)
def test_more_dates(text, date):
    assert parse_date(text) == date


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("12/31/26", 2026),
        ("31.12.26", 2026),
        ("31 Dec 26", 2026),
        ("0026-12-31", 2026),
        ("026-12-31", 2026),
        ("0001-01-01", 2001),
        ("0095-01-01", 1995),
        ("20260-12-31", 2026),
        ("202612-12-31", 2026),
    ],
)
def test_a_mistyped_year_is_refused_with_the_likely_one(text, year):
    assert refusal(text) == f"Did you mean {year}? Enter the year with four digits."


@pytest.mark.parametrize("text", ["1/2/26", "26-12-31", "12-31-26"])
def test_where_a_short_year_stands_anywhere_four_digits_are_asked_for(text):
    assert refusal(text) == "Enter the year with four digits, such as 2026-05-31."


def test_a_date_of_two_readings_is_asked_about():
    assert refusal("1/2/2026") == (
        "Did you mean January 2 or February 1? Enter it as 2026-01-02 or 2026-02-01."
    )


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-02-30", "9" * 30, "32.1.2026", "Dec 31", "31 Foo 2026", "0/0/2026"]
)
def test_what_is_no_date_is_refused(text):
    assert "such as 2026-05-31" in refusal(text)


def test_bounds_are_told_in_a_sentence():
    assert refusal("1899-12-31") == "Enter a date in 1900 or later."
    assert refusal("2101-01-01") == "Enter a date in 2100 or earlier."
    assert refusal("226-01-01") == "Enter a date in 1900 or later."
    assert refusal("1969-12-31", earliest=datetime.date(1970, 1, 1)) == "Enter a date in 1970 or later."
    assert refusal("0012-01-01", earliest=datetime.date(2020, 1, 1)) == "Enter a date from 2020 to 2100."


@given(st.dates(EARLIEST, LATEST), st.sampled_from(["%Y-%m-%d", "%d %b %Y", "%B %d, %Y", "%d.%m.%Y"]))
def test_every_date_is_read_back(date, style):
    assert parse_date(date.strftime(style)) == date


@given(st.text("0123456789-/. adecDEC٣３年月日", max_size=14))
def test_any_text_is_a_date_within_bounds_or_refused_in_a_sentence(text):
    try:
        date = parse_date(text)
    except ValidationError as error:
        assert error.messages[0].endswith((".", "?"))
    else:
        assert date is None or EARLIEST <= date <= LATEST
