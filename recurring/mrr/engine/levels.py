"""Month-end levels of each category, from the accumulated changes."""

from itertools import accumulate


def sum_categories(accumulator):
    """Return {category: [units at each month-end]} and [units that exchange rates moved in each month].

    Both begin with the accumulator's first month, in units at the rates of each month.
    """
    by_category, exchange = {}, [0] * accumulator.size
    for (currency, category), changes in accumulator.levels.items():
        levels = list(accumulate(changes))
        if rates := accumulator.foreign.get(currency):
            for position, move in rate_moves(rates):
                exchange[position] += levels[position - 1] * move
            levels = [units * rate for units, rate in zip(levels, rates, strict=True)]
        if category in by_category:
            levels = [sum(pair) for pair in zip(by_category[category], levels, strict=True)]
        by_category[category] = levels
    for currency, released in accumulator.released.items():
        for position, move in rate_moves(accumulator.foreign[currency]):
            exchange[position] -= released[position] * move
    return by_category, exchange


def rate_moves(rates):
    """Yield (position, difference from the month before) of each month's rate but the first."""
    for position in range(1, len(rates)):
        yield position, rates[position] - rates[position - 1]
