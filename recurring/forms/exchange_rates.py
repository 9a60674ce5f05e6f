"""Exchange rates, typed or pasted."""

import datetime
import re

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from crud.models import EditConflict
from crud.params import int_param
from crud.parsing.numbers import LARGEST_INTEGER, parse_number, to_ascii_digits
from crud.parsing.text import clean_line, fold_punctuation
from recurring.lifecycle.operations import EARLIEST, LATEST
from recurring.models import ExchangeRate
from workspaces.models import Membership
from workspaces.models.currencies_and_zones import currencies
from workspaces.tenancy.scope import active_workspace, lock_workspace_writes

LINE = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?[\s,;]+([A-Za-z]{3})[\s,;]+(\S+)")
MOST = 2000


class RatesConflict(EditConflict):
    """Rates that would be replaced were saved since the form was opened."""

    def __init__(self, rates):
        super().__init__("The rates were changed since the form was opened.")
        self.rates = rates


class RatesForm(forms.Form):
    """Lines like "2026-10 EUR 1.08": what one euro was worth at the end of October."""

    lines = forms.CharField(
        label="Rates",
        help_text="One a line: month, currency, and what one unit of it is worth at the month’s end.",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )

    # The newest rate that the page showed: over a later one the user is asked before it is replaced.
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_conflict = False
        example = "2026-10 USD 0.92" if active_workspace().currency == "EUR" else "2026-10 EUR 1.08"
        self.fields["lines"].widget.attrs["placeholder"] = example

    def clean_lines(self):
        rates, wrong, codes = {}, [], {code for code, _ in currencies()}
        lines = self.cleaned_data["lines"].splitlines()
        if len(lines) > MOST:
            raise ValidationError(f"Enter at most {MOST:,} lines at a time (these are {len(lines):,}).")
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                month, currency, rate = parse_rates(line.strip(), codes)
            except ValueError as error:
                wrong.append(f"Line {number}, “{line.strip()[:40]}”: {error}")
                continue
            if (month, currency) in rates and rates[month, currency] != rate:
                wrong.append(f"Line {number}: {month:%Y-%m} {currency} is there twice, with different rates.")
            rates[month, currency] = rate
        if wrong:
            raise ValidationError(wrong[:10])
        return rates

    def save(self):
        """Write what is new or different; how many those were. Raise Conflict over rates not seen yet."""
        with transaction.atomic():
            lock_workspace_writes()
            live_rates = {(row.month, row.currency): row for row in ExchangeRate.objects.live()}
            changed_rates = {
                key: rate
                for key, rate in self.cleaned_data["lines"].items()
                if key not in live_rates or live_rates[key].rate != rate
            }
            replaced = [live_rates[key] for key in changed_rates if key in live_rates]
            seen_version = int_param(self.data, "version", 0, digits=18)
            if seen_version > max((row.pk for row in live_rates.values()), default=0):
                seen_version = 0  # a version that never was
            if unseen := [row for row in replaced if row.pk > seen_version]:
                raise RatesConflict(unseen)
            ExchangeRate.objects.filter(pk__in=[row.pk for row in replaced]).update(
                superseded_at=timezone.now()
            )
            ExchangeRate.objects.bulk_create(
                ExchangeRate(month=month, currency=currency, rate=rate)
                for (month, currency), rate in changed_rates.items()
            )
        return len(changed_rates)

    def refuse(self, conflict):
        """Ask before the rates of a RatesConflict are replaced."""
        self.is_conflict = True
        for row in conflict.rates:
            author = Membership.objects.all_by_id().get(row.recorded_by_id) or "Someone"
            self.add_error(None, f"{author} saved {row} while you were typing. Save again to replace it.")


def parse_rates(line, codes):
    """(month, currency, rate) of a line; ValueError with a sentence where it is none."""
    parts = LINE.fullmatch(to_ascii_digits(fold_punctuation(clean_line(line))))
    if parts is None:
        raise ValueError("it should look like 2026-10 EUR 1.08")
    year, month, currency, text = parts.groups()
    try:
        first = datetime.date(int(year), int(month), 1)
    except ValueError:
        raise ValueError(f"there is no month {year}-{month}") from None
    if not EARLIEST <= first <= LATEST:
        raise ValueError(f"the month should lie between {EARLIEST.year} and {LATEST.year}")
    currency = currency.upper()
    if currency not in codes:
        raise ValueError(f"{currency} is not a currency")
    if currency == active_workspace().currency:
        raise ValueError(f"{currency} is the workspace’s own currency and needs no rate")
    try:
        rate = parse_number(text, places=10, smallest=-LARGEST_INTEGER, is_rate=True)
    except ValidationError as error:
        if error.code == "invalid":
            raise ValueError(f"“{text[:20]}” is not a number above 0, such as 1.08") from None
        raise ValueError(error.messages[0]) from None
    if not 0 < rate < 100_000:
        raise ValueError("the rate should be above 0 and below 100,000")
    return first, currency, rate
