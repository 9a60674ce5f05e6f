"""One page of a result, and its size: counted no further than people read."""

from django.db.models import Count
from django.utils.functional import cached_property

from crud.db.expressions import IdIn
from crud.pagination.aggregates import (
    MAX_COUNTED_ROWS,
    CappedCount,
    CappedIdArrayAgg,
    CappedTotalCount,
    IdArrayAgg,
    capped_counts,
)


class Page:
    """The rows of one page, and what is to be said of the result they are from.

    By one query: how many rows were found, of how many (`whole`: those from which they were narrowed), and
    how many there are of others (`beside`: {name: a function that returns them}); by another, or by the same,
    the totals over them, where there are not too many. A result that fits on its first page is not searched
    twice; nor are others that are all among what a search found: their function gets the rows to look in.
    The rows of a search, and others that are not to be found twice (`is_at_once`), are counted in their
    order, and so the same query tells those of the page.
    """

    few = None  # the rows, where they are known by their ids;
    is_many = False  # or that they are more than are counted

    def __init__(
        self,
        rows,
        number,
        size,
        totals=(),
        whole=None,
        beside=None,
        is_summed_up=False,
        is_search=False,
        is_at_once=False,
    ):
        self.size, self.totals, self.whole, self.beside = size, totals, whole, beside or {}
        self.is_summed_up = is_summed_up  # whether totals are wanted whatever the size of the result
        self.model = rows.model
        if is_search:
            rows = self._resolve_search_ids(rows)
        self.number = min(max(number, 1), -(-MAX_COUNTED_ROWS // size))
        if self.few is not None or (is_at_once and not self.is_many):
            self.rows = self.counted_and_read(rows)
        elif self.number > 1:
            self.figures = self.run_counts(rows)
            self.number = min(self.number, self.last)
            self.rows = self.read(self.pks_of(rows))
        else:
            self.rows = self.read(self.pks_of(rows))
            if len(self.rows) < size:
                these = rows.model.objects.filter(pk__in=[row.pk for row in self.rows] or [0])
                self.figures = these.order_by().aggregate(**self.counts, **self.aggregates)
            else:
                self.figures = self.run_counts(rows)

    def _resolve_search_ids(self, rows):
        """The same rows by their ids, for a search, which has to look at every row: so it does that once.

        And in the order in which they are stored, not once more in the list's order for the page, nor for
        its figures. Where they are more than are counted, the list's order soon comes upon enough of them.
        """
        matches = rows.order_by()[: MAX_COUNTED_ROWS + 1].aggregate(number=Count("*"), pks=CappedIdArrayAgg())
        if matches["number"] > MAX_COUNTED_ROWS:
            self.is_many = True
            return rows
        self.few = rows.model.objects.filter(IdIn(matches["pks"] or []))
        return self.few.order_by(*rows.query.order_by) if rows.query.order_by else self.few

    def counted_and_read(self, rows):
        start = (self.number - 1) * self.size
        ids = IdArrayAgg(start, start + self.size)
        self.figures = rows[: MAX_COUNTED_ROWS + 1].aggregate(pks=ids, **self.counts, **self.aggregates)
        if self.is_capped and self.is_summed_up:
            self.figures |= rows.order_by().aggregate(found=Count("*"), **self.aggregates)
        if self.number > self.last:
            self.number = self.last
            return self.read(self.pks_of(rows))
        return self.read(self.figures["pks"] or [])

    def pks_of(self, rows):
        """The ids of the rows of this page: an index can tell them alone, and then they are read."""
        return list(
            rows.values_list("pk", flat=True)[(self.number - 1) * self.size : self.number * self.size]
        )

    def read(self, pks):
        records = self.model.objects.in_bulk(pks) if pks else {}
        return [records[pk] for pk in pks if pk in records]  # but for those deleted in this very moment

    @property
    def aggregates(self):
        return {
            f"total_{place}": total.aggregate() for place, total in enumerate(self.totals) if total.aggregate
        }

    @property
    def counts(self):
        suggestion_counts = {
            f"beside_{name}": CappedCount(get_rows(self.few)) for name, get_rows in self.beside.items()
        }
        if self.whole is not None:
            suggestion_counts["whole"] = CappedTotalCount(self.whole)
        return {"found": Count("*"), **suggestion_counts}

    def run_counts(self, rows):
        rows, at_once = rows.order_by(), {}
        if self.is_many:
            numbers = capped_counts(*(get_rows(None) for get_rows in self.beside.values()))
            figures = dict.fromkeys(("found", "whole"), MAX_COUNTED_ROWS + 1)
            figures |= {f"beside_{name}": number for name, number in zip(self.beside, numbers, strict=True)}
        else:
            # Some of many are most often not too many; adding them up with the count saves another look.
            at_once = self.aggregates if self.whole is not None else {}
            figures = rows[: MAX_COUNTED_ROWS + 1].aggregate(**self.counts, **at_once)
        is_missing = self.is_summed_up if figures["found"] > MAX_COUNTED_ROWS else not at_once
        if self.totals and is_missing:
            figures |= rows.aggregate(found=Count("*"), **self.aggregates)
        return figures

    @property
    def found(self):
        return min(self.figures["found"], MAX_COUNTED_ROWS)

    @property
    def exact(self):
        """How many rows were found, counted to the end if the page is summed up."""
        return self.figures["found"]

    @property
    def is_capped(self):
        """Whether more rows were found than are counted; those beyond are reached by narrowing the search."""
        return self.figures["found"] > MAX_COUNTED_ROWS

    @property
    def number_of_whole(self):
        """Of how many rows they were narrowed, None for more than are counted, or if they are all."""
        return None if self.whole is None else self.told("whole")

    @property
    def number_beside(self):
        """{name: how many there are of the others, None for more than are counted}."""
        return {name: self.told(f"beside_{name}") for name in self.beside}

    def told(self, name):
        number = self.figures[name] or 0
        return None if number > MAX_COUNTED_ROWS else number

    @cached_property
    def sums(self):
        """[(label, figure)] of the totals; nothing while there are more rows than are summed unasked."""
        if self.is_capped and not self.is_summed_up:
            return []
        values = [self.figures.get(f"total_{place}") for place in range(len(self.totals))]
        aggregated = [value for value, total in zip(values, self.totals, strict=True) if total.aggregate]
        return [
            (total.label, total.finish(value if total.aggregate else aggregated))
            for value, total in zip(values, self.totals, strict=True)
        ]

    @property
    def last(self):
        """The number of the last page."""
        return max(-(-self.found // self.size), 1)

    @property
    def first_row(self):
        return (self.number - 1) * self.size + 1

    @property
    def last_row(self):
        return self.first_row + len(self.rows) - 1

    @property
    def previous(self):
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self):
        return self.number + 1 if self.number < self.last else None
