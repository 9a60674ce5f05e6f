"""Search text of a record, and the conditions that search it."""

import functools
import operator

from django.db import models, transaction
from django.db.models import Q

from crud import display
from crud.db.batches import split_into_batches
from crud.db.expressions import LabeledLine, contains_text
from crud.db.prefetch import attach_related
from crud.parsing.date_texts import parse_dates
from crud.related import business_relations
from crud.search import SearchTerm, digits, normalize_text, parse_terms
from workspaces.models import WorkspaceQuerySet
from workspaces.tenancy.scope import lock_workspace_writes

BATCH_SIZE = 1000  # rows read and written by one statement


def get_line_label(place):
    """Return the character that begins the line of a field in search_text; no search can contain it."""
    return chr(1 + place)


def find_bare_numbers(text):
    """Return the digits of a text that is a number, for a phone also without the zero to be left out."""
    if parse_dates(text):
        return []
    bare = [digits(text)]
    return [*bare, digits(text.replace("(0)", ""))] if "(0)" in text and bare[0] else bare


class SearchableQuerySet(WorkspaceQuerySet):
    def search(self, text):
        """The rows in which every term of `text` occurs, in whichever of the fields that are shown."""
        for term in self.model.search_terms(text):
            condition = self.model.build_search_condition(term)
            self = self.exclude(condition) if term.is_excluded else self.filter(condition)
        return self

    def refresh_search_text(self):
        """Renew what the rows are found by, after something they show was changed elsewhere."""
        pks = list(self.order_by().values_list("pk", flat=True))
        for batch in split_into_batches(pks, BATCH_SIZE):
            # Locked, or what somebody saves meanwhile would be missing in the text; in order, or two
            # who do this at once could wait for each other.
            records = self.model.with_trash.select_for_update(no_key=True).order_by("pk")
            with transaction.atomic():
                lock_workspace_writes()
                rows = self.model.load_for_search(records.filter(pk__in=batch))
                for row in rows:
                    row.search_text = row.build_search_text()
                self.model.with_trash.bulk_update(rows, ["search_text"])


class Searchable(models.Model):
    """Model with the normalized text of all that it shows, in which lists and the search page look."""

    # The fields whose text goes into search_text; and, of small kinds that are renamed at will, those
    # that are compared when a search runs: {field: model}.
    searched = ()
    searched_choices = {}
    # The fields of `searched` that have text filters: each has a line of its own in search_text.
    filtered_texts = ()

    search_text = models.TextField(default="", editable=False)

    class Meta:
        abstract = True

    @classmethod
    def search_terms(cls, text):
        """Return the terms of a search text."""
        return parse_terms(text)

    def build_search_text(self):
        """Every text it shows, its own and its relations', normalized, a line each; numbers bare too."""
        labeled = [
            f"{get_line_label(place)}{normalize_text(getattr(self, name))}"
            for place, name in enumerate(self.filtered_texts)
        ]
        parts = [
            part for text in self.search_parts() for part in (normalize_text(text), *find_bare_numbers(text))
        ]
        lines = dict.fromkeys(part for part in parts if part)
        return "\n".join([*labeled, *lines, ""] if labeled else lines)

    @classmethod
    def load_for_search(cls, rows):
        """The rows as a list, with all at hand that `search_parts` reads: some queries for many rows."""
        return attach_related(rows, (*cls.searched, *cls.searched_choices))

    def search_parts(self):
        """The texts that the row is found by."""
        for name in self.searched:
            if name in self.filtered_texts:
                yield from ()  # see build_search_text
            elif name != "tags":
                yield from display.search_texts(self, name)
            elif self.pk:
                yield from map(str, display.many(self, name))

    @classmethod
    def build_text_condition(cls, name, term: SearchTerm):
        """The condition under which the text of one field, of `filtered_texts`, holds the term."""
        line = LabeledLine("search_text", get_line_label(cls.filtered_texts.index(name)))
        # The whole text first, which is quick: most rows end there.
        conditions = [contains_text("search_text", form) & contains_text(line, form) for form in term.forms]
        return functools.reduce(operator.or_, conditions)

    @classmethod
    def build_search_condition(cls, term: SearchTerm):
        """The condition under which a row holds the term."""
        conditions = [contains_text("search_text", form) for form in term.forms]
        for name, model in cls.searched_choices.items():
            ids = [pk for pk, row in model.objects.all_by_id().items() if term.is_in(str(row))]
            if ids:
                conditions.append(Q(**{f"{name}__in": ids}))
        return functools.reduce(operator.or_, conditions)

    def refresh_referring_records(self):
        """Let the records that show this one's name be found by it, also those that the CRM does not know."""
        for relation in business_relations(type(self)):
            model = relation.related_model
            if relation.field.name in model.searched:
                model.objects.filter(**{relation.field.name: self}).refresh_search_text()
