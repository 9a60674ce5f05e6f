"""Month against month: what every month was worth, and why it changed.

The Ledger compares, per client, each month-end with the one before:

    opening + new + reactivation + expansion + uplift + resume + exchange + transfer
            − contraction − churn − pause  =  closing

It goes once over what happened in the months asked for, client by client, and never
asks a profile what it is worth in a month where nothing happened to it; what came
before is told as one change from nothing.
"""

from functools import cached_property
from itertools import accumulate
from operator import itemgetter

from recurring.mrr.calendar import month_at, month_end, month_index
from recurring.mrr.engine.accumulator import Accumulator, without_garbage_collection
from recurring.mrr.engine.inputs import LedgerInputs
from recurring.mrr.engine.levels import sum_categories
from recurring.mrr.engine.profile_changes import Change, partial_change
from recurring.mrr.money import PLACES, from_units
from recurring.mrr.results import (
    CLOSED,
    COMMITTED,
    TO_DATE,
    TOTALED,
    Explanation,
    Month,
    Movement,
    MovementLine,
)


class Ledger:
    """All movements from the month `first` to the month `last`, both included (any day stands for its month).

    Rows are plain tuples, as values_list() gives them, in any order; live rows only
    (no superseded terms, no undone endings). The terms may come as {profile id: rows}
    instead, oldest first, with amounts in ten-thousandths as the database keeps them:

        profiles  (id, client, start, end or None, currency)
        terms     (profile id, from_date, amount per month as monthly_amount() gives it, category, reason)
        pauses    (profile id, from_date, to_date or None, reason)
        endings   (profile id, end, reason)

    rates       ExchangeRates; without them all profiles must have one currency
    today       the month it is in is measured today and is "to date"; those after it are "committed"
    categories  look at these categories only (a set); None looks at all
    since       the first month that the timelines tell of, where that is before `first`
    rated_from  {currency: the month_index() of its first rate}: its profiles are not seen before it, and
                come in as a transfer
    recorded    whether it is to be asked for movements(), too: sums alone are had in less time

    ValueError: several currencies without rates; MissingRate (one too): a rate is needed and not there.
    """

    def __init__(
        self,
        profiles,
        terms,
        pauses=(),
        endings=(),
        *,
        first,
        last,
        rates=None,
        today=None,
        categories=None,
        since=None,
        recorded=True,
        rated_from=None,
    ):
        self.first, self.last = month_index(first), month_index(last)
        if self.first > self.last:
            raise ValueError(f"The first month ({first}) comes after the last ({last}).")
        self.recorded = recorded
        self.today_index = month_index(today) if today else -1
        endings, pauses = sorted(endings, key=itemgetter(1), reverse=True), list(pauses)
        rows = LedgerInputs(profiles, terms, pauses, endings, today, rated_from)
        self.end_reasons = {profile: reason for profile, _, reason in endings}
        self.pause_reasons = {(profile, rows.index(day)): reason for profile, day, _, reason in pauses}
        self.rates = rates or rows.only_currency()
        self.low = min(self.first, month_index(since or first)) - 1
        seen_until = today if self.low == self.today_index else month_end(month_at(self.low))
        self.foreign = rows.rate_columns(self.rates, self.low, self.first, self.last)
        self.places = PLACES + (self.rates.places if self.foreign else 0)
        self.sweep = Accumulator(self.low, self.first, self.last, self.foreign)
        with without_garbage_collection():
            chosen = None if categories is None else frozenset(categories)
            rows.pass_through(self.sweep, self.last, seen_until, chosen, recorded)

    @classmethod
    def of(cls, profiles, **options):
        """The ledger of Profile histories (profiles.py); options as for Ledger."""
        profiles = list(profiles)
        return cls(
            [
                (profile.id, profile.client, profile.start, profile.last_day, profile.currency)
                for profile in profiles
            ],
            [
                (profile.id, term.from_date, term.monthly, term.category, term.reason)
                for profile in profiles
                for term in profile.live_terms
            ],
            [
                (profile.id, pause.from_date, pause.to_date, pause.reason)
                for profile in profiles
                for pause in profile.pauses
            ],
            [
                (profile.id, ending.end, ending.reason)
                for profile in profiles
                for ending in profile.endings
                if ending.undone_at is None
            ],
            **options,
        )

    # The answers

    @property
    def timelines(self):
        """Every client's Timeline (engine/timelines.py), for retention and cohorts."""
        return self.sweep.timelines

    @cached_property
    def category_units(self):
        """See engine/levels.py."""
        return sum_categories(self.sweep)

    @cached_property
    def months(self):
        """The movements of every month, oldest first: [Month]."""
        by_category, exchange = self.category_units
        closing = [sum(column) for column in zip(*by_category.values(), strict=True)] or [0] * self.sweep.size
        paused = [0] * self.sweep.size
        for currency, steps in self.sweep.paused.items():
            rates = self.foreign.get(currency) or [1] * self.sweep.size
            native = zip(accumulate(steps), rates, strict=True)
            paused = [total + units * rate for total, (units, rate) in zip(paused, native, strict=True)]
        clients, paying = (list(accumulate(self.sweep.counts[name])) for name in ("clients", "paying"))
        months = []
        for index in range(self.first, self.last + 1):
            position = index - self.low
            amounts = {kind: self.amount(self.sweep.totals[kind][position]) for kind in TOTALED}
            months.append(
                Month(
                    month_at(index),
                    opening=self.amount(closing[position - 1]),
                    **amounts,
                    exchange=self.amount(exchange[position]),
                    paused=self.amount(paused[position]),
                    clients_opening=clients[position - 1],
                    clients_new=self.sweep.counts["new"][position],
                    clients_reactivated=self.sweep.counts["reactivation"][position],
                    clients_churned=self.sweep.counts["churn"][position],
                    clients=clients[position],
                    paying=paying[position],
                    status=self.status(index),
                )
            )
        return months

    @cached_property
    def categories(self):
        """MRR by category at each month-end, {category: [Decimal per month]}; 0 where there was none."""
        window = self.first - self.low
        by_category, _ = self.category_units
        return {
            category: [self.amount(units) for units in column[window:]]
            for category, column in by_category.items()
        }

    def month(self, month):
        """The Month of a day; ValueError outside the ledger."""
        return self.months[self.position(month)]

    def clients(self, month):
        """What every client is worth at a month-end, {client: Decimal above 0}, largest first."""
        return {client: self.amount(units) for client, units in self.rank_movements(month)}

    def rank_movements(self, month):
        """The same in units, which shares are reckoned with: [(client, units)]."""
        index = self.first + self.position(month)
        if self.foreign:
            worth = {client: self.native_units(client, index, index) for client in self.sweep.native}
        else:
            worth = {timeline.client: timeline.units(index) for timeline in self.timelines}
        return sorted((item for item in worth.items() if item[1]), key=itemgetter(1), reverse=True)

    def native_units(self, client, index, priced):
        """A client's units in all currencies at the month-end `index`, at the rates of `priced`."""
        return sum(
            units * self.foreign[currency][priced - self.low]
            for changed, currency, units, _ in self.sweep.native[client]
            if changed <= index
        )

    def revalue(self, units, currency, priced):
        """Units of timelines in one currency, converted from the last month's rate to that of `priced`."""
        if not self.foreign:
            return units
        rates = self.foreign[currency]
        return units // rates[-1] * rates[priced - self.low]  # exact: they are a multiple of it

    def movements(self, month, kind=None):
        """Who moved in a month: [Movement], largest first; of one kind, or of all (with "exchange")."""
        if not self.recorded:
            raise ValueError("The ledger has not recorded who moved.")
        position = self.position(month)
        movements = [
            Movement(self.months[position].month, client, name, self.amount(units), self.lines(name, changes))
            for name, units, client, changes in self.sweep.recorded[position]
            if kind in (None, name)
        ]
        if kind in (None, "exchange"):
            movements += self.exchange_movements(position)
        return sorted(movements, key=lambda movement: -abs(movement.amount))

    def explanation(self, month):
        """Why a month is what it is: its totals, and who moved by kind, largest first."""
        by_kind = {}
        for movement in self.movements(month):
            by_kind.setdefault(movement.kind, []).append(movement)
        return Explanation(self.month(month), by_kind)

    def exchange_movements(self, position):
        """What the rates alone did to each client in a month."""
        place, movements = self.first + position - self.low, []
        for client, steps in self.sweep.native.items():
            units = sum(
                (step if changed < self.first + position else -released)
                * (self.foreign[currency][place] - self.foreign[currency][place - 1])
                for changed, currency, step, released in steps
                if changed <= self.first + position
            )
            if units:
                movements.append(
                    Movement(self.months[position].month, client, "exchange", self.amount(units))
                )
        return movements

    def lines(self, kind, changes):
        """The parts a client's profiles have in one movement: (Line, …); they add up to its signed amount."""
        lines, changes = [], list(map(Change._make, changes))
        rates = self.rates_of_movement(kind, changes)
        for change in changes:
            units, reason = partial_change(kind, change), change.reason
            if units == 0:
                continue
            if kind in ("churn", "contraction") and not change.after and not reason:
                reason = self.end_reasons.get(change.profile, "")
            elif kind == "pause":
                reason = self.pause_reasons.get((change.profile, change.month), "")
            amount = self.amount(units * rates[change.currency])
            lines.append(MovementLine(change.profile, amount, reason, change.old, change.new))
        return tuple(lines)

    def rates_of_movement(self, kind, changes):
        """{currency: rate} of one client's movement: a loss at the month-end before, a gain at this one.

        What expands and contracts in one currency is set off first; what moves between categories
        moves with what it was worth before.
        """
        if not self.foreign:
            return dict.fromkeys((change.currency for change in changes), 1)
        net = {}
        for change in changes:
            net[change.currency] = net.get(change.currency, 0) + partial_change(kind, change)
        position = changes[0].month - self.low
        return {
            currency: self.foreign[currency][position - (units < 0 or kind in ("transfer", "transferred"))]
            for currency, units in net.items()
        }

    def amount(self, units):
        """Units of the ledger's scale as a Decimal."""
        return from_units(units, self.places)

    def position(self, month):
        """Where a month stands in the ledger's months."""
        index = month_index(month)
        if not self.first <= index <= self.last:
            raise ValueError(f"{month:%B %Y} is not in this ledger.")
        return index - self.first

    def status(self, index):
        """Whether a month is closed, to date or committed."""
        if self.today_index < 0 or index < self.today_index:
            return CLOSED
        return TO_DATE if index == self.today_index else COMMITTED
