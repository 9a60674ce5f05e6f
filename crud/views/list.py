"""The pages of many rows: the list, its filters, its export, what the tick boxes and comboboxes ask."""

from functools import partial

from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.views import generic

from crud.pagination.page import Page
from crud.params import PAGE_SIZES, int_param, page_size_param
from crud.search import parse_terms
from crud.views.base import ModelViewMixin
from crud.views.export import export_records, exported


class ListView(ModelViewMixin, generic.TemplateView):
    """The rows as a table; asked by htmx for #table, only the table; asked with ?export=…, all as a file.

    All that one can do to a list is in its address: ?q= search, ?sort= (-column for descending), ?page=,
    ?per_page=, and the filters by field name.
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
        if request.GET.get("export") in self.exports:
            format, has_all_fields = self.exports[request.GET["export"]]
            names = self.viewset.shown if has_all_fields else self.viewset.columns
            narrowed = [(label, description) for label, description, _ in self.filterset.narrowed]
            if self.terms:
                narrowed.insert(0, ("Search", request.GET["q"]))
            exported.send(self.viewset.model, rows=self.table.ordered_rows, narrowed=narrowed)
            return export_records(self.viewset, format, self.table.ordered_rows, names)
        return super().get(request, *args, **kwargs)

    @cached_property
    def terms(self):
        return parse_terms(self.request.GET.get("q", ""))

    @cached_property
    def filterset(self):
        return self.viewset.get_filterset()(self.request.GET, queryset=self.get_queryset())

    def rows_for(self, filterset):
        return filterset.qs if filterset.is_valid() else filterset.queryset.none()

    @cached_property
    def table(self):
        table_class = self.viewset.get_table()
        sort = self.request.GET.get("sort", "")
        name = sort.removeprefix("-")
        is_known = name in table_class.base_columns and table_class.base_columns[name].orderable
        return table_class(self.rows_for(self.filterset), order_by=sort if is_known else self.viewset.sort)

    @cached_property
    def offers(self):
        return self.viewset.get_filterset().offers(self.request.GET) if self.terms else []

    @property
    def totals(self):
        """The figures under the list."""
        return self.viewset.totals

    @property
    def is_narrowed(self):
        return bool(self.terms or self.filterset.narrowed or self.filterset.form.errors)

    @cached_property
    def page(self):
        suggestions = {
            place: partial(self.rows_of_suggestion, offer) for place, offer in enumerate(self.offers)
        }
        return Page(
            self.table.ordered_rows,
            int_param(self.request.GET, "page", 1),
            page_size_param(self.request.GET),
            self.totals,
            self.get_queryset() if self.is_narrowed else None,
            suggestions,
            is_summed_up="totals" in self.request.GET,
            is_search=bool(self.terms),
            is_at_once=self.filterset.is_by_tags,
        )

    def rows_of_suggestion(self, offer, matches):
        """The rows that an offer leads to: among those found, if a search looks where they have its word."""
        rows = self.get_queryset() if matches is None or offer.name not in self.viewset.searched else matches
        return self.rows_for(self.viewset.get_filterset()(offer.parameters, queryset=rows))

    def get_context_data(self, **kwargs):
        self.table.terms = self.terms
        self.table.show(self.page.rows)
        numbers = self.page.number_beside
        offers = [(offer, numbers[place]) for place, offer in enumerate(self.offers)]
        return super().get_context_data(
            filterset=self.filterset,
            chips=self.filterset.narrowed,
            table=self.table,
            page=self.page,
            number_of_all=self.page.number_of_whole,
            offers=[(offer, number) for offer, number in offers if number != 0],
            is_narrowed=self.is_narrowed,
            terms=self.terms,
            page_sizes=PAGE_SIZES,
            **kwargs,
        )

    def get_template_names(self):
        part = self.parts.get(self.request.htmx.target)
        return [part] if part else super().get_template_names()

    def render_to_response(self, *args, **kwargs):
        response = super().render_to_response(*args, **kwargs)
        # Else the browser's Back button may show the bare table from its cache.
        patch_vary_headers(response, ["HX-Target"])
        return response


class FiltersView(ModelViewMixin, generic.TemplateView):
    """All filters of a kind as a form, which the list takes in; without scripts a page of its own."""

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
