"""Parsers of query parameters and of ids in forms. What cannot be read is passed over, never an error."""

from collections.abc import Iterable

from django.http import QueryDict

PAGE_SIZES = (25, 50, 100)
MAX_ID_DIGITS = 18  # of a bigint, whichever they are


def parse_id(text: str) -> int | None:
    """Return the id that a text stands for, or None if it is no number that an id can be."""
    return int(text) if text.isdecimal() and len(text) <= MAX_ID_DIGITS else None


def parse_ids(texts: Iterable[str]) -> list[int]:
    """Return the ids among the texts, in their order."""
    return [pk for text in texts if (pk := parse_id(text)) is not None]


def selected_ids(parameters: QueryDict) -> list[int]:
    """Return the ids of the selected records: all values of `ids`."""
    return parse_ids(parameters.getlist("ids"))


def int_param(parameters: QueryDict, name: str, default: int | None = None, digits: int = 9) -> int | None:
    """Return the whole number in a parameter, of at most so many digits, or the default."""
    text = parameters.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= digits else default


def page_size_param(parameters: QueryDict) -> int:
    """Return the number of rows of a page: one of PAGE_SIZES."""
    size = int_param(parameters, "per_page", PAGE_SIZES[0])
    return size if size in PAGE_SIZES else PAGE_SIZES[0]
