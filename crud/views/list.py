"""The list of a model's records, and the form of its filters."""

from functools import partial

from django.utils.cache import patch_vary_headers
from django.views import generic

from crud.pagination.strategies import PageQuery, choose_strategy
from crud.params import PAGE_SIZES, int_param, page_size_param
from crud.search import parse_terms
from crud.views.base import ModelViewMixin
from crud.views.export import export_records, exported


class ListView(ModelViewMixin, generic.TemplateView):
    """The records as a table, as its part that htmx asks for, or with ?export=… as a file.

    The state of a list is in its URL: ?q= search, ?sort= (-column for descending), ?page=, ?per_page=,
    and the filters by field name. Subclasses override `get_queryset` and `get_totals`.
    """

    suffix = "list"
    # value of ?export=: (format, whether it has all fields instead of the columns shown)
    exports = {
        "csv": ("csv", False),
        "all": ("csv", True),
        "xlsx": ("xlsx", False),
        "xlsx-all": ("xlsx", True),
    }
    parts = {"table": "crud/_table.html", "totals": "crud/_totals.html"}  # what htmx may ask for alone

    def get(self, request, *args, **kwargs):
        parameters = request.GET
        terms = parse_terms(parameters.get("q", ""))
        filterset = self.viewset.get_filterset()(parameters, queryset=self.get_queryset())
        table = self.build_table(valid_records(filterset), parameters.get("sort", ""))
        if parameters.get("export") in self.exports:
            return self.export(filterset, table, terms)
        chips = filterset.narrowed
        is_filtered = bool(terms or chips or filterset.form.errors)
        suggestions = filterset.offers(parameters) if terms else []
        paginate = choose_strategy(is_search=bool(terms), is_by_tags=filterset.is_by_tags)
        page = paginate(
            PageQuery(
                table.ordered_rows,
                int_param(parameters, "page", 1),
                page_size_param(parameters),
                self.get_totals(),
                base=self.get_queryset() if is_filtered else None,
                suggestions={
                    place: partial(self.get_suggested_records, suggestion)
                    for place, suggestion in enumerate(suggestions)
                },
                is_summed="totals" in parameters,
            )
        )
        table.terms = terms
        table.show(page.records)
        counted_suggestions = zip(suggestions, page.suggestion_counts.values(), strict=True)
        context = self.get_context_data(
            filterset=filterset,
            chips=chips,
            table=table,
            page=page,
            suggestions=[(suggestion, count) for suggestion, count in counted_suggestions if count != 0],
            is_filtered=is_filtered,
            terms=terms,
            page_sizes=PAGE_SIZES,
            **kwargs,
        )
        return self.render_to_response(context)

    def build_table(self, records, sort):
        """Return the table of the records, sorted by a column of its own or as the viewset says."""
        table_class = self.viewset.get_table()
        column = table_class.base_columns.get(sort.removeprefix("-"))
        is_sortable = column is not None and column.orderable
        return table_class(records, order_by=sort if is_sortable else self.viewset.sort)

    def get_totals(self):
        """Return the totals under the list: see Total."""
        return self.viewset.totals

    def get_suggested_records(self, suggestion, matches):
        """Return the records of a suggestion; among the matches, if the search looks at its field."""
        is_among_matches = matches is not None and suggestion.name in self.viewset.searched
        records = matches if is_among_matches else self.get_queryset()
        return valid_records(self.viewset.get_filterset()(suggestion.parameters, queryset=records))

    def export(self, filterset, table, terms):
        """Return all records of the result as a file, and notify receivers of the export."""
        format, has_all_fields = self.exports[self.request.GET["export"]]
        names = self.viewset.shown if has_all_fields else self.viewset.columns
        filters = [("Search", self.request.GET["q"])] if terms else []
        filters += [(label, description) for label, description, _ in filterset.narrowed]
        exported.send(self.viewset.model, rows=table.ordered_rows, narrowed=filters)
        return export_records(self.viewset, format, table.ordered_rows, names)

    def get_template_names(self):
        part = self.parts.get(self.request.htmx.target)
        return [part] if part else super().get_template_names()

    def render_to_response(self, *args, **kwargs):
        response = super().render_to_response(*args, **kwargs)
        # Else the browser's Back button may show the bare table from its cache.
        patch_vary_headers(response, ["HX-Target"])
        return response


def valid_records(filterset):
    """Return the records that pass the filters; none if a filter is not understood."""
    return filterset.qs if filterset.is_valid() else filterset.queryset.none()


class FiltersView(ModelViewMixin, generic.TemplateView):
    """A form of all filters, for the list to take in; without scripts a page of its own."""

    suffix = "filters"

    def get_context_data(self, **kwargs):
        filterset = self.viewset.get_filterset()(
            self.request.GET, queryset=self.get_queryset(), is_whole=True
        )
        return super().get_context_data(filterset=filterset, **kwargs)

    def get_template_names(self):
        return ["crud/_filters.html"] if self.request.htmx else super().get_template_names()

    def render_to_response(self, *args, **kwargs):
        response = super().render_to_response(*args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response
