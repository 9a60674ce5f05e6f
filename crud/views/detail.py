"""Pages of one record."""

from django.views import generic

from crud.db.prefetch import attach_related
from crud.views.base import ModelViewMixin


class DetailView(ModelViewMixin, generic.DetailView):
    """One row whole."""

    suffix = "detail"

    def get_object(self, queryset=None):
        return attach_related([super().get_object(queryset)], self.viewset.shown)[0]


class RowView(DetailView):
    """What the plus opens under a row: every data point, for the table to take in."""

    suffix = "row"

    def get_template_names(self):
        # Without scripts the plus is a link, and the same data points come as a page.
        return super().get_template_names() if self.request.htmx else ["crud/row_page.html"]
