"""One revenue profile and its dated rows, and what it is worth on a day.

These are plain copies of what the models keep; nothing here is saved. Dates are
days of service: `end` and a pause's `to_date` are the last day, inclusive.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from recurring.mrr.calendar import ONE_DAY
from recurring.mrr.money import monthly_amount

UPLIFT = "uplift"


@dataclass(frozen=True, slots=True)
class ProfileTerm:
    """From a day on: `amount` × `quantity` less `discount` percent, every `count` × `unit`."""

    from_date: date
    amount: Decimal
    quantity: Decimal | int = 1
    unit: str = "month"
    count: int = 1
    discount: Decimal | int = 0
    category: Any = None
    reason: str = ""
    superseded_at: Any = None

    @property
    def monthly(self):
        """The term per month, a Decimal of 4 places; ValueError as monthly_amount()."""
        return monthly_amount(
            self.amount, self.unit, self.count, quantity=self.quantity, discount=self.discount
        )


@dataclass(frozen=True, slots=True)
class ProfilePause:
    """From a day to a day, both included, nothing is paid and the client is kept; `to_date` None is open."""

    from_date: date
    to_date: date | None = None
    reason: str = ""

    def __post_init__(self):
        if self.to_date is not None and self.to_date < self.from_date:
            raise ValueError(f"The pause ends ({self.to_date}) before it begins ({self.from_date}).")


@dataclass(frozen=True, slots=True)
class ProfileEnding:
    """Notice that the profile ends; once `undone_at` is set it counts for nothing, and the churn is gone."""

    end: date
    notice_date: date | None = None
    kind: str = ""
    reason: str = ""
    undone_at: Any = None


@dataclass(frozen=True, slots=True)
class ProfileHistory:
    """What one client pays for one thing, with its whole history.

    `client` and a term's `category` are any hashable: a primary key, a name.
    `renewal` is "automatic", "manual" or "evergreen"; `term_months` None has no term.
    """

    id: Any
    client: Any
    start: date
    end: date | None = None
    terms: tuple[ProfileTerm, ...] = ()
    pauses: tuple[ProfilePause, ...] = ()
    endings: tuple[ProfileEnding, ...] = ()
    currency: str = ""
    term_months: int | None = None
    renewal: str = "evergreen"
    notice_days: int = 0

    def __post_init__(self):
        if self.last_day is not None and self.last_day < self.start:
            raise ValueError(f"The profile ends ({self.last_day}) before it starts ({self.start}).")

    @property
    def last_day(self):
        """The last day of service: the earliest of the end and the endings not undone; None runs on."""
        ends = [ending.end for ending in self.endings if ending.undone_at is None]
        return min([*ends, self.end] if self.end else ends, default=None)

    @property
    def is_noticed(self):
        """Whether an ending is recorded and not undone: then it will not be renewed."""
        return any(ending.undone_at is None for ending in self.endings)

    @property
    def live_terms(self):
        """The terms that were not superseded, oldest first; of two on one day the later given one counts."""
        live = [term for term in self.terms if term.superseded_at is None]
        return sorted(live, key=lambda term: term.from_date)

    def term_on(self, day):
        """The latest live term with from_date ≤ day, or None."""
        in_force = None
        for term in self.live_terms:
            if term.from_date > day:
                break
            in_force = term
        return in_force

    def is_in_service(self, day):
        return self.start <= day and (self.last_day is None or day <= self.last_day)

    def is_paused(self, day):
        return any(
            pause.from_date <= day and (pause.to_date is None or day <= pause.to_date)
            for pause in self.pauses
        )

    def has_ended(self, day):
        return self.last_day is not None and self.last_day < day

    def unpaused_days(self, day):
        """(first, last) of the first days in service from `day` on without a pause; None if there are none.

        `last` is None where no pause and no end follows.
        """
        first, last = max(day, self.start), self.last_day
        for pause in sorted(self.pauses, key=lambda pause: pause.from_date):
            if pause.to_date is not None and pause.to_date < first:
                continue
            if pause.from_date > first:
                day_before = pause.from_date - ONE_DAY
                last = day_before if last is None else min(day_before, last)
                break
            if pause.to_date is None:
                return None
            first = pause.to_date + ONE_DAY
        return None if last is not None and first > last else (first, last)

    def mrr(self, day, rates=None):
        """What it is worth per month on a day: a Decimal.

        0 before the start, after the last day or while paused; else the normalized
        latest live term. In its own currency, or with `rates` (ExchangeRates) in the
        base currency at the rate of the day's month. Asked for a day to come it is the
        committed MRR.
        """
        term = self.term_on(day)
        if term is None or not self.is_in_service(day) or self.is_paused(day):
            return Decimal(0)
        return value_in_base(term.monthly, self.currency, day, rates)


def value_in_base(monthly, currency, day, rates):
    """An amount per month in the base currency, at the rate of the day's month; without rates in its own."""
    if rates is None or not monthly:
        return monthly
    return monthly * rates.rate(currency or rates.base, day)


def total_mrr(profiles, day, rates=None):
    """The exact sum of mrr() over profiles."""
    return sum((profile.mrr(day, rates) for profile in profiles), Decimal(0))


@dataclass(frozen=True, slots=True)
class LineChange:
    """One row of the line ledger: on this day the profile's MRR went from `before` to `after`.

    `kind` is new, expansion, contraction, uplift, pause, resume or churn: here it is
    about the line, not about the client, so a second service is "new" and ending
    one of two is "churn".
    """

    day: date
    profile: Any
    client: Any
    kind: str
    before: Decimal
    after: Decimal
    reason: str

    @property
    def amount(self):
        return self.after - self.before


def profile_ledger(profile, first=date.min, last=date.max):
    """Every change of one profile between two days, oldest first: [LineChange].

    Day by day, so it also shows what no month-end sees: a client who joined and
    left inside one month, two changes in one month. In the profile's currency.
    """
    days = {profile.start, *(term.from_date for term in profile.live_terms)}
    for pause in profile.pauses:
        days |= {pause.from_date, pause.to_date and pause.to_date + ONE_DAY}
    days.add(profile.last_day and profile.last_day + ONE_DAY)
    changes, old_mrr = [], Decimal(0)
    for day in sorted(days - {None}):
        new_mrr = profile.mrr(day)
        if new_mrr != old_mrr:
            kind, reason = classify_line_change(profile, day, old_mrr, new_mrr, is_first=not changes)
            changes.append(LineChange(day, profile.id, profile.client, kind, old_mrr, new_mrr, reason))
        old_mrr = new_mrr
    return [change for change in changes if first <= change.day <= last]


def classify_line_change(profile, day, old_mrr, new_mrr, *, is_first):
    """What happened to a line on a day, and the reason its row gives."""
    yesterday, term = day - ONE_DAY, profile.term_on(day)
    if not profile.is_in_service(day):
        return "churn", next((end.reason for end in profile.endings if end.end == yesterday), "")
    if old_mrr and profile.is_paused(day):
        return "pause", next(pause.reason for pause in profile.pauses if pause.from_date == day)
    if new_mrr and profile.is_in_service(yesterday) and profile.is_paused(yesterday):
        return "resume", ""
    if is_first:
        return "new", term.reason
    if new_mrr > old_mrr:
        return (UPLIFT if term.reason == UPLIFT else "expansion"), term.reason
    return "contraction", term.reason
