"""One profile's rows as changes between month-ends: the raw material of the Ledger.

Months are counted (month_index) and amounts are whole ten-thousandths in the
profile's currency: this is the inner loop of ten years over ten thousand profiles.
"""

from collections import namedtuple
from datetime import date

from recurring.mrr.profiles import UPLIFT

NEVER = 1 << 40

# What one line did between a month-end and the one before it. `uplift` is the part of its rise that
# terms with the reason "uplift" explain; `old` and `new` are the categories. `aside` is None, or what it
# would be worth were it not paused, before and after, and what a transfer brought into the chosen categories.
Change = namedtuple("Change", "month before after uplift old new currency aside reason profile")


def profile_changes(profile, currency, start, stop, terms, index, last, since=-1, seen_until=date.min):
    """The changes of one line that was never paused, oldest first, as tuples of Change's shape.

    start   the first month in service      stop    the first one out of it, or NEVER
    terms   [(profile, day, units, category, reason)], oldest first
    index   what gives the first month whose closing sees a day
    last    the month up to which changes are asked for
    since   what happened up to this month is told as one change from nothing, in it;
            `seen_until` is the last day that its closing sees
    """
    if start >= stop or start > last or stop <= since:
        return []  # joined and left between two month-ends; or not there yet, or not any more
    changes = []
    month, old_units, new_units, uplift, old, new, reason = max(start, since), 0, 0, 0, None, None, ""
    for _, day, monthly, category, why in terms:
        if day > seen_until and (from_month := index(day)) > month:
            if from_month >= stop:
                break
            if old_units != new_units or (old_units and old != new):
                uplift = (
                    min(uplift, new_units - old_units)
                    if old_units and uplift > 0 and new_units > old_units
                    else 0
                )
                changes.append(
                    (month, old_units, new_units, uplift, old, new, currency, None, reason, profile)
                )
            month, old_units, old, uplift, reason = from_month, new_units, new, 0, ""
            if month > last:
                return changes
        if why == UPLIFT:
            uplift += monthly - new_units
            reason = reason or why
        else:
            reason = why
        new_units, new = monthly, category
    if month > last:
        return changes
    if old_units != new_units or (old_units and old != new):
        uplift = (
            min(uplift, new_units - old_units) if old_units and uplift > 0 and new_units > old_units else 0
        )
        changes.append((month, old_units, new_units, uplift, old, new, currency, None, reason, profile))
    if new_units and stop <= last:
        changes.append((stop, new_units, 0, 0, new, new, currency, None, "", profile))
    return changes


def was_paid(start, stop, terms, index, until):
    """Whether a line that was never paused was worth anything at a month-end up to the month `until`."""
    begins = [max(index(term[1]), start) for term in terms]
    ends = [*begins[1:], NEVER]
    return any(
        term[2] and begin < min(end, stop) and begin <= until
        for term, begin, end in zip(terms, begins, ends, strict=True)
    )


def profile_changes_with_pauses(profile, currency, start, stop, terms, index, last, pauses):
    """changes() for the few lines that were ever paused, told in full.

    pauses  [(first month paused, first month not)]; a month counts by its last day
    """
    if start >= stop or start > last:
        return []
    terms = [(day, index(day), *rest) for _, day, *rest in terms]
    terms = [term for term in terms if term[1] < stop]
    months = {start, stop, *(term[1] for term in terms if term[1] > start)}
    for pause in pauses:
        months.update(pause)
    changes, upcoming = [], 0
    old_units = paused_before = worth = 0
    old = category = None
    for month in sorted(month for month in months if start <= month <= min(stop, last)):
        uplift, reason = 0, ""
        while upcoming < len(terms) and terms[upcoming][1] <= month:
            _, _, monthly, category, why = terms[upcoming]
            if why == UPLIFT:
                uplift += monthly - worth
                reason = reason or why
            else:
                reason = why
            worth = monthly
            upcoming += 1
        paused = any(first <= month < until for first, until in pauses)
        new_units = worth if month < stop and not paused else 0
        paused_after = worth if month < stop and paused else 0
        if (old_units, paused_before) != (new_units, paused_after) or old != category:
            rise = new_units - old_units if old_units else 0
            uplift = max(0, min(uplift, rise))
            aside = (paused_before, paused_after, 0)
            changes.append(
                (month, old_units, new_units, uplift, old, category, currency, aside, reason, profile)
            )
        old_units, paused_before, old = new_units, paused_after, category
    return changes


def clip_to_months(changes, categories):
    """The changes as seen by one who looks at some categories only.

    A line that moves in brings what it was worth before the move, one that moves
    out takes it away (ChartMogul's segments); the price change that came with the
    move counts where the line arrives.
    """
    clipped = []
    for change in map(Change._make, changes):
        inside, arrives = change.old in categories, change.new in categories
        paused_before, paused_after, _ = change.aside or (0, 0, 0)
        begins = change.old is None and not change.before and not paused_before
        if arrives and (inside or begins):
            clipped.append(change)
        elif arrives:
            clipped.append(change._replace(old=change.new, aside=(0, paused_after, change.before)))
        elif inside:
            aside = (paused_before, 0, -change.before)
            clipped.append(change._replace(before=0, after=0, uplift=0, new=change.old, aside=aside))
    return clipped


def arrival_kind(changes, month):
    """The changes of a line that is seen from `month` on: what it was worth is brought, not gained."""
    if not changes or changes[0][0] != month:
        return changes
    first = Change._make(changes[0])
    paused_after = first.aside[1] if first.aside else 0
    aside = 0, paused_after, first.after
    return [first._replace(before=first.after, uplift=0, old=first.new, aside=aside), *changes[1:]]


def partial_change(kind, change):
    """How much of one line's change belongs to a movement of this kind, in native units, signed."""
    delta = change.after - change.before
    if kind in ("new", "reactivation", "churn"):
        return delta
    if kind == "uplift":
        return change.uplift
    paused_before, paused_after, moved = change.aside or (0, 0, 0)
    if kind == "transfer":
        return moved
    if kind == "transferred":
        return change.before if change.after and change.old != change.new else 0
    is_pause = change.before and paused_after
    is_resume = change.after and paused_before
    if kind == "pause":
        return delta if is_pause else 0
    if kind == "resume":
        return delta if is_resume else 0
    return 0 if is_pause or is_resume else delta - change.uplift
