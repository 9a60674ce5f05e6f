"""Month against month: what every month was worth, and why it changed.

The Ledger compares, per client, each month-end with the one before:

    opening + new + reactivation + expansion + uplift + resume + exchange + transfer
            − contraction − churn − pause  =  closing

It goes once over what happened in the months asked for, client by client, and never
asks a profile what it is worth in a month where nothing happened to it; what came
before is told as one change from nothing.
"""

from collections import defaultdict
from datetime import date
from functools import cached_property
from itertools import accumulate, groupby
from operator import itemgetter

from recurring.exchange import ExchangeRates
from recurring.lines import NEVER, Change, changes, changes_with_pauses, part, was_paid, within
from recurring.money import ONE_DAY, PLACES, UNITS_PER_ONE, decimal, month_at, month_end, month_index
from recurring.months import CLOSED, COMMITTED, TO_DATE, TOTALED, Explanation, Line, Month, Movement
from recurring.sweep import Sweep, without_garbage_collection

first_item, day_of = itemgetter(0), itemgetter(1)


class Ledger:
    """All movements from the month `first` to the month `last`, both included (any day stands for its month).

    Rows are plain tuples, as values_list() gives them, in any order; live rows only
    (no superseded terms, no undone endings):

        profiles  (id, client, start, end or None, currency)
        terms     (profile id, from_date, amount per month as per_month() gives it, category, reason)
        pauses    (profile id, from_date, to_date or None, reason)
        endings   (profile id, end, reason)

    rates       ExchangeRates; without them all profiles must have one currency
    today       the month it is in is measured today and is "to date"; those after it are "committed"
    categories  look at these categories only (a set); None looks at all
    since       the first month that the timelines tell of, where that is before `first`
    in_units    the terms' amounts are ints of ten-thousandths, as the database keeps them

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
        in_units=False,
    ):
        self.first, self.last = month_index(first), month_index(last)
        if self.first > self.last:
            raise ValueError(f"The first month ({first}) comes after the last ({last}).")
        self.today, self.today_index = today or date.max, month_index(today) if today else -1
        self.chosen = None if categories is None else frozenset(categories)
        endings = sorted(endings, key=itemgetter(1), reverse=True)
        self.end_reasons = {profile: reason for profile, _, reason in endings}
        pauses = list(pauses)
        self.pause_reasons = {(profile, self.index(day)): reason for profile, day, _, reason in pauses}
        owned = self.owned_lines(profiles, endings)
        self.rates = rates or self.only_currency(owned)
        self.low = min(self.first, month_index(since or first)) - 1
        self.seen = self.today if self.low == self.today_index else month_end(month_at(self.low))
        self.foreign = self.rate_columns(owned)
        self.places = PLACES + (self.rates.places if self.foreign else 0)
        with without_garbage_collection():
            self.sweep = self.swept(owned, self.owned_terms(terms, in_units), self.dated_pauses(pauses))

    @classmethod
    def of(cls, profiles, **options):
        """The ledger of Profile histories (histories.py); options as for Ledger."""
        profiles = list(profiles)
        return cls(
            [(each.id, each.client, each.start, each.last_day, each.currency) for each in profiles],
            [
                (each.id, term.from_date, term.monthly, term.category, term.reason)
                for each in profiles
                for term in each.live_terms
            ],
            [
                (each.id, pause.from_date, pause.to_date, pause.reason)
                for each in profiles
                for pause in each.pauses
            ],
            [
                (each.id, ending.end, ending.reason)
                for each in profiles
                for ending in each.endings
                if ending.undone_at is None
            ],
            **options,
        )

    # Reading the rows

    def index(self, day):
        """The first month whose closing sees what begins on this day.

        The current month closes today, so what comes later in it is seen by the next.
        """
        index = day.year * 12 + day.month - 1
        return index + 1 if index == self.today_index and day > self.today else index

    def owned_lines(self, profiles, endings):
        """{client: [(profile, currency, start, stop)]} in month indexes."""
        ends = {}
        for profile, end, _ in endings:
            ends[profile] = min(end, ends.get(profile, end))
        owned, index = {}, self.index
        for profile, client, start, end, currency in profiles:
            if profile in ends:
                end = min(end or date.max, ends[profile])
            stop = NEVER if end is None or end == date.max else index(end + ONE_DAY)
            owned.setdefault(client, []).append((profile, currency, index(start), stop))
        return owned

    def owned_terms(self, terms, in_units):
        """{profile: [(profile, day, units, category, reason)]}, as given."""
        owned = defaultdict(list)
        if in_units:
            for row in terms:
                owned[row[0]].append(row)
        else:
            for profile, day, monthly, *rest in terms:
                owned[profile].append((profile, day, int(monthly * UNITS_PER_ONE), *rest))
        return owned

    def dated_pauses(self, pauses):
        """{profile: [(first month paused, first month not)]}; those that hold no month-end are left out."""
        dated = {}
        for profile, day, to_date, _ in pauses:
            begin, until = self.index(day), NEVER if to_date is None else self.index(to_date + ONE_DAY)
            if begin < until:
                dated.setdefault(profile, []).append((begin, until))
        return dated

    def only_currency(self, owned):
        """Rates for books in one currency, which need none."""
        currencies = {line[1] for lines in owned.values() for line in lines}
        if len(currencies) > 1:
            named = ", ".join(sorted(str(currency) for currency in currencies))
            raise ValueError(f"Several currencies ({named}) need exchange rates.")
        return ExchangeRates(base=next(iter(currencies), ""))

    def rate_columns(self, owned):
        """{currency: [rate in units, per month from self.low]}, or {} if all is in the base currency.

        Before the months asked for it matters only who was a client, not for how much, so
        no older rates are asked of anyone.
        """
        lines = [
            line for lines in owned.values() for line in lines if line[2] <= self.last and line[2] < line[3]
        ]
        currencies = {line[1] or self.rates.base for line in lines}
        if currencies <= {self.rates.base}:
            return {}
        columns = {}
        for currency in {line[1] for line in lines}:
            code = currency or self.rates.base
            needed = max(self.first - 1, min(line[2] for line in lines if line[1] == currency))
            earliest = self.rates.units(code, needed)
            columns[currency] = [
                earliest if index < needed else self.rates.units(code, index)
                for index in range(self.low, self.last + 1)
            ]
        return columns

    def swept(self, owned, terms, pauses):
        """The Sweep over all clients."""
        sweep = Sweep(self.low, self.first, self.last, self.foreign)
        index, last, chosen, no_terms = self.index, self.last, self.chosen, []
        is_plain = chosen is None and not self.foreign
        for client, lines in owned.items():
            found, over = [], []
            since, seen = self.low, self.seen
            if chosen is not None or (pauses and any(line[0] in pauses for line in lines)):
                since, seen = -1, date.min  # who moved in or was paused before is told in full
            for profile, currency, start, stop in lines:
                rows = terms.get(profile, no_terms)
                if len(rows) > 1:
                    rows.sort(key=day_of)  # stable: of two on one day the later given one counts
                line = profile, currency, start, stop, rows, index, last
                if profile in pauses:
                    found += changes_with_pauses(*line, pauses[profile])
                    continue
                made = changes(*line, since, seen)
                if start <= since and (not made or made[0][0] > since):
                    over.append((start, stop, rows))
                found += made
            if chosen is not None:
                found = within(found, chosen)
            if not found:
                continue
            was_client = bool(over) and any(was_paid(*line, index, since) for line in over)
            if len(lines) == 1:
                if is_plain and profile not in pauses:
                    sweep.add_line(client, found, was_client)
                else:
                    sweep.add(client, zip(found), was_client)  # a group of one each
            else:
                found.sort(key=first_item)
                groups = [tuple(group) for _, group in groupby(found, first_item)]
                sweep.add(client, groups, was_client)
        return sweep

    # The answers

    @property
    def timelines(self):
        """Every client's Timeline (sweep.py), for retention and cohorts."""
        return self.sweep.timelines

    @cached_property
    def category_units(self):
        """{category: [units at each month-end from self.low]}, and what exchange rates moved: [units]."""
        size = self.sweep.size
        by_category, exchange = {}, [0] * size
        for (currency, category), steps in self.sweep.levels.items():
            native = list(accumulate(steps))
            rates = self.foreign.get(currency)
            if rates:
                for at in range(1, size):
                    exchange[at] += native[at - 1] * (rates[at] - rates[at - 1])
                native = [units * rate for units, rate in zip(native, rates, strict=True)]
            if category in by_category:
                native = [one + other for one, other in zip(by_category[category], native, strict=True)]
            by_category[category] = native
        return by_category, exchange

    @cached_property
    def months(self):
        """The movements of every month, oldest first: [Month]."""
        by_category, exchange = self.category_units
        closing = [sum(column) for column in zip(*by_category.values(), strict=True)] or [0] * self.sweep.size
        paused = [0] * self.sweep.size
        for currency, steps in self.sweep.paused.items():
            rates = self.foreign.get(currency) or [1] * self.sweep.size
            native = zip(accumulate(steps), rates, strict=True)
            paused = [one + units * rate for one, (units, rate) in zip(paused, native, strict=True)]
        clients, paying = (list(accumulate(self.sweep.counts[name])) for name in ("clients", "paying"))
        months = []
        for index in range(self.first, self.last + 1):
            at = index - self.low
            amounts = {kind: self.amount(self.sweep.totals[kind][at]) for kind in TOTALED}
            months.append(
                Month(
                    month_at(index),
                    opening=self.amount(closing[at - 1]),
                    **amounts,
                    exchange=self.amount(exchange[at]),
                    paused=self.amount(paused[at]),
                    clients_opening=clients[at - 1],
                    clients_new=self.sweep.counts["new"][at],
                    clients_reactivated=self.sweep.counts["reactivation"][at],
                    clients_churned=self.sweep.counts["churn"][at],
                    clients=clients[at],
                    paying=paying[at],
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
        return {client: self.amount(units) for client, units in self.ranked(month)}

    def ranked(self, month):
        """The same in units, which shares are reckoned with: [(client, units)]."""
        index = self.first + self.position(month)
        if self.foreign:
            worth = {
                client: sum(
                    units * self.foreign[currency][index - self.low]
                    for changed, currency, units in steps
                    if changed <= index
                )
                for client, steps in self.sweep.native.items()
            }
        else:
            worth = {timeline.client: timeline.units(index) for timeline in self.sweep.timelines}
        return sorted((item for item in worth.items() if item[1]), key=itemgetter(1), reverse=True)

    def movements(self, month, kind=None):
        """Who moved in a month: [Movement], largest first; of one kind, or of all (with "exchange")."""
        at = self.position(month)
        found = [
            Movement(self.months[at].month, client, name, self.amount(units), self.lines(name, changes))
            for name, units, client, changes in self.sweep.recorded[at]
            if kind in (None, name)
        ]
        if kind in (None, "exchange"):
            found += self.exchange_movements(at)
        return sorted(found, key=lambda movement: -abs(movement.amount))

    def explanation(self, month):
        """Why a month is what it is: its totals, and who moved by kind, largest first."""
        by_kind = {}
        for movement in self.movements(month):
            by_kind.setdefault(movement.kind, []).append(movement)
        return Explanation(self.month(month), by_kind)

    def exchange_movements(self, at):
        """What the rates alone did to each client in a month."""
        place, found = self.first + at - self.low, []
        for client, steps in self.sweep.native.items():
            units = sum(
                step * (self.foreign[currency][place] - self.foreign[currency][place - 1])
                for changed, currency, step in steps
                if changed < self.first + at
            )
            if units:
                found.append(Movement(self.months[at].month, client, "exchange", self.amount(units)))
        return found

    def lines(self, kind, changes):
        """The parts a client's profiles have in one movement: (Line, …); they add up to its signed amount."""
        found = []
        for change in map(Change._make, changes):
            units, reason = part(kind, change), change.reason
            if units == 0:
                continue
            if kind in ("churn", "contraction") and not change.after and not reason:
                reason = self.end_reasons.get(change.profile, "")
            elif kind == "pause":
                reason = self.pause_reasons.get((change.profile, change.month), "")
            rate = self.foreign[change.currency][change.month - self.low] if self.foreign else 1
            found.append(Line(change.profile, self.amount(units * rate), reason, change.old, change.new))
        return tuple(found)

    def amount(self, units):
        """Units of the ledger's scale as a Decimal."""
        return decimal(units, self.places)

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
