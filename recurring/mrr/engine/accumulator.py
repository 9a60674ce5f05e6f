"""One pass over every client's changes, adding them up by month, kind and category.

This is the engine room of ledger.py, written for speed: ten years of ten
thousand profiles pass through Sweep.add(). Amounts are ints; a month is a
position in columns that begin at `low`.
"""

import gc
from contextlib import contextmanager
from datetime import date

from recurring.mrr.engine.profile_changes import was_paid
from recurring.mrr.engine.timelines import Columns, Timeline
from recurring.mrr.profiles import UPLIFT
from recurring.mrr.results import TOTALED

COUNTED = ("new", "reactivation", "churn", "clients", "paying")
AFTER_ALL = None, date.max, 0, None, ""  # a term, after the last one of a line


class Accumulator:
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
        self.released = Columns(self.size)  # {currency: native units at the last month-end that were lost}
        # {client: [(month, currency, change, released)]} in native units, where there are several currencies
        self.native = {}

    def add(self, client, groups, was_client):  # noqa: C901 - one pass: a call a change is too slow
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
            position = month - low if month > low else 0
            opening = worth
            delta = uplift = pause = resume = moved = relocated = 0
            has_several = foreign and len(group) > 1
            for currency, changes in by_currency(group) if has_several else ((group[0][6], group),):
                rise = raised = halted = resumed = brought = displaced = 0  # in native units
                for _, old_units, new_units, lift, old, new, _, aside, _, _ in changes:
                    if level is None or new != level_category or currency != level_currency:
                        level, level_currency, level_category = levels[currency, new], currency, new
                    if old == new or not old_units:
                        level[position] += new_units - old_units
                    else:
                        levels[currency, old][position] -= old_units
                        level[position] += new_units
                        if new_units:
                            displaced += old_units
                    rise += new_units - old_units
                    raised += lift
                    if aside:
                        paused, paused_after, carried = aside
                        self.paused[currency][position] += paused_after - paused
                        paused_worth += paused_after - paused
                        level[position] += carried
                        brought += carried
                        if old_units and paused_after:
                            halted += old_units
                        elif new_units and paused:
                            resumed += new_units
                worth_change = rise + brought
                if foreign:
                    # A loss is worth what it was at the last month-end, a gain what it is at this one;
                    # the rates have moved what is neither. Lines of one currency are set off first.
                    opening_rate, closing_rate = (
                        foreign[currency][position - 1 if position else 0],
                        foreign[currency][position],
                    )
                    rest = rise - raised + halted - resumed
                    released = halted + max(0, -rest) - brought
                    self.released[currency][position] += released
                    self.native.setdefault(client, []).append((month, currency, worth_change, released))
                    worth_change *= self.constant[currency]
                    raised, resumed, halted = (
                        raised * closing_rate,
                        resumed * closing_rate,
                        halted * opening_rate,
                    )
                    brought, displaced = brought * opening_rate, displaced * opening_rate
                    rise = raised + resumed - halted + rest * (closing_rate if rest > 0 else opening_rate)
                worth += worth_change
                delta += rise
                uplift += raised
                pause += halted
                resume += resumed
                moved += brought
                relocated += displaced

            record = recorded[position - window].append if position >= window else ignore_category
            if relocated:
                totals["transferred"][position] += relocated
                record(("transferred", relocated, client, group))
            if moved:
                totals["transfer"][position] += moved
                record(("transfer", moved, client, group))
                if moved > 0 and not is_client:
                    is_client = was_client = True
                    counts["clients"][position] += 1
            if not is_client:
                if worth:
                    kind = "reactivation" if was_client else "new"
                    totals[kind][position] += delta
                    record((kind, delta, client, group))
                    is_client = was_client = True
                    counts[kind][position] += 1
                    counts["clients"][position] += 1
            elif not worth and not paused_worth:
                is_client = False
                counts["clients"][position] -= 1
                # What went whole to categories that are not looked at has moved, not churned.
                if delta or not moved:
                    totals["churn"][position] -= delta
                    record(("churn", -delta, client, group))
                    counts["churn"][position] += 1
            else:
                rest = delta - uplift
                if uplift:
                    totals["uplift"][position] += uplift
                    record(("uplift", uplift, client, group))
                if pause:
                    rest += pause
                    totals["pause"][position] += pause
                    record(("pause", pause, client, group))
                if resume:
                    rest -= resume
                    totals["resume"][position] += resume
                    record(("resume", resume, client, group))
                if rest > 0:
                    totals["expansion"][position] += rest
                    record(("expansion", rest, client, group))
                elif rest:
                    totals["contraction"][position] -= rest
                    record(("contraction", -rest, client, group))
            if not opening:
                if worth:
                    counts["paying"][position] += 1
            elif not worth:
                counts["paying"][position] -= 1
            entries.append((month, worth, is_client))
        timeline = Timeline(client, entries, was_before)
        if foreign:
            codes = {step[1] for step in self.native[client]}
            timeline.currency = codes.pop() if len(codes) == 1 else None
        self.timelines.append(timeline)

    def add_plain(self, clients, terms, index, last, seen_until):  # noqa: C901 - as above
        """add() for all those at once who were never paused, in the base currency, where nothing is recorded.

        clients  [(client, [(profile, currency, first month in service, first one not)])]
        the rest is as for lines.changes()

        These are nearly all of them, and a row or a call for each change would be half of the time.
        """
        low, levels, totals, counts = self.low, self.levels, self.totals, self.counts
        transferred = totals["transferred"]
        for client, lines in clients:
            steps, over = [], []  # over: what was worth nothing when the sweep begins
            for profile, currency, start, stop in lines:
                rows, first_step = terms.get(profile, ()), len(steps)
                month, old_units, new_units, uplift, old, new = (
                    start if start > low else low,
                    0,
                    0,
                    0,
                    None,
                    None,
                )
                for _, day, monthly, category, why in (*rows, AFTER_ALL) if start < stop > low else ():
                    if day > seen_until and (until := index(day)) > month:
                        if month > last:
                            break
                        rise, position = new_units - old_units, month - low
                        if old_units and old != new:
                            levels[currency, old][position] -= old_units
                            levels[currency, new][position] += new_units
                            if new_units:
                                transferred[position] += old_units
                            steps.append((month, rise, uplift and max(0, min(uplift, rise))))
                        elif rise:
                            levels[currency, new][position] += rise
                            raised = uplift and max(0, min(uplift, rise)) if old_units else 0
                            steps.append((month, rise, raised))
                        if until >= stop:
                            if new_units and stop <= last:
                                levels[currency, new][stop - low] -= new_units
                                steps.append((stop, -new_units, 0))
                            break
                        month, old_units, old, uplift = until, new_units, new, 0
                    if why == UPLIFT:
                        uplift += monthly - new_units
                    new_units, new = monthly, category
                if start <= low and (len(steps) == first_step or steps[first_step][0] > low):
                    over.append((start, stop, rows))
            if not steps:
                continue
            if len(lines) > 1:
                steps = merge_columns(steps)
            was_client = was_before = any(was_paid(*line, index, low) for line in over)
            entries, worth = [], 0
            for month, rise, uplift in steps:
                position, opening = month - low, worth
                worth += rise
                entries.append((month, worth, worth > 0))
                if not opening:
                    if worth:
                        kind = "reactivation" if was_client else "new"
                        totals[kind][position] += worth
                        counts[kind][position] += 1
                        counts["clients"][position] += 1
                        counts["paying"][position] += 1
                        was_client = True
                elif not worth:
                    totals["churn"][position] += opening
                    counts["churn"][position] += 1
                    counts["clients"][position] -= 1
                    counts["paying"][position] -= 1
                else:
                    if uplift:
                        totals["uplift"][position] += uplift
                        rise -= uplift
                    if rise > 0:
                        totals["expansion"][position] += rise
                    elif rise:
                        totals["contraction"][position] -= rise
            self.timelines.append(Timeline(client, entries, was_before))


def merge_columns(steps):
    """The steps of several lines, [(month, rise, uplift)], as one a month, oldest first."""
    columns = {}
    for month, rise, uplift in sorted(steps):
        if month in columns:
            columns[month] = month, columns[month][1] + rise, columns[month][2] + uplift
        else:
            columns[month] = month, rise, uplift
    return columns.values()


def by_currency(group):
    """[(currency, its changes)] of one client's changes in one month."""
    groups = {}
    for change in group:
        groups.setdefault(change[6], []).append(change)
    return groups.items()


def ignore_category(row):
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
