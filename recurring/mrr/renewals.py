"""Terms that end: when notice is due, what was renewed, what may be expected."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from recurring.mrr.calendar import ONE_DAY, month_index, months_after
from recurring.mrr.metrics import share

GRACE_DAYS = 60


@lru_cache(maxsize=10_000)  # thousands of terms begin on few days
def last_day_of_term(start, months):
    """The last day of service of a term: a year from 1 January ends on 31 December.

    The day before the start's day, or the month's last where there is none: a year from
    29 February 2024 ends on 28 February 2025, a month from 31 January on 28 (29) February.
    """
    if start.day == 1:
        return months_after(start, months) - ONE_DAY
    month = months_after(start, months)
    return month.replace(day=min(start.day - 1, monthrange(month.year, month.month)[1]))


def renewal_start(end, renewed_on, grace_days=GRACE_DAYS):
    """The day a renewal counts from: dated back to the day after the end if at most `grace_days` were missed.

    Then there is no gap and no churn. Later than that, it counts from the day it was made,
    and is a reactivation.
    """
    due = end + ONE_DAY
    return due if (renewed_on - due).days <= grace_days else renewed_on


def term_ends(profile, first, last):
    """The last days of the profile's terms from first to last, oldest first.

    Every `term_months` from the start one is over; the last day is the end of the last one, whenever
    it is. An evergreen profile never comes up for renewal, nor does one with neither an end nor a term.
    """
    if profile.renewal == "evergreen":
        return []
    start, months, over = profile.start, profile.term_months, profile.last_day
    ends = []
    if months:
        begin, until = month_index(first) - month_index(start), month_index(last) - month_index(start)
        # A term ends so many months after the one it began in, or on the last day of the month before.
        for passed in range(max(months, begin // months * months), until + 2, months):
            end = last_day_of_term(start, passed)
            if first <= end <= last and (over is None or end < over):
                ends.append(end)
    if over is not None and first <= over <= last:
        ends.append(over)
    return ends


class Renewal(NamedTuple):
    """A profile up for renewal: its term's last day, and the MRR at stake."""

    profile: Any
    term_end: date
    mrr: Decimal

    @property
    def notice_deadline(self):
        """The last day to give notice: `notice_days` before the term's last day."""
        return self.term_end - timedelta(self.profile.notice_days)

    @property
    def is_noticed(self):
        """Whether its ending is recorded: it will not be renewed."""
        return self.profile.is_noticed


def renewals(profiles, first, last, rates=None):
    """What is up for renewal with a term ending from first to last: [Renewal], soonest first.

    In the base currency with `rates`.
    """
    return sorted(
        terms_up_for_renewal(profiles, first, last, rates), key=lambda each: (each.term_end, -each.mrr)
    )


def terms_up_for_renewal(profiles, first, last, rates=None):
    """The same in the order of the profiles."""
    for profile in profiles:
        for end in term_ends(profile, first, last):
            yield Renewal(profile, end, profile.mrr(end, rates))


def overdue_since(profile, day):
    """The last day of a manual renewal's term that is over with nothing dated since, or None."""
    if profile.renewal != "manual" or profile.last_day is not None or day < profile.start:
        return None
    ends = term_ends(profile, months_after(day, -1 - (profile.term_months or 0)), day - ONE_DAY)
    newest = profile.term_on(date.max)
    return ends[-1] if ends and newest and newest.from_date <= ends[-1] else None


def term_to_renew(profile, day):
    """The last day of the term that a renewal on a day would follow; None where there is nothing to renew.

    That is the fixed last day, or an ending; else, if it is renewed by agreement, the term that is
    overdue or the one that is running, unless something is agreed for the time after it.
    """
    if profile.last_day is not None:
        return profile.last_day
    if profile.renewal != "manual" or not profile.term_months:
        return None
    if end := overdue_since(profile, day):
        return end
    end = next(iter(term_ends(profile, day, months_after(day, profile.term_months + 1))), None)
    newest = profile.term_on(date.max)
    return end if end and newest and newest.from_date <= end else None


def overdue_renewals(profiles, day, rates=None, grace_days=GRACE_DAYS):
    """What is over and was not renewed by this day: [Renewal], the oldest first.

    Manual renewals that run on all the same; and fixed ends so few days ago that a renewal
    would still be dated back. Who gave notice, or began anew since, is not late.
    """
    profiles, overdue, begun = list(profiles), [], {}
    for profile in profiles:
        begun[profile.client] = max(profile.start, begun.get(profile.client, profile.start))
    for profile in profiles:
        if profile.renewal == "evergreen":
            continue
        end, over = overdue_since(profile, day), profile.last_day
        if over and not profile.is_noticed and over < day <= over + ONE_DAY + timedelta(grace_days):
            end = over if begun[profile.client] <= over else None
        if end is not None and (worth := profile.mrr(end, rates)):
            overdue.append(Renewal(profile, end, worth))
    return sorted(overdue, key=lambda renewal: (renewal.term_end, -renewal.mrr))


def renewal_rate(profiles, first, last, rates=None):
    """MRR renewed / MRR up for renewal, for the terms that ended from first to last: a fraction or None.

    Per client and day; what is paid on the day after counts up to what was paid before, so a
    rise does not hide a loss. A new profile of the client starting that day is the renewal too.
    """
    profiles = list(profiles)
    return renewal_rate_of(terms_up_for_renewal(profiles, first, last, rates), profiles, rates)


def renewal_rate_of(due_renewals, profiles, rates=None):
    """The renewal_rate() of some renewals; `profiles` are those that may have followed them, too."""
    due_mrr, renewed_mrr = {}, {}  # by client and day
    for profile, end, worth in due_renewals:
        day = end + ONE_DAY
        place = profile.client, day
        due_mrr[place] = due_mrr.get(place, 0) + worth
        renewed_mrr[place] = renewed_mrr.get(place, 0) + profile.mrr(day, rates)
    for profile in profiles:
        if (place := (profile.client, profile.start)) in renewed_mrr:
            renewed_mrr[place] += profile.mrr(profile.start, rates)
    renewed = sum(min(worth, renewed_mrr[place]) for place, worth in due_mrr.items())
    return share(renewed, sum(due_mrr.values()))
