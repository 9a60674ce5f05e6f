"""Parser for numbers as people type them, and the rounding rule: for forms, filters and pasted lists.

    parse_number("$12,000")                -> 12000
    parse_number("１２.５０", places=4)       -> Decimal("12.50")

It reads the digits of every script, groups separated by , . ' or spaces, and a currency in front or behind;
of a percentage, the percent sign or word instead.
What has two meanings ("1.000") or none ("TBD") is refused with a sentence; text is never read as 0.
"""

import functools
import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal

from babel import Locale
from babel.numbers import get_currency_precision
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crud.parsing.text import clean_line, fold_punctuation

LARGEST_INTEGER = 2**63 - 1  # of a bigint column
MAX_LENGTH = 60
WIDE = Context(prec=60)  # quantize() refuses a result of more digits than its context has
# Groups of three (1,000,000), Indian groups (12,34,567), or no groups at all.
GROUPED = re.compile(
    r"(?!0\d*[,.])(?:\d{1,3}(?P<by>[,.' ])\d{3}(?:(?P=by)\d{3})*|\d{1,2}(?:,\d{2})+,\d{3})|\d+"
)
ONE_DOT, ONE_COMMA = (re.compile(rf"([1-9]\d{{0,2}}){sign}(\d{{3}})") for sign in (r"\.", ","))
# Besides the ISO codes and every currency sign of Unicode.
CURRENCY_WORDS = frozenset(
    "dkr euro euros dollar dollars fr ft kr kn kč lei leu lv nkr r rm rp rs skr sfr tl zł din km "
    "ден лв р руб грн 元 円 圆 圓 원".split()
)
UNIT = r"(?:[^\W\d_]{1,8}\.?|[^\W\d_]{0,3}[^\w\s.,()'+-]|)"  # a word (kr, Fr., USD) or a sign ($, US$, %)
NUMBER = re.compile(
    rf"(?P<outer>[-+]?)\s*(?P<before>{UNIT})\s*(?P<inner>[-+]?)\s*(?P<core>[\d.,][\d., ']*)(?P<after>{UNIT})"
)
PERCENT = frozenset(["", "%", "percent"])
SEPARATORS = str.maketrans({"٫": ".", "٬": ",", "،": ",", "٪": "%", "_": " "})


def round_half_up(number: Decimal | int | str, places: int = 0) -> Decimal:
    """Return `number` as a Decimal of `places` decimals; a half is rounded away from zero."""
    return Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)


@functools.cache
def currency_places(currency: str) -> int:
    """Return the number of decimals that a currency has by ISO 4217: 0 for JPY, 2 for USD, 3 for KWD."""
    return get_currency_precision(currency)


def format_number(number: Decimal | int) -> str:
    """Return a number as parse_number reads it: 12,000 and, as three decimals are ambiguous, 1.2350."""
    text = f"{number:,f}" if isinstance(number, Decimal) else f"{number:,}"
    return f"{text}0" if ONE_DOT.fullmatch(text) else text


def to_ascii_digits(text: str) -> str:
    """Return `text` with 0-9 in place of the digits of other scripts."""
    if text.isascii():
        return text
    return "".join(ch if (digit := unicodedata.decimal(ch, None)) is None else str(digit) for ch in text)


def parse_number(
    text: str,
    *,
    places: int = 0,
    smallest: Decimal | int = 0,
    largest: Decimal | int = LARGEST_INTEGER,
    below: Decimal | int | None = None,
    example: str | None = None,
    is_rate: bool = False,
    is_percentage: bool = False,
) -> Decimal | int | None:
    """Return the number that `text` stands for, or None if it is blank.

    places         decimals that are accepted; 0 returns an int, else a Decimal
    below          a bound that is itself too large, in place of `largest`
    is_rate        a dot is always the decimal point, as in exchange rates (1.085)
    is_percentage  the unit may be a percent sign, and no currency

    Raise ValidationError, with a sentence for the user, if it is ambiguous, out of bounds or no number.
    """
    invalid = _invalid(places, example)
    text = " ".join(to_ascii_digits(fold_punctuation(clean_line(text))).translate(SEPARATORS).split())
    if not text:
        return None
    is_negative, core = _split(text, is_percentage)
    if not core:
        raise invalid
    if is_negative and smallest >= 0 and re.search("[1-9]", core):
        raise ValidationError(_("Enter 0 or more."), code="min_value")
    if len(core) > MAX_LENGTH:
        raise _too_large(largest, below)
    if ambiguous := (ONE_COMMA if is_rate else ONE_DOT).fullmatch(core):
        raise _ambiguous(ambiguous[1], ambiguous[2], places)
    whole, fraction = _split_fraction(core, is_rate)
    if whole is None:
        raise invalid
    if places == 0:
        number = _whole_number(int(whole or 0), fraction, is_negative, largest)
    elif len(fraction.rstrip("0")) > places:
        raise _too_precise(places)
    else:
        number = Decimal(f"{whole or 0}.{fraction[:places] or 0}") * (-1 if is_negative else 1)
    if number > largest or (below is not None and number >= below):
        raise _too_large(largest, below)
    if number < smallest:
        raise ValidationError(_("Enter at least %(number)s.") % {"number": f"{smallest:,}"}, code="min_value")
    return number


