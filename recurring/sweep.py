"""One pass over every client's changes, adding them up by month, kind and category.

This is the engine room of movements.py, written for speed: ten years of ten
thousand profiles pass through Sweep.add(). Amounts are ints; a month is a
position in columns that begin at `low`.
"""

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from recurring.months import TOTALED

COUNTED = ("new", "reactivation", "churn", "clients", "paying")


@dataclass(slots=True)
class Timeline:
    """What one client was worth: [(month index, units, is a client)], one entry per change, oldest first.

    All at the last month's exchange rates, so that what the rates do never looks
    like a client growing or shrinking. A paused client is worth 0 and is a client.
    It begins with the ledger's first month; what was before is its first entry, and
    `was_client` says whether there was an MRR before all of them.
    """

    client: Any
    entries: list
    was_client: bool

    def units(self, index):
        """The units at a month-end."""
        for entry in reversed(self.entries):
            if entry[0] <= index:
                return entry[1]
        return 0


class Columns(dict):
    """{key: [a number per month]}; a key asked for the first time begins with zeros."""

    def __init__(self, size):
        self.size = size

    def __missing__(self, key):
        self[key] = column = [0] * self.size
        return column


class Sweep:
    """The sums, by month from `low` to `last`; movements are recorded one by one from `first` on.

    foreign  {currency: [rate in units per month]}, or {} where all is in one currency
    """

    def __init__(self, low, first, last, foreign):
        self.low, self.size, self.window, self.foreign = low, last - low + 1, first - low, foreign
        self.constant = {currency: column[-1] for currency, column in foreign.items()}
        self.totals = {kind: [0] * self.size for kind in TOTALED}  # units
        self.counts = {name: [0] * self.size for name in COUNTED}  # "clients" and "paying": how they change
        self.levels = Columns(self.size)  # {(currency, category): how MRR changes}, in native units
        self.paused = Columns(self.size)  # {currency: how paused MRR changes}, in native units
        self.recorded = [[] for _ in range(last - first + 1)]  # per month: (kind, units, client, changes)
        self.timelines = []
        self.native = {}  # {client: [(month, currency, change)]}, only where there are several currencies

    def add(self, client, groups, was_client):
        """One client's changes, grouped by month, oldest first: tuples in the order of lines.Change.

        Those before `low` count in its column: only what they come to by then is asked for.
        """
        low, window, foreign, levels, totals = self.low, self.window, self.foreign, self.levels, self.totals
        counts, recorded = self.counts, self.recorded
        worth = paused_worth = 0
        is_client, was_before = False, was_client
        level = level_currency = level_category = None
        entries = []
        for group in groups:
            month = group[0][0]
            at = month - low if month > low else 0
            opening = worth
            delta = uplift = pause = resume = moved = relocated = 0
            for _, before, after, raised, old, new, currency, aside, _, _ in group:
                rise = after - before
                if level is None or new != level_category or currency != level_currency:
                    level, level_currency, level_category = levels[currency, new], currency, new
                if old == new or not before:
                    level[at] += rise
                else:
                    levels[currency, old][at] -= before
                    level[at] += after
                    if after:
                        relocated += before * (foreign[currency][at] if foreign else 1)
                brought = 0
                if aside:
                    paused, paused_after, brought = aside
                    self.paused[currency][at] += paused_after - paused
                    paused_worth += paused_after - paused
                    level[at] += brought
                if foreign:
                    worth += (rise + brought) * self.constant[currency]
                    self.native.setdefault(client, []).append((month, currency, rise + brought))
                    rate = foreign[currency][at]
                    before, after, rise = before * rate, after * rate, rise * rate
                    raised, brought = raised * rate, brought * rate
                else:
                    worth += rise + brought
                delta += rise
                uplift += raised
                if aside:
                    moved += brought
                    if before and paused_after:
                        pause += before
                    elif after and paused:
                        resume += after

            record = recorded[at - window].append if at >= window else ignored
            if relocated:
                totals["transferred"][at] += relocated
                record(("transferred", relocated, client, group))
            if moved:
                totals["transfer"][at] += moved
                record(("transfer", moved, client, group))
                if moved > 0 and not is_client:
                    is_client = was_client = True
                    counts["clients"][at] += 1
            if not is_client:
                if worth:
                    kind = "reactivation" if was_client else "new"
                    totals[kind][at] += delta
                    record((kind, delta, client, group))
                    is_client = was_client = True
                    counts[kind][at] += 1
                    counts["clients"][at] += 1
            elif not worth and not paused_worth:
                is_client = False
                counts["clients"][at] -= 1
                # What went whole to categories that are not looked at has moved, not churned.
                if delta or not moved:
                    totals["churn"][at] -= delta
                    record(("churn", -delta, client, group))
                    counts["churn"][at] += 1
            else:
                rest = delta - uplift
                if uplift:
                    totals["uplift"][at] += uplift
                    record(("uplift", uplift, client, group))
                if pause:
                    rest += pause
                    totals["pause"][at] += pause
                    record(("pause", pause, client, group))
                if resume:
                    rest -= resume
                    totals["resume"][at] += resume
                    record(("resume", resume, client, group))
                if rest > 0:
                    totals["expansion"][at] += rest
                    record(("expansion", rest, client, group))
                elif rest:
                    totals["contraction"][at] -= rest
                    record(("contraction", -rest, client, group))
            if not opening:
                if worth:
                    counts["paying"][at] += 1
            elif not worth:
                counts["paying"][at] -= 1
            entries.append((month, worth, is_client))
        self.timelines.append(Timeline(client, entries, was_before))

    def add_plain(self, client, changes, was_client):
        """add() for most clients: those never paused, all in one currency. `changes` are not grouped."""
        low, window, levels, totals = self.low, self.window, self.levels, self.totals
        counts, recorded = self.counts, self.recorded
        entries, was_before, more = [], was_client, len(changes) - 1
        opening = worth = uplift = relocated = begin = 0
        for place, (month, before, after, raised, old, new, currency, _, _, _) in enumerate(changes):
            at = month - low
            worth += after - before
            if old == new or not before:
                levels[currency, new][at] += after - before
            else:
                levels[currency, old][at] -= before
                levels[currency, new][at] += after
                if after:
                    relocated += before
            uplift += raised
            if place < more and changes[place + 1][0] == month:
                continue
            entries.append((month, worth, worth > 0))
            group = changes[begin : place + 1]
            record = recorded[at - window].append if at >= window else ignored
            if relocated:
                totals["transferred"][at] += relocated
                record(("transferred", relocated, client, group))
            if not opening:
                if worth:
                    kind = "reactivation" if was_client else "new"
                    totals[kind][at] += worth
                    counts[kind][at] += 1
                    counts["clients"][at] += 1
                    counts["paying"][at] += 1
                    record((kind, worth, client, group))
                    was_client = True
            elif not worth:
                totals["churn"][at] += opening
                counts["churn"][at] += 1
                counts["clients"][at] -= 1
                counts["paying"][at] -= 1
                record(("churn", opening, client, group))
            else:
                if uplift:
                    totals["uplift"][at] += uplift
                    record(("uplift", uplift, client, group))
                rest = worth - opening - uplift
                if rest > 0:
                    totals["expansion"][at] += rest
                    record(("expansion", rest, client, group))
                elif rest:
                    totals["contraction"][at] -= rest
                    record(("contraction", -rest, client, group))
            opening, uplift, relocated, begin = worth, 0, 0, place + 1
        self.timelines.append(Timeline(client, entries, was_before))


def ignored(row):
    """Where movements before the months asked for go."""


@contextmanager
def without_garbage_collection():
    """The pass makes many small tuples and no cycles; looking for cycles would take a quarter longer."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
