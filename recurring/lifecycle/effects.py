"""Effects of deleting, updating or adding profiles on months that are over, known before they are saved."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.formatting import format_exact, format_month
from crud.db.batches import split_into_batches
from recurring.filters import used_currencies
from recurring.lifecycle.preview import ChangedMonth, compare_months
from recurring.models import ClosedMonth, ExchangeRate, RevenueProfile
from recurring.models.profiles import AT_ONCE
from recurring.mrr.calendar import month_of, months_after
from recurring.mrr.ledger import Ledger
from workspaces.tenancy.scope import active_workspace

MOST_MONTHS = 12  # listed one by one, the newest
LATER = {"months": "%(months)s", "span": "%(span)s"}  # filled in by build_effect


def escape_percent(text):
    """Return text that a later % leaves as it is."""
    return text.replace("%", "%%")


@dataclass(frozen=True)
class Effect:
    """A sentence on what a change does, and the months that are over in which it does so, newest first."""

    sentence: str
    months: list = field(default_factory=list)  # [(month, before, after)], the amounts as text
    number: int = 0  # of all these months
    closed: int = 0  # of them that were closed

    @property
    def rest(self):
        return self.number - len(self.months)


def build_effect(about, months, before_text, after_text):
    """The Effect on some preview.ChangedMonths that are over, None without any; `about` says what it is."""
    over = [month for month in months if month.is_over]
    if not over:
        return None
    first, last = over[0].month, over[-1].month
    span = format_month(first)
    if first != last:
        span = _("%(first)s to %(last)s") % {"first": span, "last": format_month(last)}
    number = ngettext("%(number)s past month", "%(number)s past months", len(over)) % {"number": len(over)}
    closed = ClosedMonth.objects.filter(month__in=[month.month for month in over]).count()
    rows = [(month.month, before_text(month), after_text(month)) for month in over[: -MOST_MONTHS - 1 : -1]]
    return Effect(about % {"months": number, "span": span}, rows, len(over), closed)


def deletion_effect(rows):
    """[Effect] of deleting these profiles, one for each currency."""
    return of_removal(
        rows, _("This removes its amounts from %(months)s, %(span)s."), lambda amount: (amount, Decimal(0))
    )


def of_restoring(rows):
    """[Effect] of restoring these profiles from the trash, one for each currency."""
    about = _("This adds its amounts back to %(months)s, %(span)s.")
    if len(rows) > 1:
        about = _("This adds their amounts back to %(months)s, %(span)s.")
    return of_removal(rows, about, lambda amount: (Decimal(0), amount))


def of_removal(rows, about, before_and_after):
    """[Effect] of some profiles' coming or going; `before_and_after` makes both of a month's amount."""
    histories, effects = {}, []
    for batch in split_into_batches(rows, AT_ONCE):
        pks = [row.pk for row in batch]
        for history in RevenueProfile.with_trash.filter(pk__in=pks).histories().values():
            histories.setdefault(history.currency, []).append(history)
    for currency, group in sorted(histories.items()):
        amounts = monthly_amounts(currency)
        months = [
            ChangedMonth(month.month, *before_and_after(month.closing), "", "", is_over=True)
            for month in paid_months(group)
        ]
        effects.append(build_effect(about, months, amounts("before"), amounts("after")))
    return [effect for effect in effects if effect]


def paid_months(histories):
    """The months that are over at whose end some profiles of one currency are worth anything."""
    first = min(history.start for history in histories)
    last = months_after(active_workspace().today(), -1)
    if month_of(first) > last:
        return []
    ledger = Ledger.of(histories, first=first, last=last, recorded=False)
    return [month for month in ledger.months if month.closing]


def update_effect(row, history, cleaned):
    """[Effect] of updating a profile's client, currency or days; `history` is what it is as saved."""
    today, effects = active_workspace().today(), []
    updated = changed_months(history, cleaned["start"], cleaned.get("end"))
    if (updated.start, updated.end) != (history.start, history.end):
        months = compare_months([history], [updated], {}, today).months
        before_text, after_text = (
            monthly_amounts(row.currency)("before"),
            monthly_amounts(cleaned["currency"])("after"),
        )
        effects.append(
            build_effect(
                _("The new days of service change %(months)s, %(span)s."), months, before_text, after_text
            )
        )
    if (cleaned["company"].pk, cleaned["currency"]) == (row.company_id, row.currency):
        return [effect for effect in effects if effect]
    paid = compare_months([updated], [], {}, today).months  # in which it is worth anything
    if cleaned["company"].pk != row.company_id:
        old, new = str(row.company), str(cleaned["company"])
        text = monthly_amounts(row.currency)("before")
        effects.append(
            build_effect(
                _("Its amounts will count for %(new)s instead of %(old)s in %(months)s, %(span)s.")
                % {"new": escape_percent(new), "old": escape_percent(old), **LATER},
                paid,
                lambda month: f"{old}: {text(month)}",
                lambda month: f"{new}: {text(month)}",
            )
        )
    if cleaned["currency"] != row.currency:
        old, new = row.currency, cleaned["currency"]
        about = _("Its amounts will count as %(new)s instead of %(old)s in %(months)s, %(span)s.")
        about %= {"new": new, "old": old, **LATER}
        effects.append(
            build_effect(about, paid, monthly_amounts(old)("before"), monthly_amounts(new)("before"))
        )
        effects += currency_effect(new, cleaned["start"], without=row.pk)
    return [effect for effect in effects if effect]


def currency_effect(currency, start, without=None):
    """[Effect] of a profile in a currency without a rate, or one that changes what the figures are in."""
    base_currency, table = active_workspace().currency, ExchangeRate.objects.table()
    used = {*used_currencies()}
    if without and RevenueProfile.objects.exclude(pk=without).count() == 0:
        used = set()
    rated = min(table[currency], default=None) if currency in table else None
    if currency == base_currency:
        if used and base_currency not in used and not table.keys() & used:
            other_currencies = ", ".join(sorted(used))
            return [
                Effect(
                    _(
                        "Figures are in %(other)s today. With this profile they will be in %(base)s, and all "
                        "amounts in %(other)s are left out until you enter exchange rates."
                    )
                    % {"other": other_currencies, "base": base_currency}
                )
            ]
    elif used - {currency} or rated:
        if rated is None:
            return [
                Effect(
                    _(
                        "There is no %(currency)s rate. Until you enter one, this profile is left out of all "
                        "figures; other profiles aren’t affected."
                    )
                    % {"currency": currency}
                )
            ]
        if rated > month_of(start):
            return [
                Effect(
                    _(
                        "There is no %(currency)s rate before %(month)s, so this profile is left out of the "
                        "months before."
                    )
                    % {"currency": currency, "month": format_month(rated)}
                )
            ]
    return []


def monthly_amounts(currency):
    """Return a function of an attribute name that formats that attribute of a ChangedMonth."""
    return lambda name: lambda month: format_exact(getattr(month, name), currency)


def changed_months(history, start, end):
    """The history with other days of service, as acts.move_start() would have it."""
    terms = history.live_terms
    if start != history.start and terms:
        begun = [term for term in terms if term.from_date <= start]
        first = begun[-1] if begun else terms[0]
        later = [term for term in terms if term is not first and term.from_date > start]
        terms = [replace(first, from_date=start), *later]
    endings = tuple(ending for ending in history.endings if ending.end >= start)
    return replace(history, start=start, end=end, terms=tuple(terms), endings=endings)
