"""Strategies that read and count one page of a result with as few queries as its kind allows.

Each takes a PageQuery and returns a Page. Counting ends at MAX_COUNTED_ROWS, beyond which nobody reads.
"""

from dataclasses import dataclass, field, replace

from django.db.models import Count, QuerySet

from crud.db.expressions import IdIn
from crud.pagination.aggregates import (
    MAX_COUNTED_ROWS,
    CappedCount,
    CappedIdArrayAgg,
    CappedTotalCount,
    IdArrayAgg,
    capped_counts,
)
from crud.pagination.page import Page, last_page_number


@dataclass(frozen=True)
class PageQuery:
    """One page to read of ordered records, and what is counted and summed in the same queries."""

    records: QuerySet
    number: int
    size: int
    totals: tuple = ()
    base: QuerySet | None = None  # the records before filters; None if there are no filters
    suggestions: dict = field(default_factory=dict)  # {key: function of the matches, returns a queryset}
    is_summed: bool = False  # whether to sum a result of any size

    @property
    def start(self):
        return (self.number - 1) * self.size

    def read_ids(self):
        """Return the ids of the page, which an index alone can tell."""
        return list(self.records.values_list("pk", flat=True)[self.start : self.start + self.size])

    def counts(self, matches=None):
        """Return the aggregates that count; `matches` are the records of a search, if known by their ids."""
        counts = {"record_count": Count("*")}
        for key, get_records in self.suggestions.items():
            counts[f"suggestion_{key}"] = CappedCount(get_records(matches))
        if self.base is not None:
            counts["base_count"] = CappedTotalCount(self.base)
        return counts

    def sums(self):
        """Return the aggregates of the totals."""
        return {
            f"total_{place}": total.aggregate() for place, total in enumerate(self.totals) if total.aggregate
        }

    def exact_sums(self):
        """Return the aggregates that count and sum the result to its end."""
        return {"record_count": Count("*"), **self.sums()}

    def clamped_to(self, count):
        """Return the query with its number held to the pages of so many records."""
        last = last_page_number(min(count, MAX_COUNTED_ROWS), self.size)
        return replace(self, number=min(max(self.number, 1), last))


def choose_strategy(is_search, is_by_tags):
    """Return the function that reads a page of such a result."""
    if is_search:
        return paginate_search
    return paginate_by_ids if is_by_tags else paginate_plain


def paginate_plain(query):
    """Read a page by an index; a first page that is not full is counted by its own ids."""
    query = query.clamped_to(MAX_COUNTED_ROWS)
    ids = query.read_ids() if query.number == 1 else None
    if ids is not None and len(ids) < query.size:
        result = query.records.model.objects.filter(pk__in=ids or [0]).order_by()
        return build_page(query, ids, result.aggregate(**query.counts(), **query.sums()))
    result = query.records.order_by()
    # A filtered result is most often not too long; summing it with the count saves another query.
    sums = query.sums() if query.base is not None else {}
    figures = result[: MAX_COUNTED_ROWS + 1].aggregate(**query.counts(), **sums)
    needs_sums = query.is_summed if figures["record_count"] > MAX_COUNTED_ROWS else not sums
    if query.totals and needs_sums:
        figures |= result.aggregate(**query.exact_sums())
    if ids is None:
        query = query.clamped_to(figures["record_count"])
        ids = query.read_ids()
    return build_page(query, ids, figures)


def paginate_search(query):
    """Search once for the ids, in the order of storage; the page and its figures are of those ids.

    A search looks at every row, so it must not run again for the page, the counts and each suggestion.
    """
    result = query.records.order_by()[: MAX_COUNTED_ROWS + 1]
    found_ids = result.aggregate(number=Count("*"), pks=CappedIdArrayAgg())
    if found_ids["number"] > MAX_COUNTED_ROWS:
        return paginate_long_search(query.clamped_to(MAX_COUNTED_ROWS))
    matches = query.records.model.objects.filter(IdIn(found_ids["pks"] or []))
    order = query.records.query.order_by
    ordered_matches = matches.order_by(*order) if order else matches
    return build_page(*count_with_ids(replace(query, records=ordered_matches), matches))


def paginate_long_search(query):
    """Read a page of a search with more matches than are counted, without counting them again.

    The list's order soon comes upon enough of them to fill the page.
    """
    figures = dict.fromkeys(("record_count", "base_count"), MAX_COUNTED_ROWS + 1)
    counts = capped_counts(*(get_records(None) for get_records in query.suggestions.values()))
    figures |= {f"suggestion_{key}": count for key, count in zip(query.suggestions, counts, strict=True)}
    if query.totals and query.is_summed:
        figures |= query.records.order_by().aggregate(**query.exact_sums())
    return build_page(query, query.read_ids(), figures)


def paginate_by_ids(query):
    """Read a page of records that are slow to find, such as those with some tags, in one pass."""
    return build_page(*count_with_ids(query))


def count_with_ids(query, matches=None):
    """Count, sum and list the ids of the page in one query; return the clamped query, ids and figures."""
    query = query.clamped_to(MAX_COUNTED_ROWS)
    ids = IdArrayAgg(query.start, query.start + query.size)
    figures = query.records[: MAX_COUNTED_ROWS + 1].aggregate(
        pks=ids, **query.counts(matches), **query.sums()
    )
    if figures["record_count"] > MAX_COUNTED_ROWS and query.is_summed:
        figures |= query.records.order_by().aggregate(**query.exact_sums())
    clamped = query.clamped_to(figures["record_count"])
    if clamped.number < query.number:
        return clamped, clamped.read_ids(), figures
    return query, figures["pks"] or [], figures


def build_page(query, ids, figures):
    """Read the records of the page by their ids; return it with its figures from the aggregates' values."""
    records = query.records.model.objects.in_bulk(ids) if ids else {}
    count = figures["record_count"]
    is_capped = count > MAX_COUNTED_ROWS
    return Page(
        records=[records[pk] for pk in ids if pk in records],  # less those deleted at this moment
        number=query.number,
        size=query.size,
        count=min(count, MAX_COUNTED_ROWS),
        exact_count=count,
        is_capped=is_capped,
        base_count=None if query.base is None else count_or_none(figures["base_count"]),
        suggestion_counts={key: count_or_none(figures[f"suggestion_{key}"]) for key in query.suggestions},
        totals=[] if is_capped and not query.is_summed else finish_totals(query.totals, figures),
        is_summed=query.is_summed,
    )


def count_or_none(count):
    """Return a capped count, None for more than are counted."""
    count = count or 0
    return None if count > MAX_COUNTED_ROWS else count


def finish_totals(totals, figures):
    """Return [(label, figure)] of the totals; one without an aggregate is made of the others' values."""
    values = [figures.get(f"total_{place}") for place in range(len(totals))]
    sums = [value for value, total in zip(values, totals, strict=True) if total.aggregate]
    return [
        (total.label, total.finish(value if total.aggregate else sums))
        for value, total in zip(values, totals, strict=True)
    ]
