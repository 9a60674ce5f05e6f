"""Three-way merge of values: those a form started from, those typed into it, those saved meanwhile."""

import datetime
import hashlib
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import models

LONGEST_VALUE = 64  # characters; of a longer text the form carries a digest


@dataclass(frozen=True)
class Merge:
    """The outcome: names of fields by who changed them. `combined` holds sets merged member by member."""

    taken: tuple = ()  # changed by others only: the saved value holds
    overlaps: tuple = ()  # changed by both, to different values
    combined: dict = field(default_factory=dict)  # {name: [members]}


def merge(base, mine, theirs):
    """Merge three dicts of comparable values. Fields without a base value that differ are overlaps.

    A field that `mine` lacks was not sent, and so was not changed by the user.
    """
    taken_over, overlaps, combined = [], [], {}
    for name, saved in theirs.items():
        start, own_value = base.get(name), mine.get(name, saved)
        if name not in mine:
            if start != saved:
                taken_over.append(name)
        elif is_equal(own_value, saved) or is_equal(start, saved):
            continue
        elif is_equal(start, own_value):
            taken_over.append(name)
        elif all(isinstance(value, list) for value in (start, own_value, saved)):
            combined[name] = merge_members(start, own_value, saved)
        else:
            overlaps.append(name)
    return Merge(tuple(taken_over), tuple(overlaps), combined)


def merge_members(base, mine, theirs):
    """Return the members of `theirs` without those removed in `mine`, plus those added there."""
    start, own_members = {key(member) for member in base}, {key(member) for member in mine}
    members = [member for member in theirs if key(member) in own_members or key(member) not in start]
    present = {key(member) for member in theirs}
    return members + [member for member in mine if key(member) not in start | present]


def is_equal(first, second):
    if isinstance(first, list) and isinstance(second, list):
        return {*map(key, first)} == {*map(key, second)}
    return first == second


def key(member):
    return unicodedata.normalize("NFKC", member).casefold()


def comparable(value):
    """Return a value of a form or record as a short text (or list of texts) that JSON can hold.

    Equal values give equal texts, whether typed, saved or out of the form's initial values.
    """
    if value is None or value is False:
        return ""
    if isinstance(value, models.Model):
        return str(value.pk) if value.pk else shorten(f"new {value}")
    if isinstance(value, (list, tuple, set, models.QuerySet)):
        return [str(member) for member in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return shorten(str(value).replace("\r\n", "\n").strip())


def shorten(text):
    if len(text) <= LONGEST_VALUE:
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
