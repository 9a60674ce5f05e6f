"""Amounts and months only: no database, no clock.

Amounts are Decimal. A line is normalized to a month at 4 places half-up; sums
of lines are exact; 2 places are for showing. Inside the engine an amount is an
int of ten-thousandths, because whole numbers cannot be rounded by accident.
A month is the date of its first day, as Django's TruncMonth gives it.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

Number = Decimal | int | str  # never a float: 0.1 is not one tenth

PLACES = 4
UNITS_PER_ONE = 10**PLACES
LARGEST = Decimal(10) ** 12

# How many months one interval is, as numerator and denominator: week × 52/12, day × 365/12.
# "once" is billed but does not recur, so it is worth nothing per month.
MONTHS_IN = {
    "day": (12, 365),
    "week": (12, 52),
    "month": (1, 1),
    "quarter": (3, 1),
    "half_year": (6, 1),
    "year": (12, 1),
    "once": None,
}


def parse_exact(
    number: Number, name: str, *, places: int = PLACES, below: Decimal | int = LARGEST
) -> Decimal:
    """The number as a Decimal, or a ValueError that says what is wrong with it.

    Takes Decimal, int or str; 0 ≤ number < `below`, at most `places` decimals.
    A float is refused: 0.1 is not one tenth.
    """
    if isinstance(number, (bool, float)) or not isinstance(number, (Decimal, int, str)):
        raise ValueError(f"{name} must be a Decimal, not {number!r}.")
    try:
        number = Decimal(number)
    except InvalidOperation:
        raise ValueError(f"{name} must be a number, not {number!r}.") from None
    if not number.is_finite():
        raise ValueError(f"{name} must be a number, not {number}.")
    if number < 0:
        raise ValueError(f"{name} must not be negative: {number}.")
    if number >= below:
        raise ValueError(f"{name} must be below {below:f}: {number}.")
    if number != round(number, places):
        raise ValueError(f"{name} may have at most {places} decimals: {number}.")
    return number


def to_units(amount: Number, name: str = "The amount") -> int:
    """The amount in ten-thousandths, an int; ValueError as in exact()."""
    return int(parse_exact(amount, name) * UNITS_PER_ONE)


def from_units(whole: int, places: int = PLACES) -> Decimal:
    """The inverse of units(): 1666667 → Decimal("166.6667")."""
    return Decimal(whole).scaleb(-places)


def monthly_amount(
    amount: Number, unit: str = "month", count: int = 1, *, quantity: Number = 1, discount: Number = 0
) -> Decimal:
    """The MRR of one line: amount × quantity less discount, per `count` × `unit`, at 4 places half-up.

    amount    net, in the line's currency, for one piece and one interval
    unit      a key of MONTHS_IN: "day", "week", "month", "quarter", "half_year", "year", "once"
    count     how many units an interval is: 18 with "month" is paid every 18 months
    discount  percent, 0 to 100, counted in full (ChartMogul, ProfitWell, Baremetrics;
              Stripe leaves out a discount that ends)

    ValueError: a negative amount, quantity or discount, more than 4 decimals, not a
    number, an unknown unit, a count that is not a whole number from 1.
    Source: ChartMogul, "How MRR is calculated".
    """
    if unit not in MONTHS_IN:
        raise ValueError(f"The interval must be one of {', '.join(MONTHS_IN)}, not {unit!r}.")
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"The interval's count must be a whole number from 1, not {count!r}.")
    paid = to_units(amount) * to_units(quantity, "The quantity") * (1_000_000 - percent_units(discount))
    interval = MONTHS_IN[unit]
    if interval is None:
        return from_units(0)
    months, parts = interval
    monthly = half_up(paid * parts, UNITS_PER_ONE * 1_000_000 * months * count)
    if monthly >= LARGEST * UNITS_PER_ONE:
        raise ValueError(f"The amount per month must be below {LARGEST:f}: {from_units(monthly)}.")
    return from_units(monthly)


def percent_units(discount: Number) -> int:
    """A discount in ten-thousandths of a percent, an int from 0 to 1,000,000."""
    whole = to_units(discount, "The discount")
    if whole > 1_000_000:
        raise ValueError(f"The discount must be at most 100 percent: {discount}.")
    return whole


def half_up(numerator: int, denominator: int) -> int:
    """The whole number nearest to a fraction that is not negative; a half goes up."""
    return (2 * numerator + denominator) // (2 * denominator)


def round_shown(amount: Number) -> Decimal:
    """The amount as it is shown: 2 places half-up."""
    return Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)


def annualize(monthly: Decimal) -> Decimal:
    """ARR: MRR × 12. A run-rate, not what will be invoiced in a year."""
    return monthly * 12
