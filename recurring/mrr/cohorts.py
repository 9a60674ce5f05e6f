"""Clients followed over time: retention between two month-ends, and the cohorts of a start month.

Every figure is at the exchange rates of the month that it ends with: the rates' ups and downs are
neither growth nor churn, and a rate of a later month changes nothing.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from operator import add

from recurring.mrr.calendar import month_at, month_index
from recurring.mrr.metrics import share


@dataclass(frozen=True, slots=True)
class Retention:
    """GRR and NRR of a month against an earlier one, fractions or None; and what they are made of."""

    month: date
    opening: Decimal  # MRR then of the clients live then
    kept: Decimal  # of that, Σ min(then, now)
    closing: Decimal  # MRR now of the clients live then

    @property
    def gross(self):
        return share(self.kept, self.opening)

    @property
    def net(self):
        return share(self.closing, self.opening)


def retention_series(ledger, first, last, months=12):
    """12-month GRR and NRR by endpoints at every month-end from first to last: [Retention].

    One walk over what changed in the window; a client to whom nothing happened is one addition.
    ValueError where the ledger's timelines do not reach so far back: see its `since`.
    """
    begin, size = month_index(first), month_index(last) - month_index(first) + 1
    check_reach(ledger, begin - months)
    by_currency, mixed = {}, []
    for timeline in ledger.timelines:
        entries = timeline.entries
        if entries[0][0] > begin + size - 1 - months:
            continue  # not yet there at any start
        if timeline.currency is None:
            mixed.append(timeline.client)
            continue
        if timeline.currency not in by_currency:
            by_currency[timeline.currency] = [[0] * size for _ in range(3)]
        initial, retained, current = by_currency[timeline.currency]
        opening = smaller = closing = 0
        for offset, was, is_ in turning_points(entries, begin, size, months):
            least, worth = was if was < is_ else is_, is_ if was else 0
            initial[offset] += was - opening
            retained[offset] += least - smaller
            current[offset] += worth - closing
            opening, smaller, closing = was, least, worth
    sums = {code: [list(accumulate(column)) for column in columns] for code, columns in by_currency.items()}
    series = []
    for offset, month in enumerate(range(begin, begin + size)):
        units = [
            sum(ledger.revalue(columns[part][offset], code, month) for code, columns in sums.items())
            for part in range(3)
        ]
        for client in mixed:
            if was := ledger.native_units(client, month - months, month):
                is_ = ledger.native_units(client, month, month)
                units = [
                    total + addend for total, addend in zip(units, (was, min(was, is_), is_), strict=True)
                ]
        series.append(Retention(month_at(month), *map(ledger.amount, units)))
    return series


def turning_points(entries, begin, size, months):
    """[(position, units `months` ago, units)]: at position 0, and wherever either changes after it."""
    points, count, lagging, leading, was, is_, offset = [], len(entries), 0, 0, 0, 0, 0
    while offset < size:
        while leading < count and entries[leading][0] <= begin + offset:
            is_ = entries[leading][1]
            leading += 1
        while lagging < count and entries[lagging][0] <= begin + offset - months:
            was = entries[lagging][1]
            lagging += 1
        points.append((offset, was, is_))
        if lagging == count:
            break  # what leads has come before
        offset = entries[lagging][0] + months - begin
        if leading < count and entries[leading][0] - begin < offset:
            offset = entries[leading][0] - begin
    return points


def check_reach(ledger, index):
    if index < ledger.low:
        raise ValueError(f"The ledger tells of its clients from {month_at(ledger.low):%B %Y} on.")


@dataclass(frozen=True, slots=True)
class Cohort:
    """The clients whose first MRR was at one month-end, by months since (0 is that month).

    `clients` counts who still is a client (paused ones are); `kept` and `mrr` are what
    GRR and NRR are made of, Σ min(first MRR, MRR now) and Σ MRR now; `begun` is the first
    MRR at the exchange rates of each of these months.
    """

    month: date
    clients: list[int]
    kept: list[Decimal]
    mrr: list[Decimal]
    begun: list[Decimal]

    @property
    def gross(self):
        """GRR by months since, fractions."""
        return [share(*pair) for pair in zip(self.kept, self.begun, strict=True)]

    @property
    def net(self):
        """NRR by months since, fractions."""
        return [share(*pair) for pair in zip(self.mrr, self.begun, strict=True)]


def cohorts(ledger, first, last):
    """The cohorts of the start months from first to last, followed to the ledger's last month: [Cohort].

    A month in which nobody started is left out; a returning client stays in the first cohort.
    ValueError where the ledger's timelines do not reach so far back (see its `since`), and with several
    currencies where its own months do not: only these have exchange rates of their own.
    """
    begin, end, until = month_index(first), month_index(last), ledger.last
    check_reach(ledger, begin - 1)
    if ledger.foreign and begin < ledger.first:
        raise ValueError(f"The ledger has exchange rates from {month_at(ledger.first):%B %Y} on.")
    columns_by_cohort, mixed = {}, {}
    for timeline in ledger.timelines:
        if timeline.was_client:
            continue
        started = None
        for month, units, is_client in timeline.entries:
            if started is None:
                if not units:
                    continue
                if not begin <= month <= end:
                    break
                started, initial, worth, smaller, was_client = month, units, 0, 0, 0
                place = month, timeline.currency
                if place not in columns_by_cohort:
                    columns_by_cohort[place] = [[0] * (until - month + 1) for _ in range(4)]
                clients, retained, mrr, begun = columns_by_cohort[place]
                begun[0] += units
                if timeline.currency is None:
                    mixed.setdefault(month, []).append(timeline.client)
            offset, least = month - started, min(initial, units)
            clients[offset] += is_client - was_client
            retained[offset] += least - smaller
            mrr[offset] += units - worth
            worth, smaller, was_client = units, least, is_client
    return [
        cohort_of(
            ledger,
            month,
            {code: columns_by_cohort[month, code] for began, code in columns_by_cohort if began == month},
            mixed,
        )
        for month in sorted({month for month, _ in columns_by_cohort})
    ]


def cohort_of(ledger, month, by_currency, mixed):
    """The Cohort that began in a month, of the sums by currency; clients of several are valued one by one."""
    size = ledger.last - month + 1
    clients, columns = [0] * size, [[0] * size for _ in range(3)]
    for code, (client_counts, *amounts) in by_currency.items():
        clients = list(map(add, clients, accumulate(client_counts)))
        if code is not None:
            for column, steps in zip(columns, amounts, strict=True):
                for offset, units in enumerate(accumulate(steps)):
                    column[offset] += ledger.revalue(units, code, month + offset)
    for client in mixed.get(month, ()):
        for offset in range(size):
            initial, current = (
                ledger.native_units(client, when, month + offset) for when in (month, month + offset)
            )
            for column, units in zip(columns, (min(initial, current), current, initial), strict=True):
                column[offset] += units
    return Cohort(month_at(month), clients, *(list(map(ledger.amount, column)) for column in columns))
