"""One criterion each that a list can be narrowed by, made for a field of the model: filters of django-filter.

Each knows its parameters, what they mean for the rows, how its form shows it and how a chip says it.
"""

import copy
import functools
import operator

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crud.filters.fields import NONE, MultiValueField, RecordsField, normalized_choices
from crud.params import parse_ids
from crud.search import normalize_text, parse_terms


def no_value_label(field):
    """Return the label of the records without a value in a field: "No company"."""
    return _("No %(field)s") % {"field": field.verbose_name}


class FieldFilter(django_filters.Filter):
    """A filter by one field of the model."""

    kind = ""  # how the form shows it
    suffixes: tuple[str, ...] = ("",)  # its parameters: its own name with these

    def __init__(self, *args, model_field=None, **options):
        self.model_field = model_field
        super().__init__(*args, **options)

    def __deepcopy__(self, memo):
        # Each request's set of filters copies them; the model's field, and all it leads to, is no part of it.
        return copy.copy(self)

    @cached_property
    def field(self):
        return self.field_class(source=self, label=self.label, required=False)

    def display_value(self, name, data, understood):
        """What the form shows of it, as a dict; `understood` is None where the parameters are not."""
        return {"value": data.get(name, "")}


class ChoiceFilter(FieldFilter):
    """Rows that have one of some choices: of a small kind, or of the field's own."""

    field_class = MultiValueField
    kind = "choosing"

    @cached_property
    def choices(self):
        """{value: label}, in order."""
        field = self.model_field
        if field.is_relation:
            rows = field.related_model.objects.all_by_id().items()
            return {**self.blank, **{str(pk): self.name_of(row) for pk, row in rows}}
        return {
            **self.blank,
            **{str(value): str(label) for value, label in field.flatchoices if value not in ("", None)},
        }

    @property
    def blank(self):
        field = self.model_field
        may_be_blank = field.null or field.blank or field.many_to_many
        return {NONE: no_value_label(field)} if may_be_blank else {}

    def resolve(self, text):
        """Return the value that stands for `text` in a URL: mostly itself."""
        return text

    def aliases(self, value):
        """Return other names of a choice, by which it is found in a combobox."""
        return ""

    def labels_of(self, values):
        """{value: label} of those of the values that there are."""
        choices = self.choices
        return {value: choices[value] for value in values if value in choices}

    def name_of(self, row):
        return _("%(value)s (archived)") % {"value": row} if getattr(row, "is_retired", False) else str(row)

    def find_by_name(self, texts):
        """{normalized text: [values that are called so]}, of these texts at least."""
        if self.model_field is None or not self.model_field.is_relation:
            return normalized_choices(self.model_field)
        values_by_name = {}
        for pk, row in self.model_field.related_model.objects.all_by_id().items():
            values_by_name.setdefault(normalize_text(str(row)), []).append(str(pk))
        return values_by_name

    def color(self, value):
        """The color of a choice that has one."""
        if self.model_field is None or not self.model_field.is_relation:
            return ""
        return getattr(self.model_field.related_model.objects.all_by_id().get(int(value)), "color", "")

    def filter(self, rows, value):
        if not value:
            return rows
        name, chosen = self.field_name, [item for item in value if item != NONE]
        blank = Q(**{name: ""}) if self.model_field.empty_strings_allowed else Q(**{f"{name}__isnull": True})
        return rows.filter(
            (Q(**{f"{name}__in": chosen}) if chosen else Q()) | (blank if NONE in value else Q())
        )

    def describe(self, value):
        """The value in words, as a chip shows it."""
        return ", ".join(map(str, self.labels_of(value).values()))

    def display_value(self, name, data, understood):
        chosen = understood or []
        choices = self.choices.items()
        return {"choices": [(value, label, value in chosen, self.aliases(value)) for value, label in choices]}


class TagFilter(ChoiceFilter):
    """Rows that have one of some tags. There may be thousands of these: only the form reads them all."""

    # what was asked, and the answer: it is asked for the form, and for each chip
    last_known: tuple = (None, {})

    @property
    def tags(self):
        return self.model_field.related_model.objects

    def labels_of(self, values):
        if self.last_known[0] != values:
            ids = parse_ids(values)
            names = {str(tag.pk): self.name_of(tag) for tag in self.tags.filter(pk__in=ids)} if ids else {}
            names |= self.blank
            self.last_known = values, {value: names[value] for value in values if value in names}
        return self.last_known[1]

    def find_by_name(self, texts):
        values_by_name = {}
        # No key is longer, and SQLite refuses a pattern of 50,000 characters.
        texts = [text for text in texts if len(text) < self.tags.model._meta.get_field("name_key").max_length]
        # A key of more than plain letters has a second line: see make_key.
        conditions = [Q(name_key__startswith=f"{text}\n") for text in texts]
        for tag in self.tags.filter(functools.reduce(operator.or_, conditions, Q(name_key__in=texts))):
            values_by_name.setdefault(tag.name_key.split("\n")[0], []).append(str(tag.pk))
        return values_by_name

    def color(self, value):
        return self.tags.filter(pk=value).values_list("color", flat=True).first()

    def filter(self, rows, value):
        if not value:
            return rows
        chosen = [item for item in value if item != NONE]
        # Not by a join: a row with two of the tags would come twice.
        between = self.model_field.remote_field.through.objects
        having = between.filter(tag__in=chosen).values("content_object")
        without_any = ~Q(Exists(between.filter(content_object=OuterRef("pk"))))
        return rows.filter((Q(pk__in=having) if chosen else Q()) | (without_any if NONE in value else Q()))


class RelatedRecordFilter(FieldFilter):
    """Rows that belong to one row of a large kind, or to none: where links from that row's page lead."""

    field_class = RecordsField
    kind = "rows"

    def filter(self, rows, value):
        if not value:
            return rows
        chosen = [row.pk for row in value if row is not None]
        blank = Q(**{f"{self.field_name}__isnull": True}) if None in value else Q()
        return rows.filter((Q(**{f"{self.field_name}__in": chosen}) if chosen else Q()) | blank)

    def display_value(self, name, data, understood):
        opts = self.model_field.related_model._meta
        chosen = [(row.pk, str(row), True, "") for row in understood or [] if row is not None]
        if self.model_field.null:
            chosen.append((NONE, no_value_label(self.model_field), None in (understood or []), ""))
        return {"choices": chosen, "options": reverse(f"{opts.app_label}:{opts.model_name}-options")}

    def describe(self, value):
        return ", ".join(no_value_label(self.model_field) if row is None else str(row) for row in value)


class SearchFilter(django_filters.CharFilter):
    """The search box."""

    suffixes = ("",)


class TextFilter(FieldFilter):
    """Rows in whose text a search finds what was typed; `none` asks for an empty one.

    The model has a class method `build_text_condition(name, term)`.
    """

    kind = "text"

    @cached_property
    def field(self):
        return forms.CharField(label=self.label, required=False, max_length=200)

    def filter(self, rows, value):
        if not value:
            return rows
        if value == NONE:
            return rows.filter(**{self.field_name: ""})
        for term in parse_terms(value):
            condition = rows.model.build_text_condition(self.field_name, term)
            rows = rows.exclude(condition) if term.is_excluded else rows.filter(condition)
        return rows

    def describe(self, value):
        return _("is empty") if value == NONE else _("contains “%(text)s”") % {"text": value}
