"""Currencies and time zones: all that a row may hold, and those that forms offer today."""

import datetime
import functools
import zoneinfo

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name

# ISO 4217, list one, without funds, metals, accounting units and the codes for testing.
CURRENT_CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP
    LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR
    PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
    SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF
    XPF YER ZAR ZMW ZWG
    """.split()
)
HOUR = datetime.timedelta(hours=1)


@functools.cache
def currencies():
    """Choices: every ISO 4217 currency that there is or was, by code. A stored one stays valid."""
    names = Locale("en").currencies
    return [
        (code, f"{code} – {get_currency_name(code, locale='en')}")
        for code in sorted({*names, *CURRENT_CURRENCIES})
        if code.isalpha()
    ]


@functools.cache
def current_currencies():
    """Choices: the currencies that are legal tender today."""
    return [(code, label) for code, label in currencies() if code in CURRENT_CURRENCIES]


@functools.cache
def time_zones():
    """Choices: every time zone that has a place's name. A stored one stays valid."""
    return [
        (name, name.replace("_", " "))
        for name in sorted(zoneinfo.available_timezones())
        if "/" in name or name == "UTC"
    ]


def current_time_zones():
    """Choices: the canonical time zones, each with its offset from UTC at this hour."""
    moment = datetime.datetime.now(datetime.UTC)
    return zones_with_offsets(moment.replace(minute=0, second=0, microsecond=0))


@functools.lru_cache(maxsize=2)
def zones_with_offsets(moment):
    """Choices: the canonical time zones with their offsets at a time. Reads a file for each of 400 zones."""
    aliases = get_global("zone_aliases")
    return [
        (name, label if name == "UTC" else f"{label} ({utc_offset(name, moment)})")
        for name, label in time_zones()
        if name == "UTC" or not (name in aliases or name.startswith("Etc/"))
    ]


def utc_offset(name, moment):
    """Return the offset of a time zone at a time: "UTC−03:30"."""
    offset = moment.astimezone(zoneinfo.ZoneInfo(name)).utcoffset()
    hours, rest = divmod(abs(offset), HOUR)
    return f"UTC{'−' if offset < datetime.timedelta() else '+'}{hours:02}:{rest.seconds // 60:02}"


def offer_current(form, **choices):
    """Offer in a form's fields the `choices` of today and, where it is another, the value of the row.

    `offer_current(self, currency=current_currencies())`; the fields are searched by typing.
    """
    for name, current_choices in choices.items():
        stored = getattr(form.instance, name)
        if stored and stored not in dict(current_choices):
            labels = dict(form.instance._meta.get_field(name).flatchoices)
            current_choices = [*current_choices, (stored, labels.get(stored, stored))]
        field = form.fields[name]
        field.choices = current_choices if field.required else [("", "—"), *current_choices]
        field.widget.attrs["data-search"] = ""
        field.show_hidden_initial = False  # of a callable default: the row itself says what was there
