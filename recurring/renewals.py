"""Terms that end: when notice is due, what was renewed, what may be expected."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from recurring.histories import Profile, mrr, total_mrr
from recurring.money import ONE_DAY, month_end, month_index, months_after
from recurring.months import CLOSED, COMMITTED
from recurring.rates import share

GRACE_DAYS = 60


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

    A fixed end is one. Without it every `term_months` from the start is. An evergreen
    profile never comes up for renewal, nor does one with neither an end nor a term.
    """
    if profile.renewal == "evergreen":
        return []
    if profile.last_day is not None:
        return [profile.last_day] if first <= profile.last_day <= last else []
    if not profile.term_months:
        return []
    passed = max(0, (month_index(first) - month_index(profile.start)) // profile.term_months - 1)
    found, count = [], passed + 1
    while (end := last_day_of_term(profile.start, count * profile.term_months)) <= last:
        if end >= first:
            found.append(end)
        count += 1
    return found


@dataclass(frozen=True, slots=True)
class Renewal:
    """A profile up for renewal: its term's last day, the last day to give notice, the MRR at stake."""

    profile: Profile
    term_end: date
    notice_deadline: date
    mrr: Decimal
    is_noticed: bool  # its ending is recorded: it will not be renewed

    @property
    def renews_on(self):
        return self.term_end + ONE_DAY


def renewals(profiles, first, last, rates=None):
    """What is up for renewal with a term ending from first to last: [Renewal], soonest first.

    The notice deadline is `notice_days` before the term's last day. In the base currency with `rates`.
    """
    found = []
    for profile in profiles:
        noticed = any(ending.undone_at is None for ending in profile.endings)
        for end in term_ends(profile, first, last):
            deadline = end.fromordinal(end.toordinal() - profile.notice_days)
            found.append(Renewal(profile, end, deadline, mrr(profile, end, rates), noticed))
    return sorted(found, key=lambda renewal: (renewal.term_end, -renewal.mrr))


def is_overdue(profile, day):
    """Whether a manual renewal's term has ended by this day with nothing dated since: its MRR is at risk."""
    if profile.renewal != "manual" or not profile.is_in_service(day) or profile.last_day is not None:
        return False
    ends = term_ends(profile, profile.start, day - ONE_DAY)
    return bool(ends) and not any(term.from_date > ends[-1] for term in profile.live_terms)


def renewal_rate(profiles, first, last, rates=None):
    """MRR renewed / MRR up for renewal, for the terms that ended from first to last: a fraction or None.

    Per client and day; what is paid on the day after counts up to what was paid before, so a
    rise does not hide a loss. A new profile of the client starting that day is the renewal too.
    """
    by_client = {}
    for profile in profiles:
        by_client.setdefault(profile.client, []).append(profile)
    due = renewed = Decimal(0)
    for own in by_client.values():
        ending = {}
        for renewal in renewals(own, first, last, rates):
            ending.setdefault(renewal.term_end, []).append(renewal)
        for end, up in ending.items():
            day = end + ONE_DAY
            before = sum(renewal.mrr for renewal in up)
            same = [renewal.profile for renewal in up]
            after = total_mrr([*same, *(each for each in own if each.start == day)], day, rates)
            due += before
            renewed += min(before, after)
    return share(renewed, due)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A month to come: what is signed, what will likely be renewed beside it, and where the trend leads."""

    month: date
    committed: Decimal
    expected: Decimal
    trend: Decimal


def forecast(months, profiles, today, *, rate, rates=None):
    """The committed months of a ledger with what may be expected of them: [Forecast].

    months    a Ledger's months, made with `today`: some closed ones (the trend is the mean net
              new MRR of the last 12), the one to date and the committed ones
    profiles  those with a fixed end from today on; others add nothing
    rate      the renewal_rate() to expect, a fraction
    """
    closed = [month.net_new for month in months if month.status == CLOSED][-12:]
    step = sum(closed, Decimal(0)) / max(len(closed), 1)
    found, worth, profiles = [], Decimal(0), list(profiles)
    for month in months:
        if month.status != COMMITTED:
            worth = month.closing
            continue
        day = month_end(month.month)
        likely = sum((lapsed(profile, day, today, rate, rates) for profile in profiles), Decimal(0))
        trend = max(worth + step * (len(found) + 1), Decimal(0))
        found.append(Forecast(month.month, month.closing, month.closing + likely, trend))
    return found


def lapsed(profile, day, today, rate, rates=None):
    """What may be expected on a day of a profile whose fixed end has passed: its last MRR × rate per renewal.

    Nothing where notice was given, where it is not meant to be renewed, or where it ended before today.
    """
    end = profile.last_day
    noticed = any(ending.undone_at is None for ending in profile.endings)
    if end is None or noticed or profile.renewal == "evergreen" or not today <= end < day:
        return Decimal(0)
    times = 1
    while profile.term_months and last_day_of_term(end + ONE_DAY, times * profile.term_months) < day:
        times += 1
    return mrr(profile, end, rates) * rate**times


def committed_mrr(profiles, day, rates=None):
    """CMRR: what is signed for a day to come, endings and starts included: mrr() asked ahead."""
    return total_mrr(profiles, day, rates)
