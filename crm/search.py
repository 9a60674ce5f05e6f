"""Search everything: the first hits of every kind that the CRM keeps, those by name before the others."""

import functools
import operator
from dataclasses import dataclass

from crm.viewsets import ENTITIES
from crud import display
from crud.db.expressions import contains_text
from crud.db.prefetch import attach_related
from crud.pagination.aggregates import MAX_COUNTED_ROWS, capped_counts
from crud.search import mark_matches, parse_terms

MOST_HITS = 5
# Viewsets of apps above the CRM, which add themselves at the start; searched after its own.
MORE = []


@dataclass(frozen=True)
class ModelHits:
    """What was found of one kind."""

    viewset: object
    number: int  # at most MAX_COUNTED_ROWS
    is_capped: bool
    hits: list  # [(row, its name marked, hint marked, why found)]


def searched_viewsets(user):
    """The kinds that are searched: those whose lists the user may see."""
    return [viewset for viewset in (*ENTITIES, *MORE) if user.has_perm(viewset.permission("list"))]


def search_all_models(text, viewsets):
    """[Hits] of the kinds of which something was found, in the order of the tabs."""
    words = parse_terms(text)
    if not words:
        return []
    querysets = [viewset.model.objects.search(text) for viewset in viewsets]
    numbers = capped_counts(*querysets)
    return [
        ModelHits(
            viewset,
            min(number, MAX_COUNTED_ROWS),
            number > MAX_COUNTED_ROWS,
            list(find_hits(viewset, rows, words)),
        )
        for viewset, rows, number in zip(viewsets, querysets, numbers, strict=True)
        if number
    ]


def name_label(viewset):
    return display.label(viewset.model, "name")


def find_hits(viewset, rows, words):
    """The first of the rows, made ready to be shown."""
    included = [term for term in words if not term.is_excluded]
    first = []
    if included:
        by_name = functools.reduce(
            operator.or_, [contains_text("name_key", form) for form in included[0].forms]
        )
        first = list(rows.filter(by_name)[:MOST_HITS])
    if len(first) < MOST_HITS:
        first += rows.exclude(pk__in=[row.pk for row in first])[: MOST_HITS - len(first)]
    for row in attach_related(first, viewset.shown, by_name=True):
        why = [(label, text) for label, text in viewset.why_found(row, words) if label != name_label(viewset)]
        yield (
            row,
            mark_matches(str(row), words),
            mark_matches(row.hint, words),
            ", ".join(str(label) for label, _ in why),
        )