def _invalid(places, example):
    if places == 0:
        sentence, example = _("Enter a whole number, such as %(example)s."), example or "12,000"
    else:
        sentence, example = _("Enter an amount, such as %(example)s."), example or _("1,200 or 49.90")
    return ValidationError(sentence % {"example": example}, code="invalid")


def _too_precise(places):
    sentence = ngettext(
        "Enter at most %(number)s decimal place.", "Enter at most %(number)s decimal places.", places
    )
    return ValidationError(sentence % {"number": places}, code="max_decimal_places")


def _split(text, is_percentage=False):
    """Return (is negative, digits and separators) of a text without its currency or percent sign."""
    is_unit = _is_percent if is_percentage else _is_currency
    text = re.sub(r"(?<=\d)(?:[.,]--?|/-)$", "", text)  # no cents: 12.- or 12,-- or 12/-
    bracketed = re.fullmatch(r"([^()]*)\(([^()]*)\)([^()]*)", text)
    parts = NUMBER.fullmatch("".join(bracketed.groups()) if bracketed else text)
    if (
        parts is None
        or not re.search(r"\d", parts["core"])
        or (parts["outer"] and parts["inner"])
        or not is_unit(parts["before"])
        or not is_unit(parts["after"], is_behind=True)
    ):
        return False, ""
    return bool(bracketed) or "-" in (parts["outer"], parts["inner"]), parts["core"].strip()


def _is_percent(text, is_behind=False):
    return text.casefold() in PERCENT


def _is_currency(text, is_behind=False):
    if text == "" or text.rstrip(".").casefold() in _currency_words():
        return True
    # Letters with a sign are a country's in front of the number (US$12), but thousands behind it (12K$).
    return unicodedata.category(text[-1]) == "Sc" and not (is_behind and len(text) > 1)


@functools.cache
def _currency_words():
    locale = Locale("en")
    symbols = {symbol.casefold() for symbol in locale.currency_symbols.values()}
    return CURRENCY_WORDS | symbols | {code.casefold() for code in locale.currencies}


def _split_fraction(core, is_rate):
    """Return (digits before the decimal point, digits after it); (None, "") if it is no number.

    The last dot or comma is the decimal point, unless it is one of several groups of three.
    """
    if GROUPED.fullmatch(core) and not (is_rate and re.fullmatch(r"\d+\.\d+", core)):
        return re.sub(r"\D", "", core), ""
    parts = re.fullmatch(r"(.*)([.,])(\d*)", core)
    if parts is None:
        return None, ""
    whole, point, fraction = parts.groups()
    # One sign does not do both: "12,000,00" is no number.
    if point in whole or (whole and not GROUPED.fullmatch(whole)):
        return None, ""
    return re.sub(r"\D", "", whole), fraction


def _whole_number(whole, fraction, is_negative, largest):
    if fraction.strip("0"):
        if whole >= largest:
            raise _too_large(largest)
        low, high = (-whole - 1, -whole) if is_negative else (whole, whole + 1)
        sentence = _("Enter a whole number. Did you mean %(low)s or %(high)s?")
        raise ValidationError(sentence % {"low": f"{low:,}", "high": f"{high:,}"}, code="invalid")
    return -whole if is_negative else whole


def _too_large(largest, below=None):
    sentence = _("Enter at most %(number)s.") if below is None else _("Enter less than %(number)s.")
    number = largest if below is None else below
    return ValidationError(sentence % {"number": f"{number:,}"}, code="max_value")


def _ambiguous(whole, fraction, places):
    small, large = whole, f"{int(whole + fraction):,}"
    if places == 0:
        sentence = _("Did you mean %(small)s or %(large)s? Enter it without the period.")
        return ValidationError(sentence % {"small": small, "large": large}, code="ambiguous")
    if decimals := fraction.rstrip("0"):
        # Three decimals would be ambiguous again.
        small = f"{whole}.{decimals}{'0' if len(decimals) == 3 else ''}"
    sentence = _("Did you mean %(small)s or %(large)s? Enter one of these.")
    return ValidationError(sentence % {"small": small, "large": large}, code="ambiguous")
