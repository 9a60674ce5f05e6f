"""The rows that a Ledger is made of, counted in months: each client's lines, amounts and pauses."""

from collections import defaultdict
from datetime import date
from itertools import groupby
from operator import itemgetter

from recurring.mrr.calendar import ONE_DAY, month_index
from recurring.mrr.engine.profile_changes import (
    NEVER,
    arrival_kind,
    clip_to_months,
    profile_changes,
    profile_changes_with_pauses,
    was_paid,
)
from recurring.mrr.exchange_rates import ExchangeRates
from recurring.mrr.money import UNITS_PER_ONE

first_item, day_of = itemgetter(0), itemgetter(1)


class ClosingMonths(dict):
    """{day: the index of the first month whose closing sees what begins on it}; many rows are of few days.

    The current month closes today, so what comes later in it is seen by the next.
    """

    def __init__(self, today):
        self.today, self.current = today or date.max, month_index(today) if today else -1

    def __missing__(self, day):
        index = month_index(day)
        self[day] = index = index + 1 if index == self.current and day > self.today else index
        return index


class LedgerInputs:
    """The rows as the Ledger is given them, by client and profile.

    lines   {client: [(profile, currency, first month, first month not)]}
    terms   {profile: [(profile, day, units, category, reason)]}, oldest first
    pauses  {profile: [(first month paused, first month not)]}
    """

    def __init__(self, profiles, terms, pauses, endings, today, rated_from=None):
        self.index = ClosingMonths(today).__getitem__
        self.rated_from = rated_from or {}
        self.arriving = {}  # {profile: the month of its currency's first rate}, if it was there before
        self.terms = terms if isinstance(terms, dict) else to_unit_row(terms)
        self.pauses = self.add_dated(pauses)
        self.paused_until = {}  # {client: the first month after all pauses of their lines}
        self.lines = self.by_client(profiles, endings)

    def by_client(self, profiles, endings):
        ends, lines, index, pauses = {}, {}, self.index, self.pauses
        for profile, end, _ in endings:
            ends[profile] = min(end, ends.get(profile, end))
        for profile, client, start, end, currency in profiles:
            if profile in ends:
                end = min(end or date.max, ends[profile])
            stop = NEVER if end is None or end == date.max else index(end + ONE_DAY)
            begin = index(start)
            if (rated := self.rated_from.get(currency, 0)) > begin:
                if rated >= stop:
                    continue
                begin = self.arriving[profile] = rated
            line = profile, currency, begin, stop
            if client in lines:
                lines[client].append(line)
            else:
                lines[client] = [line]
            if profile in pauses:
                over = max(until for _, until in pauses[profile])
                self.paused_until[client] = max(over, self.paused_until.get(client, over))
        return lines

    def add_dated(self, pauses):
        """Those that hold no month-end are left out."""
        spans = {}
        for profile, day, to_date, _ in pauses:
            begin, until = self.index(day), NEVER if to_date is None else self.index(to_date + ONE_DAY)
            if begin < until:
                spans.setdefault(profile, []).append((begin, until))
        return spans

    @property
    def currencies(self):
        return {line[1] for lines in self.lines.values() for line in lines}

    def only_currency(self):
        """Rates for books in one currency, which need none."""
        currencies = self.currencies
        if len(currencies) > 1:
            names = ", ".join(sorted(str(currency) for currency in currencies))
            raise ValueError(f"Several currencies ({names}) need exchange rates.")
        return ExchangeRates(base=next(iter(currencies), ""))

    def rate_columns(self, rates, low, first, last):
        """{currency: [rate in units, per month from `low`]}, or {} if all is in the base currency.

        Before the months asked for it matters only who was a client, not for how much, so
        no older rates are asked of anyone.
        """
        if self.currencies <= {rates.base, ""}:
            return {}
        begun = {}  # of each currency, by the end of the ledger
        for lines in self.lines.values():
            for _, currency, start, stop in lines:
                if start <= last and start < stop:
                    begun[currency] = min(start, begun.get(currency, start))
        if {*begun} <= {rates.base, ""}:
            return {}
        columns = {}
        for currency, start in begun.items():
            code, needed = currency or rates.base, max(first - 1, start)
            earliest = rates.units(code, needed)
            columns[currency] = [
                earliest if index < needed else rates.units(code, index) for index in range(low, last + 1)
            ]
        return columns

    def pass_through(self, sweep, last, seen_until, chosen, recorded):
        """Add every client to the Sweep: what they did up to the month `last`, in the chosen categories.

        What came before the sweep's second month is told as one change in its first, whose closing sees
        the day `seen`; but of who is paused after it, and of who may have moved between categories, in full.
        """
        paused_until, index = self.paused_until, self.index
        is_plain = chosen is None and not sweep.foreign and not recorded
        plain = []
        for client, lines in self.lines.items():
            if is_plain and client not in paused_until:
                plain.append((client, lines))
                continue
            in_full = chosen is not None or (client in paused_until and paused_until[client] > sweep.low)
            if not in_full:
                changes, over = self.told(lines, last, sweep.low, seen_until)
                in_full = bool(over) and client in paused_until  # whether it was paid is not so plain
            if in_full:
                changes, over = self.told_in_full(lines, last), ()
            if chosen is not None:
                changes = clip_to_months(changes, chosen)
            if not changes:
                continue
            changes.sort(key=first_item)
            groups = [tuple(group) for _, group in groupby(changes, first_item)]
            # A line that comes in with its currency's first rate was there before: not new.
            was_client = self.arriving.get(groups[0][0][-1]) == groups[0][0][0]
            was_client = was_client or any(was_paid(*line, index, sweep.low) for line in over)
            sweep.add(client, groups, was_client)
        sweep.add_plain(plain, self.terms, index, last, seen_until)

    def told(self, lines, last, since, seen_until):
        """The changes of some lines from `since` on; and what there was of those that were nothing then."""
        all_changes, over, terms, index = [], [], self.terms, self.index
        for profile, currency, start, stop in lines:
            rows = terms.get(profile, ())
            changes = profile_changes(profile, currency, start, stop, rows, index, last, since, seen_until)
            if profile in self.arriving and start > since:
                changes = arrival_kind(changes, start)
            if start <= since and (not changes or changes[0][0] > since):
                over.append((start, stop, rows))
            all_changes += changes
        return all_changes, over

    def told_in_full(self, lines, last):
        """All changes of some lines, paused or not."""
        all_changes = []
        for profile, *line in lines:
            arguments = profile, *line, self.terms.get(profile, ()), self.index, last
            if profile in self.pauses:
                changes = profile_changes_with_pauses(*arguments, self.pauses[profile])
            else:
                changes = profile_changes(*arguments)
            all_changes += (
                arrival_kind(changes, self.arriving[profile]) if profile in self.arriving else changes
            )
        return all_changes


def to_unit_row(terms):
    """{profile: [(profile, day, units, category, reason)]} of rows in any order, with amounts as Decimals."""
    rows_by_profile = defaultdict(list)
    for profile, day, monthly, *rest in terms:
        rows_by_profile[profile].append((profile, day, int(monthly * UNITS_PER_ONE), *rest))
    for rows in rows_by_profile.values():
        rows.sort(key=day_of)  # stable: of two on one day the later given one counts
    return rows_by_profile
