"""One declaration per model. Its pages, their URLs, names and permissions follow from it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.forms import modelform_factory
from django.urls import path
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django_filters.filterset import filterset_factory

from crud import display, tables
from crud.filters.filterset import FilterSet
from crud.forms.edit_form import EditForm
from crud.tables import Table
from crud.urls import reverse_cached
from crud.views.delete import DeleteView
from crud.views.detail import DetailView, RowView
from crud.views.edit import CreateView, UpdateView
from crud.views.list import FiltersView, ListView
from crud.views.selection import OptionsView, SelectionView

# action: (route below the model's own, what the user must be allowed to do, view)
ACTIONS = {
    "list": ("", "view", ListView),
    "create": ("new/", "add", CreateView),
    "filters": ("filters/", "view", FiltersView),
    "selection": ("selection/", "view", SelectionView),
    "options": ("options/", "view", OptionsView),
    "delete-many": ("delete/", "delete", DeleteView),
    "detail": ("<id:pk>/", "view", DetailView),
    "row": ("<id:pk>/row/", "view", RowView),
    "update": ("<id:pk>/edit/", "change", UpdateView),
    "delete": ("<id:pk>/delete/", "delete", DeleteView),
}


@dataclass(frozen=True)
class ModelViewSet:
    """Say the model, its route and its fields; say a table, filterset, form or view to differ."""

    model: type
    route: str
    fields: tuple = ()  # what the form asks for, the row's expansion and its page show, in this order
    also_shown: tuple = ()  # fields and properties that are shown after them
    columns: tuple = ()  # what the list shows; the first one is the row's name
    sort_keys: dict = field(default_factory=dict)  # column: the model's fields it sorts by, if not itself
    sort: str = ""  # the column that lists begin sorted by, if not by the model's own order
    priorities: dict = field(default_factory=dict)  # column: 2 or 3, the first to go where there is no room
    totals: tuple = ()  # figures under the list, over its whole result: see Total
    table: type = Table
    filterset: type | None = None
    quick_filters: Callable[[], list] | None = None  # [(label, {query parameter: value, None to drop it})]
    form: type | None = None
    needs: str = ""  # one permission for all pages, in place of each action's own
    views: dict = field(default_factory=dict)  # action: a view of its own, None where there is no such page
    template_folder: str = ""  # where templates of its own lie, if not in the folder of its app

    @property
    def points(self):
        """What the expansion and the page show under a label each; a tuple is one point of several fields."""
        return (*self.fields, *self.also_shown)

    @property
    def shown(self):
        """The names of all fields and properties that are shown."""
        return tuple(
            name for point in self.points for name in (point if isinstance(point, tuple) else (point,))
        )

    @cached_property
    def searched(self):
        """Those of them that a search looks in."""
        model = self.model
        names = {*getattr(model, "searched", ()), *getattr(model, "searched_choices", ())}
        return [name for name in self.shown if name in names]

    @property
    def title(self):
        """What a list of them is headed with: "Companies"."""
        return capfirst(str(self.model._meta.verbose_name_plural))

    @property
    def one(self):
        """What one of them is called in a sentence: "company"."""
        return str(self.model._meta.verbose_name)

    def get_table(self):
        return self._table

    def get_filterset(self):
        return self._filterset

    @cached_property
    def _table(self):
        return tables.build_table_class(self)

    @cached_property
    def _filterset(self):
        return self.filterset or filterset_factory(self.model, filterset=FilterSet, fields=[])

    def get_form(self):
        return self.form or modelform_factory(self.model, form=EditForm, fields=self.fields)

    def urls(self):
        return [
            path(
                f"{self.route}/{route}",
                self.views.get(action, view).as_view(viewset=self, action=action),
                name=self.name(action),
            )
            for action, (route, _, view) in ACTIONS.items()
            if self.has(action)
        ]

    def has(self, action):
        """Whether there is such a page."""
        return self.views.get(action, action) is not None

    def name(self, action):
        return f"{self.model._meta.model_name}-{action}"

    def url(self, action, pk=None):
        return reverse_cached(f"{self.model._meta.app_label}:{self.name(action)}", pk)

    def permission(self, action):
        opts = self.model._meta
        return f"{opts.app_label}.{self.needs or ACTIONS[action][1]}_{opts.model_name}"

    def why_found(self, record, terms):
        """[(label, text)] of what made a search find `record`; the text only of what no column shows."""
        names, is_more = display.why_found(record, self.searched, terms)
        reasons = [
            (display.label(self.model, name), "" if name in self.columns else display.text(record, name))
            for name in names
        ]
        # A row may be found by what only its relations show.
        if is_more and hasattr(record, "get_other_match_labels"):
            labels = record.get_other_match_labels(terms)
            reasons += [(label, "") for label in labels if label not in dict(reasons)]
        return reasons
