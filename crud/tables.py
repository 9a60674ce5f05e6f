"""Tables of records: columns, sort order, cells, and the reasons why a search matched."""

import copy

import django_tables2 as tables
from django.conf import settings
from django.db.models import Case, CharField, F, TextField, When
from django.utils.functional import cached_property
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.translation import gettext as _

from crud import display
from crud.db.expressions import CaseFolded
from crud.db.prefetch import attach_related
from crud.search import excerpt

NOTHING = conditional_escape("")
MARK = "<mark>"  # around what a search matched


class ValueColumn(tables.Column):
    """A field as crud.display shows it, sorted by its model's `sort_keys`."""

    def __init__(self, *args, model, name, keys, priority, **kwargs):
        self.value, self.field = display.display_for(model, name), display.field_of(model, name)
        self.name, self.keys, self.priority = name, keys, priority
        kind = self.field.get_internal_type() if self.field is not None else ""
        is_number = kind.endswith("IntegerField") and not self.field.choices
        is_short = kind.endswith(("DateField", "DateTimeField", "IntegerField"))
        css = [f"col-{name}", is_number and "number", is_short and "short", priority and f"rank-{priority}"]
        self.css = conditional_escape(" ".join(filter(None, css)))  # once, not for every cell
        super().__init__(*args, verbose_name=display.label(model, name), orderable=bool(keys), **kwargs)

    def __deepcopy__(self, memo):
        # Each request's table copies its columns, but not the model's field and all it leads to: 4 instead
        # of 27 µs a column.
        return copy.copy(self)

    def order(self, queryset, is_descending):
        # Blanks come last in both directions and on both databases. The pk decides between equal rows, or
        # one of them could be on two pages and another on none.
        order = []
        if (
            self.field is not None
            and getattr(self.field, "empty_strings_allowed", False)
            and self.field.blank
        ):
            order.append(Case(When(**{self.name: ""}, then=1), default=0))
        for key in self.keys:
            key, may_be_null = get_sort_key(queryset.model, key)
            nulls = {"nulls_last": True} if may_be_null else {}  # else no index would fit
            order.append(key.desc(**nulls) if is_descending else key.asc(**nulls))
        return queryset.order_by(*order, "-pk" if is_descending else "pk"), True


class NameColumn(ValueColumn):
    """The first column: the name of the record, linked to its page, and why a search matched."""

    def why(self, viewset, record, terms, marked_columns):
        """Return the labels of the fields that match and that no column marks, with excerpts.

        marked_columns  {label: priority} of the columns that mark a match in this row. If all matches are
                        marked, the labels are for widths at which a column is left out.
        """
        reasons, css = viewset.why_found(record, terms), "why"
        if unmarked := [reason for reason in reasons if reason[0] not in marked_columns]:
            reasons = unmarked
        elif priority := max((marked_columns[label] for label, _ in reasons), default=0):
            css = f"why is-seen-{priority}"
        else:
            return ""
        parts = [
            format_html("{}{}", label, format_html(": {}", excerpt(text, terms)) if text else "")
            for label, text in reasons
        ]
        joined = format_html_join(", ", "{}", ((part,) for part in parts))
        return format_html(
            '<small class="{}">{}</small>', css, format_html(_("matched: {fields}"), fields=joined)
        )


class Table(tables.Table):
    """A table of a ModelViewSet's columns."""

    class Meta:
        order_by_field = "sort"

    viewset = None  # the viewset it was made from
    terms = ()  # of the search
    records = ()  # of the page, see `show`

    @property
    def ordered_rows(self):
        """Queryset of the whole result, in order."""
        return self.data.data

    @cached_property
    def headers(self):
        """[(label, CSS classes, name, direction it is sorted in or "", value of `sort` for a click)]."""
        headers = []
        for bound in self.columns:
            direction = ""
            if bound.is_ordered:
                direction = "descending" if bound.order_by_alias.is_descending else "ascending"
            following = bound.order_by_alias.next if bound.orderable else ""
            headers.append((bound.header, bound.column.css, bound.name, direction, following))
        return headers

    def show(self, rows):
        """Set the rows of the page, and fetch the related records that their cells show."""
        names = self.viewset.shown if self.terms else self.viewset.columns
        self.records = attach_related(rows, names, by_name=True)
        self.cells = {}  # see `cell`

    def cell(self, value, record):
        """Return a cell as HTML; cells that are the same in many rows are made once.

        Measured: a list of 100 rows takes 47 instead of 89 ms. See crud/fastpath/README.md.
        """
        cache_key = value.cache_key(record) if settings.FASTPATH else None
        if cache_key is None:
            return value.cell(record, self.terms)
        if (value, cache_key) not in self.cells:
            self.cells[value, cache_key] = value.cell(record, self.terms)
        return self.cells[value, cache_key]

    def lines(self):
        """Yield a dict for each row of the page: pk, record, name, why it matched, and cells as HTML."""
        first, *other_columns = [bound.column for bound in self.columns]
        cells = [(f"cell_{column.name}", column.value) for column in other_columns]
        for record in self.records:
            line = {
                "pk": record.pk,
                "record": record,
                "name": first.value.html(record, self.terms),
                "why": NOTHING,
                **{name: self.cell(value, record) for name, value in cells},
            }
            if self.terms:
                marked_columns = {first.verbose_name: 0} if MARK in line["name"] else {}
                for column in other_columns:
                    if MARK in line[f"cell_{column.name}"]:
                        marked_columns[column.verbose_name] = column.priority
                line["why"] = first.why(self.viewset, record, self.terms, marked_columns)
            yield line


def build_table_class(viewset):
    """Return the table class of a viewset: a column for each of its `columns`, the first one linked."""
    columns = {}
    for name in viewset.columns:
        field = display.field_of(viewset.model, name)
        keys = viewset.sort_keys.get(name, () if field is None or field.many_to_many else (name,))
        column = ValueColumn if columns else NameColumn
        columns[name] = column(
            model=viewset.model, name=name, keys=keys, priority=viewset.priorities.get(name, 0)
        )
    return type(f"{viewset.model.__name__}Table", (viewset.table,), {**columns, "viewset": viewset})


def get_sort_key(model, key):
    """Return (expression, can it be null?) for a path to a field, or for an expression."""
    if not isinstance(key, str):
        return key, False
    may_be_null = False
    for step in key.split("__"):
        field = model._meta.get_field(step)
        may_be_null, model = may_be_null or field.null, field.related_model
    is_text = isinstance(field, (CharField, TextField)) and not getattr(field, "is_normalized", False)
    return (CaseFolded(F(key)) if is_text else F(key)), may_be_null
