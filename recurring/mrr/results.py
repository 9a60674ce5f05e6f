"""What a Ledger answers with: months, movements and their lines. Amounts are Decimal in the base currency."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

GAINS = ("new", "reactivation", "expansion", "uplift", "resume")
LOSSES = ("contraction", "churn", "pause")
TOTALED = (*GAINS, *LOSSES, "transfer", "transferred")

CLOSED, TO_DATE, COMMITTED = "closed", "to date", "committed"


@dataclass(frozen=True, slots=True)
class Month:
    """One month's movements, in the base currency; losses are positive numbers.

    `transfer` is what moved into the chosen categories less what moved out: 0 when
    all are looked at, as `transferred` then only changed places. `paused` is what
    paused lines would be worth. `clients` counts paused ones, `paying` does not.
    `status` is "closed", "to date" (its closing is today's) or "committed".
    """

    month: date
    opening: Decimal = Decimal(0)
    new: Decimal = Decimal(0)
    reactivation: Decimal = Decimal(0)
    expansion: Decimal = Decimal(0)
    uplift: Decimal = Decimal(0)
    resume: Decimal = Decimal(0)
    contraction: Decimal = Decimal(0)
    churn: Decimal = Decimal(0)
    pause: Decimal = Decimal(0)
    exchange: Decimal = Decimal(0)
    transfer: Decimal = Decimal(0)
    transferred: Decimal = Decimal(0)
    paused: Decimal = Decimal(0)
    clients_opening: int = 0
    clients_new: int = 0
    clients_reactivated: int = 0
    clients_churned: int = 0
    clients: int = 0
    paying: int = 0
    status: str = CLOSED

    @property
    def gains(self):
        return self.new + self.reactivation + self.expansion + self.uplift + self.resume

    @property
    def losses(self):
        return self.contraction + self.churn + self.pause

    @property
    def net_new(self):
        """Net new MRR: gains less losses, without exchange and transfer."""
        return self.gains - self.losses

    @property
    def closing(self):
        """The MRR of the month, by the identity."""
        return self.opening + self.net_new + self.exchange + self.transfer


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One profile's part in a client's movement; `amount` is signed, in the base currency."""

    profile: Any
    amount: Decimal
    reason: str
    category_before: Any
    category_after: Any


@dataclass(frozen=True, slots=True)
class Movement:
    """What one client did in a month; the amount is positive, save of "exchange" and "transfer"."""

    month: date
    client: Any
    kind: str
    amount: Decimal
    lines: tuple[MovementLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A month explained: its totals and every client's movements, largest first, by kind."""

    totals: Month
    movements: dict[str, list[Movement]]
