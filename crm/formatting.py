"""Amounts of money, rates and months as text, in the user's language and the workspace's currency."""

import copy
import functools
import re
from decimal import Decimal

from babel import Locale
from babel.core import UnknownLocaleError
from django.utils import formats
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from crud.parsing.numbers import currency_places, round_half_up
from workspaces.tenancy.scope import active_workspace

BLANK = "—"
LETTER_BEFORE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")


def format_money(value, currency=None):
    """Format a whole amount: 12000 is $12,000, and None or "" is "—"."""
    if value is None or value == "":
        return BLANK
    return _format_whole(value, currency or active_workspace().currency, get_language())


def format_exact(amount, currency=None):
    """Format an amount with the decimals of its currency: $1,200.50, ¥1,200.

    What is more than nothing, but less than half of the smallest coin, is <$0.01.
    """
    if amount is None:
        return BLANK
    currency = currency or active_workspace().currency
    places = currency_places(currency)
    smallest = Decimal(1).scaleb(-places)
    if amount and abs(amount) < smallest / 2:
        return f"{'<' if amount > 0 else '−<'}{_format_amount(smallest, currency, places)}"
    return _format_amount(amount, currency, places)


def format_rounded(amount, currency=None):
    """Format an amount in whole units, for figures at a glance: $1,201; below one unit with its cents."""
    if amount and abs(amount) < 1:
        return format_exact(amount, currency)
    return BLANK if amount is None else _format_amount(amount, currency or active_workspace().currency, 0)


def format_signed(amount, currency=None):
    """Format an amount with its sign: +$650.00, −$300.00; nothing is "—"."""
    if not amount:
        return BLANK
    return f"{'+' if amount > 0 else '−'}{format_exact(abs(amount), currency)}"


def format_signed_rounded(amount, currency=None):
    """Format a change at a glance: +$650, −$300."""
    return f"{'+' if amount > 0 else '−'}{format_rounded(abs(amount), currency)}"


def format_points(fraction):
    """Format a change of a share: +1.2 points."""
    sign = "+" if fraction > 0 else "−"
    return _("%(number)s points") % {"number": f"{sign}{_format_hundredths(abs(fraction), 1)}"}


def format_percent(fraction, places=1):
    """Format a fraction: 0.0933 is 9.3%, and None is "—"."""
    return BLANK if fraction is None else f"{_format_hundredths(fraction, places)}%"


def format_month(day):
    """Format the month of a date: Oct 2026."""
    return formats.date_format(day, "M Y")


def _format_hundredths(fraction, places):
    """Format a fraction in percent; what is something, but rounds to nothing, is <0.1."""
    number = round_half_up(Decimal(fraction) * 100, places)
    if number or not fraction:
        sign = "−" if number < 0 else ""
        return f"{sign}{formats.number_format(abs(number), places, use_l10n=True)}"
    least = formats.number_format(Decimal(10) ** -places, places, use_l10n=True)
    return f"{'<' if fraction > 0 else '−<'}{least}"


# Pages show the same amounts again and again, and Babel takes a tenth of a millisecond for each.
@functools.lru_cache(4096)
def _format_whole(value, currency, language):
    return _apply_pattern(value, language, currency, 0)


def _format_amount(amount, currency, places):
    language, amount = get_language(), round_half_up(amount, places)
    parts = _surroundings(language, currency, places)
    if parts is None or amount < 0:
        text = _apply_pattern(amount, language, currency, places)
        return text.replace("-", "−", 1) if amount < 0 else text
    prefix, suffix, signs = parts
    return f"{prefix}{f'{amount:,.{places}f}'.translate(signs)}{suffix}"


@functools.cache
def _surroundings(language, currency, places):
    """Return (prefix, suffix, {"," and ".": signs}) of amounts, or None where Babel alone can format them."""
    sample = Decimal("1234567.89")
    symbols = get_locale(language).number_symbols.get("latn", {})
    signs = str.maketrans({",": symbols.get("group", ","), ".": symbols.get("decimal", ".")})
    prefix, digits, suffix = _apply_pattern(sample, language, currency, places).partition(
        f"{sample:,.{places}f}".translate(signs)
    )
    return (prefix, suffix, signs) if digits else None


def _apply_pattern(amount, language, currency, places):
    """Format an amount by Babel, with the space that CLDR has between letters and digits: KWD 1.235."""
    text = _amount_pattern(language, places).apply(
        amount, get_locale(language), currency=currency, currency_digits=False
    )
    return LETTER_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", text)


@functools.cache
def _amount_pattern(language, places):
    pattern = copy.copy(get_locale(language).currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern


@functools.cache
def get_locale(language):
    """Return Babel's locale of a language of Django's, say "en-us"; English where it knows none."""
    try:
        return Locale.parse(to_locale(language or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
