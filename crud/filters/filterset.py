"""What a list can be narrowed by, on django-filter: parameters named as the fields, and said in words.

    class CompanyFilter(FilterSet):
        class Meta:
            model = Company
            fields = ["contact_type", "country", "tags", "created_at"]

Choices are asked for as `?stage=1&stage=none`, spans as `?value_min=…&value_max=…` or
`?close_date_after=…&close_date_before=…`; `none` stands for "has none". A list makes only the filters
that its address asks for: the form with all of them is a page of its own.
"""

import copy

import django_filters
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crud.filters.fields import NONE
from crud.filters.filters import (
    ChoiceFilter,
    RelatedRecordFilter,
    SearchFilter,
    TagFilter,
    TextFilter,
)
from crud.filters.range_filters import DateRangeFilter, NumberRangeFilter
from crud.filters.suggestions import Suggestion
from crud.forms.line_forms import LineFormMixin
from crud.search import SearchTerm, normalize_text, parse_terms, without_terms

MOST_OFFERS = 3


class FilterSet(django_filters.FilterSet):
    """A search box above whatever else a kind can be narrowed by."""

    labels: dict[str, str] = {}  # field: what its filter is called, if not as the field

    q = SearchFilter(method="search", label=_("Search"), max_length=200)

    def __init__(self, data=None, *args, is_whole=False, **options):
        # The page makes what the address asks for; the form of all filters is made where it is shown.
        self.base_filters = {
            name: list_filter
            for name, list_filter in type(self).base_filters.items()
            if is_whole or any(f"{name}{suffix}" in (data or ()) for suffix in list_filter.suffixes)
        }
        super().__init__(data, *args, **options)

    @classmethod
    def filter_for_field(cls, field, field_name, lookup_expr=None):
        kind = cls.kind_for(field)
        label = cls.labels.get(field_name) or capfirst(str(field.verbose_name))
        return kind(field_name=field_name, label=label, model_field=field)

    @classmethod
    def kind_for(cls, field):
        if field.many_to_many:
            return TagFilter
        if field.choices or (field.is_relation and hasattr(field.related_model.objects, "all_by_id")):
            return ChoiceFilter
        if field.is_relation:
            return RelatedRecordFilter
        if isinstance(field, models.DateField):
            return DateRangeFilter
        return NumberRangeFilter if isinstance(field, models.IntegerField) else TextFilter

    def get_form_class(self):
        return type("FilterForm", (LineFormMixin, super().get_form_class()), {})

    def search(self, rows, name, value):
        return rows.search(value)

    @property
    def narrowed(self):
        """[(label, value in words, its parameters)] of the filters in use, the search box apart."""
        if not self.is_bound:
            return []
        understood = getattr(self.form, "cleaned_data", {}) if self.form.errors is not None else {}
        return [
            (
                list_filter.label,
                list_filter.describe(understood[name]),
                [f"{name}{suffix}" for suffix in list_filter.suffixes],
            )
            for name, list_filter in self.filters.items()
            if name != "q" and understood.get(name)
        ]

    @property
    def is_by_tags(self):
        """Whether the rows are found by way of others, one by one: those that have some tags."""
        tagged = [name for name, list_filter in self.filters.items() if isinstance(list_filter, TagFilter)]
        return self.is_valid() and any({*self.form.cleaned_data[name]} - {NONE} for name in tagged)

    @property
    def panel(self):
        """What the form shows of each filter: a dict each, with what was asked for."""
        errors = self.form.errors if self.is_bound else {}
        return [
            {
                "name": name,
                "label": list_filter.label,
                "kind": list_filter.kind,
                "errors": errors.get(name, []),
                **list_filter.display_value(
                    name, self.data, getattr(self.form, "cleaned_data", {}).get(name)
                ),
            }
            for name, list_filter in self.filters.items()
            if name != "q"
        ]

    @classmethod
    def parameters(cls):
        """The names of all parameters that narrow a list, the search box's apart."""
        return {
            f"{name}{suffix}"
            for name, list_filter in cls.base_filters.items()
            if name != "q"
            for suffix in list_filter.suffixes
        }

    @property
    def sentences(self):
        """What was not understood, as sentences."""
        return [
            f"{self.filters[name].label}: {error}"
            for name, errors in self.form.errors.items()
            for error in errors
        ]

    @classmethod
    def offers(cls, data):
        """The exact filters that the search words are also the names of, at most three.

        [Offer("status", "Status is Open", "blue", address' parameters with the filter in the word's place)]
        """
        search_text, suggestions = data.get("q", ""), []
        words = [term for term in parse_terms(search_text) if not term.is_excluded]
        whole = SearchTerm(normalize_text(" ".join(search_text.split())))
        searched_terms = list(dict.fromkeys([whole, *words])) if words else []
        choice_filters = {
            name: copy.copy(choice_filter)
            for name, choice_filter in cls.base_filters.items()
            if searched_terms and isinstance(choice_filter, ChoiceFilter) and name not in data
        }
        values_by_filter = {
            name: choice_filter.find_by_name([term.text for term in searched_terms])
            for name, choice_filter in choice_filters.items()
        }
        for term in searched_terms:
            for name, choice_filter in choice_filters.items():
                for value in values_by_filter[name].get(term.text, []):
                    parameters = data.copy()
                    parameters["q"] = "" if term == whole else without_terms(search_text, term)
                    parameters[name] = value
                    for dropped in [
                        name for name in ("page", "q") if not parameters.get(name) or name == "page"
                    ]:
                        parameters.pop(dropped, None)
                    label = choice_filter.labels_of([value])[value]
                    text = _("%(field)s: %(value)s") % {"field": choice_filter.label, "value": label}
                    suggestions.append(Suggestion(name, text, choice_filter.color(value), parameters))
        return suggestions[:MOST_OFFERS]
