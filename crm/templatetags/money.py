"""Amounts and numbers as the user writes them, in the workspace's currency."""

import copy
import functools
import re

from babel import Locale
from babel.core import UnknownLocaleError
from django import template
from django.utils.translation import get_language, to_locale

from workspaces.tenancy.scope import active_workspace

register = template.Library()
LETTER_BEFORE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")


@functools.cache
def locale_of(language):
    """Babel's locale of a language of Django's, say "en-us"; English where it knows none."""
    try:
        return Locale.parse(to_locale(language or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@functools.cache
def whole_amount_pattern(language):
    """How a language writes whole amounts of money: values are whole, so there are no decimals."""
    pattern = copy.copy(locale_of(language).currency_formats["standard"])
    pattern.frac_prec = (0, 0)
    return pattern


def space_currency(text):
    """Return an amount with the space that CLDR has between letters and digits: KWD 1.235."""
    return LETTER_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", text)


@register.filter
def money(value, currency=None):
    """A whole amount: {{ 12000|money }} is $12,000. Nothing is "—"; another currency may be named."""
    if value is None or value == "":
        return "—"
    return written(value, currency or active_workspace().currency, get_language())


@functools.lru_cache(4096)
def written(value, currency, language):
    """The same; pages are full of the same amounts, today's and tomorrow's."""
    text = whole_amount_pattern(language).apply(
        value, locale_of(language), currency=currency, currency_digits=False
    )
    return space_currency(text)
