"""One page of a list, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """The records of one page, and the figures of the whole result that they are from."""

    records: list
    number: int
    size: int
    count: int  # of the result, at most MAX_COUNTED_ROWS
    exact_count: int  # counted to the end if the result is summed
    is_capped: bool  # whether the result has more records than are counted
    base_count: int | None  # before filters; None for more than are counted, or without filters
    suggestion_counts: dict  # {key: number of records, None for more than are counted}
    totals: list  # [(label, figure)]; empty while there are more records than are summed unasked
    is_summed: bool  # whether totals were asked for, whatever the size of the result

    @property
    def last(self):
        """The number of the last page."""
        return last_page_number(self.count, self.size)

    @property
    def first_row(self):
        return (self.number - 1) * self.size + 1

    @property
    def last_row(self):
        return self.first_row + len(self.records) - 1

    @property
    def previous(self):
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self):
        return self.number + 1 if self.number < self.last else None


def last_page_number(count, size):
    """Return the number of the last page of so many records; an empty result has one page, too."""
    return max(-(-count // size), 1)
