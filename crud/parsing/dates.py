"""Parser for dates as people type them, with bounds that catch a mistyped year.

    parse_date("2026-12-31")   parse_date("31 Dec 2026")   parse_date("12/31/2026")

A year of two digits, or one out of bounds, is refused with the likely year; 1/2/2026 is asked about.
"""

import datetime
import re

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from crud.parsing.numbers import to_ascii_digits
from crud.parsing.text import clean_line, fold_punctuation

EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)
MAX_LENGTH = 60
INVALID = _("Enter a valid date, such as 2026-05-31.")
MONTHS = {
    name[:length]: number
    for number, name in enumerate(
        "january february march april may june july august september october november december".split(), 1
    )
    for length in range(3, len(name) + 1)
}
BIG_ENDIAN = re.compile(
    r"(?P<year>\d{3,6})\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})\s?[.日]?"
)
COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
DAY_FIRST = re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{1,6})")
SLASHES = re.compile(r"(?P<first>\d{1,2})\s?[-/]\s?(?P<second>\d{1,2})\s?[-/]\s?(?P<year>\d{1,6})")
DAY_MONTH = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[-/.,\s]+(?P<name>[a-z]+)[-/.,\s]+(?P<year>\d{1,6})")
MONTH_DAY = re.compile(r"(?P<name>[a-z]+)[-/.,\s]+(?P<day>\d{1,2})(?:st|nd|rd|th)?[-/.,\s]+(?P<year>\d{1,6})")
WEEKDAY = re.compile(r"\A(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]*\s+")


def parse_date(
    text: str, *, earliest: datetime.date = EARLIEST, latest: datetime.date = LATEST
) -> datetime.date | None:
    """Return the date that `text` stands for, or None if it is blank.

    Raise ValidationError, with a sentence for the user, if it is ambiguous, out of bounds or no date.
    """
    text = to_ascii_digits(fold_punctuation(clean_line(text))).casefold()
    if not text:
        return None
    if len(text) > MAX_LENGTH:
        raise ValidationError(INVALID, code="invalid")
    year, month, day = _parts(text)
    number = int(year)
    # Two digits at the end are a year's, as in 12/31/26; so is 0026, into which a browser makes of them.
    if number < 100:
        raise _wrong_year(earliest, latest, _with_century(number, earliest, latest))
    try:
        date = datetime.date(number, month, day)
    except (ValueError, OverflowError):
        if not 1 <= number <= 9999:
            raise _wrong_year(earliest, latest, int(year[:4])) from None
        raise ValidationError(INVALID, code="invalid") from None
    check_bounds(date, earliest, latest)
    return date


def check_bounds(
    date: datetime.date, earliest: datetime.date = EARLIEST, latest: datetime.date = LATEST
) -> None:
    """Raise ValidationError if the date is out of bounds."""
    if not earliest <= date <= latest:
        likely = _with_century(date.year, earliest, latest) if date.year < 100 else int(str(date.year)[:4])
        raise _wrong_year(earliest, latest, likely, is_early=date < earliest)


def _parts(text):
    """Return (year as it was typed, month, day)."""
    text = WEEKDAY.sub("", text, count=1)
    if parts := BIG_ENDIAN.fullmatch(text) or COMPACT.fullmatch(text) or DAY_FIRST.fullmatch(text):
        return parts["year"], int(parts["month"]), int(parts["day"])
    if parts := SLASHES.fullmatch(text):
        first, second, year = int(parts["first"]), int(parts["second"]), parts["year"]
        if len(year) < 3 and (second <= 12 or "-" in text):
            raise ValidationError(_("Enter the year with four digits, such as 2026-05-31."), code="year")
        if first > 12 or first == second:
            return year, second, first
        if second <= 12:
            raise _ambiguous(first, second, year)
        return year, first, second
    parts = DAY_MONTH.fullmatch(text) or MONTH_DAY.fullmatch(text)
    month = parts and MONTHS.get("sep" if parts["name"] == "sept" else parts["name"])
    if not month:
        raise ValidationError(INVALID, code="invalid")
    return parts["year"], month, int(parts["day"])


def _with_century(number, earliest, latest):
    """Return the likely year of one of two digits, None if it is out of bounds."""
    year = (2000 if number < 70 else 1900) + number
    return year if earliest.year <= year <= latest.year else None


def _wrong_year(earliest, latest, likely, is_early=None):
    if likely is not None and earliest.year <= likely <= latest.year:
        sentence = _("Did you mean %(likely)s? Enter the year with four digits.")
    elif is_early is None:
        sentence = _("Enter a date from %(first)s to %(last)s.")
    else:
        sentence = (
            _("Enter a date in %(first)s or later.")
            if is_early
            else _("Enter a date in %(last)s or earlier.")
        )
    years = {"likely": likely, "first": earliest.year, "last": latest.year}
    return ValidationError(sentence % years, code="year")


def _ambiguous(first, second, year):
    sentence = _("Did you mean %(one_day)s or %(other_day)s? Enter it as %(one)s or %(other)s.")
    months = [date_format(datetime.date(2000, *pair), "F j") for pair in ((first, second), (second, first))]
    dates = {"one": f"{year}-{first:02}-{second:02}", "other": f"{year}-{second:02}-{first:02}"}
    names = {"one_day": months[0], "other_day": months[1]}
    return ValidationError(sentence % (dates | names), code="ambiguous")
