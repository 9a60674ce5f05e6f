"""Recurring amounts, months and rates as the user writes them."""

import copy
import functools
from decimal import Decimal

from django import template
from django.utils import formats
from django.utils.translation import get_language

from crm.templatetags.money import locale_of, space_currency
from crud.parsing.numbers import currency_places, round_half_up
from workspaces.tenancy.scope import active_workspace

register = template.Library()
NOTHING = "—"


@functools.cache
def amount_pattern(language, places):
    pattern = copy.copy(locale_of(language).currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern


def by_babel(amount, language, currency, places):
    text = amount_pattern(language, places).apply(
        amount, locale_of(language), currency=currency, currency_digits=False
    )
    text = space_currency(text)
    return text.replace("-", "−", 1) if amount < 0 else text


@functools.cache
def around_digits(language, currency, places):
    """(what stands before an amount, what after it, what "," and "." become); None where it is not so simple.

    A page shows hundreds of amounts, and Babel takes a tenth of a millisecond over each.
    """
    sample = Decimal("1234567.89")
    symbols = locale_of(language).number_symbols.get("latn", {})
    signs = str.maketrans({",": symbols.get("group", ","), ".": symbols.get("decimal", ".")})
    prefix, digits, suffix = by_babel(sample, language, currency, places).partition(
        f"{sample:,.{places}f}".translate(signs)
    )
    return (prefix, suffix, signs) if digits else None


def in_currency(amount, currency, places):
    language, amount = get_language(), round_half_up(amount, places)
    around = around_digits(language, currency, places)
    if around is None or amount < 0:
        return by_babel(amount, language, currency, places)
    prefix, suffix, signs = around
    return f"{prefix}{f'{amount:,.{places}f}'.translate(signs)}{suffix}"


@register.filter
def exactly(amount, currency=None):
    """Write an amount with the decimals of its currency: $1,200.50, ¥1,200.

    What is more than nothing, but less than half of the smallest coin, is <$0.01.
    """
    if amount is None:
        return NOTHING
    currency = currency or active_workspace().currency
    places = currency_places(currency)
    smallest = Decimal(1).scaleb(-places)
    if amount and abs(amount) < smallest / 2:
        return f"{'<' if amount > 0 else '−<'}{in_currency(smallest, currency, places)}"
    return in_currency(amount, currency, places)


@register.filter
def roughly(amount, currency=None):
    """An amount in whole units, for figures at a glance: $1,201; under one of them, with its cents."""
    if amount and abs(amount) < 1:
        return exactly(amount, currency)
    return NOTHING if amount is None else in_currency(amount, currency or active_workspace().currency, 0)


@register.filter
def signed(amount, currency=None):
    """An amount with its sign: +$650.00, −$300.00; nothing is "—"."""
    if not amount:
        return NOTHING
    return f"{'+' if amount > 0 else '−'}{exactly(abs(amount), currency)}"


@register.filter
def signed_roughly(amount, currency=None):
    """A change at a glance: +$650, −$300."""
    return f"{'+' if amount > 0 else '−'}{roughly(abs(amount), currency)}"


@register.filter
def points(fraction):
    """A change of a share: +1.2 points."""
    return f"{'+' if fraction > 0 else '−'}{hundredths(abs(fraction), 1)} points"


@register.filter
def percent(fraction, places=1):
    """0.0933 is 9.3 %; None is "—"."""
    return NOTHING if fraction is None else f"{hundredths(fraction, places)}\N{NO-BREAK SPACE}%"


def hundredths(fraction, places):
    """A fraction in percent; what is something, but rounds to nothing, is <0.1."""
    number = round_half_up(Decimal(fraction) * 100, places)
    if number or not fraction:
        sign = "−" if number < 0 else ""
        return f"{sign}{formats.number_format(abs(number), places, use_l10n=True)}"
    least = formats.number_format(Decimal(10) ** -places, places, use_l10n=True)
    return f"{'<' if fraction > 0 else '−<'}{least}"


@register.filter
def month_name(day):
    """Oct 2026."""
    return formats.date_format(day, "M Y")
