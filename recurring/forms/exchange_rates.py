"""Exchange rates, typed or pasted."""

import datetime
import re

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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
        label=_("Rates"),
        help_text=_("One per line: month, currency, and the value of one unit at the end of the month."),
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
        rates, wrong, codes = {}, [], {code for code, _name in currencies()}
        lines = self.cleaned_data["lines"].splitlines()
        if len(lines) > MOST:
            message = _("Enter at most %(limit)s lines at a time (you entered %(number)s).")
            raise ValidationError(message % {"limit": f"{MOST:,}", "number": f"{len(lines):,}"})
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                month, currency, rate = parse_rates(line.strip(), codes)
            except ValueError as error:
                message = _("Line %(number)s, “%(line)s”: %(error)s")
                wrong.append(message % {"number": number, "line": line.strip()[:40], "error": error})
                continue
            if (month, currency) in rates and rates[month, currency] != rate:
                message = _("Line %(number)s: %(month)s %(currency)s appears twice, with different rates.")
                wrong.append(message % {"number": number, "month": f"{month:%Y-%m}", "currency": currency})
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
            author = Membership.objects.all_by_id().get(row.recorded_by_id) or _("Someone")
            message = _("%(author)s saved %(rate)s while you were editing. Save again to replace it.")
            self.add_error(None, message % {"author": author, "rate": row})


def parse_rates(line, codes):
    """(month, currency, rate) of a line; ValueError with a sentence where it is none."""
    parts = LINE.fullmatch(to_ascii_digits(fold_punctuation(clean_line(line))))
    if parts is None:
        raise ValueError(_("Enter it like 2026-10 EUR 1.08."))
    year, month, currency, text = parts.groups()
    try:
        first = datetime.date(int(year), int(month), 1)
    except ValueError:
        raise ValueError(_("%(month)s isn’t a month.") % {"month": f"{year}-{month}"}) from None
    if not EARLIEST <= first <= LATEST:
        years = {"first": EARLIEST.year, "last": LATEST.year}
        raise ValueError(_("Enter a month from %(first)s to %(last)s.") % years)
    currency = currency.upper()
    if currency not in codes:
        raise ValueError(_("%(currency)s isn’t a currency.") % {"currency": currency})
    if currency == active_workspace().currency:
        message = _("%(currency)s is the workspace’s currency, so it needs no rate.")
        raise ValueError(message % {"currency": currency})
    try:
        rate = parse_number(text, places=10, smallest=-LARGEST_INTEGER, is_rate=True)
    except ValidationError as error:
        if error.code == "invalid":
            message = _("“%(text)s” isn’t a number above 0, such as 1.08.")
            raise ValueError(message % {"text": text[:20]}) from None
        raise ValueError(error.messages[0]) from None
    if not 0 < rate < 100_000:
        raise ValueError(_("Enter a rate above 0 and below 100,000."))
    return first, currency, rate
