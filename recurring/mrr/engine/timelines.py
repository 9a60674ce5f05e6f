"""The MRR of clients over time, and columns of numbers by month."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Timeline:
    """The MRR of one client: [(month index, units, is a client)], one entry per change, oldest first.

    All at the last month's exchange rates, so that what the rates do never looks
    like a client growing or shrinking; at those of another month: Ledger.revalue().
    A paused client is worth 0 and is a client. It begins with the ledger's first month;
    what was before is its first entry, and `was_client` says whether there was an MRR before all of them.
    `currency` is the one that all of it is paid in, None if there are several.
    """

    client: Any
    entries: list
    was_client: bool
    currency: Any = ""

    def units(self, index):
        """The units at a month-end."""
        for entry in reversed(self.entries):
            if entry[0] <= index:
                return entry[1]
        return 0


class Columns(dict):
    """{key: [a number per month]}; a key asked for the first time begins with zeros."""

    def __init__(self, size):
        self.size = size

    def __missing__(self, key):
        self[key] = column = [0] * self.size
        return column
