"""Dates as people write them: read out of a search, and written in every language of the product."""

import datetime
import functools
import re

from django.conf import settings
from django.utils import formats, translation

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_FULL_MONTHS = "january february march april may june july august september october november december".split()
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4})", re.ASCII)
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.? ([a-z]{3,9})\.?,? (\d{4})", re.ASCII)


def parse_dates(text: str) -> list[datetime.date]:
    """Return the dates that a lower-case text may stand for: none, one, or two ("05/06/2026")."""
    if match := _ISO.fullmatch(text):
        candidates = [tuple(map(int, match.groups()))]
    elif match := _NUMERIC.fullmatch(text):
        first, _, second, year = match.groups()
        candidates = [(int(year), int(first), int(second)), (int(year), int(second), int(first))]
    elif match := _MONTH_FIRST.fullmatch(text):
        candidates = [(int(match[3]), _month_number(match[1]), int(match[2]))]
    elif match := _DAY_FIRST.fullmatch(text):
        candidates = [(int(match[3]), _month_number(match[2]), int(match[1]))]
    else:
        return []
    return [day for parts in dict.fromkeys(candidates) if (day := _date_or_none(*parts))]


def _month_number(name):
    """Return 1 to 12 for a month's name or its first letters ("sept"), 0 for any other word."""
    number = _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else 0
    return number if number and _FULL_MONTHS[number - 1].startswith(name) else 0


def _date_or_none(year, month, day):
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


@functools.lru_cache(4096)
def date_texts(day: datetime.date) -> list[str]:
    """Return a date in ISO format and as it is shown in each language: ["2026-05-31", "May 31, 2026", …]."""
    texts = [day.isoformat()]
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            texts.append(formats.date_format(day, "DATE_FORMAT"))
    return texts


def search_date_texts(day: datetime.date) -> list[str]:
    """Return what of a date goes into search text: a search for a whole date tries all its spellings."""
    return date_texts(day)[:2]
