"""Display of field values: as text (cells, exports, reasons of a match) and as HTML.

It goes by the field's class. A field may format its own values: see the protocols of model fields in
crud.interfaces. A model may have plain properties among its shown fields.
"""

import datetime
import functools
from decimal import Decimal
from enum import Enum
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.template.defaultfilters import urlize
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.text import Truncator, capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crud.parsing.date_texts import search_date_texts
from crud.parsing.name_lists import join_names
from crud.search import mark_matches
from crud.urls import list_url

EMPTY = "—"
LONGEST_CELL = 80  # characters of a long text that a table shows


@functools.cache
def field_of(model, name):
    """The model's field of that name; None for a property."""
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def label(model, name):
    """What the field is called on pages."""
    field = field_of(model, name)
    return capfirst(str(field.verbose_name) if field else name.replace("_", " "))


def many(record, name):
    """The rows of a many-to-many field: those attached for a whole page (see Table), else asked for."""
    attached = record.__dict__.get("_attached", {})
    return attached[name] if name in attached else list(getattr(record, name).all())


def plain(value):
    """Any value as people write it."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime.datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, datetime.date | int | Decimal):
        return _in_language(value, get_language())
    return str(value)


@functools.lru_cache(4096)
def _in_language(value, language):
    """A date or whole number; pages are full of the same ones, and the formatter takes its time."""
    if isinstance(value, datetime.date):
        return formats.date_format(value, "DATE_FORMAT")
    return formats.number_format(value, use_l10n=True, force_grouping=True)


class FieldDisplay:
    """How one field of a model is shown, or a property; found out once (`of`) for however many rows."""

    def __init__(self, model, name):
        self.model, self.name, self.field = model, name, field_of(model, name)
        self.describe = getattr(
            self.field, "display_value", self.format_words
        )  # a value that there is, as people write it
        self.display_in_record = getattr(
            self.field, "display_in_record", None
        )  # the same, where it depends on the record
        self.field_url = getattr(self.field, "get_url", None)
        self.is_percentage = isinstance(self.field, models.IntegerField) and self.name.endswith("percent")
        # A number, a day, one of some choices: there are few of them on a page.
        self.is_short = isinstance(self.field, models.IntegerField | models.DateField) or bool(
            getattr(self.field, "choices", None)
        )

    def format_words(self, value):
        return plain(value)

    def text(self, record):
        """The value as plain text, "" if there is none."""
        value = getattr(record, self.name)
        if value is None or value == "":
            return ""
        return self.display_in_record(value, record) if self.display_in_record else self.describe(value)

    def search_texts(self, record):
        """Return the texts that a search finds the value by: as it is shown, a date in ISO format too."""
        value = getattr(record, self.name)
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return search_date_texts(value)
        text = self.text(record)
        return [f"{text}%" if self.is_percentage else text] if text else []

    def export_value(self, record):
        """Return the value for a file: numbers, dates and local times as they are, all else as text."""
        value = getattr(record, self.name)
        if value is not None and hasattr(self.field, "export_value"):
            return self.field.export_value(value)
        if isinstance(value, datetime.datetime):
            return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
        is_data = isinstance(value, int | datetime.date) and not isinstance(value, bool)
        return value if is_data else self.text(record)

    def html(self, record, terms=()):
        """The value as HTML: linked where it leads somewhere, what was looked for marked, "—" for nothing."""
        text = self.text(record)
        return self.decorate(record, mark_matches(text, terms) if terms else text) if text else EMPTY

    def decorate(self, record, content):
        """What is shown of a value that there is, as HTML."""
        if url := self.get_url(record):
            return format_html('<a href="{}">{}</a>', url, content)
        return conditional_escape(content)

    def cell(self, record, terms=()):
        """The same for a table."""
        return self.html(record, terms)

    def cache_key(self, record):
        """What alone decides what is shown, where many records of a page have the same; else None."""
        return getattr(record, self.name) if self.is_short and not self.display_in_record else None

    def get_url(self, record):
        """Where the value leads, or "": only to pages of ours, http(s), mailto and tel."""
        url = self.field_url(getattr(record, self.name)) if self.field_url else ""
        return url if url.startswith(("https://", "http://", "tel:")) else ""


class CountedDisplay(FieldDisplay):
    """A field shown by the property that figures count with; the stored value, where it differs, is muted.

    Its model names the property: `counted_as = {"win_percent": "counted_win_percent"}`.
    """

    def __init__(self, model, name):
        super().__init__(model, name)
        self.counted_name = model.counted_as[name]

    def text(self, record):
        return self.describe(getattr(record, self.counted_name))

    def export_value(self, record):
        return getattr(record, self.counted_name)

    def decorate(self, record, content):
        counted_value, stored_value = getattr(record, self.counted_name), getattr(record, self.name)
        if counted_value == stored_value:
            return content
        was = _("was %(value)s") % {"value": self.describe(stored_value)}
        return format_html('{} <small class="secondary">{}</small>', content, was)

    def cache_key(self, record):
        return getattr(record, self.counted_name), getattr(record, self.name)


class EmailDisplay(FieldDisplay):
    def get_url(self, record):
        return f"mailto:{getattr(record, self.name)}"


class LongTextDisplay(FieldDisplay):
    """Of several lines, in which addresses are links; a table shows the beginning of it."""

    def html(self, record, terms=()):
        text = self.text(record)
        content = mark_matches(text, terms) if terms else urlize(text)
        return format_html('<span class="lines">{}</span>', content) if text else EMPTY

    def cell(self, record, terms=()):
        text = self.text(record)
        cut = Truncator(" ".join(text.split())).chars(LONGEST_CELL)
        return format_html('<span title="{}">{}</span>', text, mark_matches(cut, terms)) if text else EMPTY


class ChoiceDisplay(FieldDisplay):
    """One of the field's own choices; a rank has looks of its own, by its number."""

    def __init__(self, model, name):
        super().__init__(model, name)
        self.labels = dict(self.field.flatchoices)

    def format_words(self, value):
        name = None if isinstance(value, Enum) else getattr(value, "name", None)  # a country brings its name
        return plain(name or self.labels.get(value, value))

    def export_value(self, record):
        return self.text(record)

    def decorate(self, record, content):
        value = getattr(record, self.name)
        if not isinstance(value, int):
            return super().decorate(record, content)
        return format_html('<span class="{0} {0}-{1}">{2}</span>', self.name, int(value), content)


class RecordDisplay(FieldDisplay):
    """A row that another points at: with its color, or leading to its page."""

    def cache_key(self, record):
        return getattr(record, self.field.attname)

    def export_value(self, record):
        return self.text(record)

    def decorate(self, record, content):
        row = getattr(record, self.name)
        if hasattr(row, "color"):
            return format_html('<span class="dot dot-{}"></span>{}', row.color, content)
        return super().decorate(record, content)

    def get_url(self, record):
        row = getattr(record, self.name)
        return row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""


class TagsDisplay(FieldDisplay):
    """Tags: each leads to the list of the rows that have it."""

    def text(self, record):
        return ", ".join(str(row) for row in many(record, self.name))

    def export_value(self, record):
        return join_names(str(row) for row in many(record, self.name))

    def html(self, record, terms=()):
        rows, home = many(record, self.name), list_url(self.model)
        links = ((home, urlencode({self.name: row.pk}), mark_matches(str(row), terms)) for row in rows)
        return format_html_join(" ", '<a class="tag" href="{}?{}">{}</a>', links) or EMPTY


@functools.cache
def display_for(model, name):
    """How the values of a field or property are shown."""
    field = field_of(model, name)
    if field is not None and field.many_to_many:
        return TagsDisplay(model, name)
    if name in getattr(model, "counted_as", ()):
        return CountedDisplay(model, name)
    if field is not None and field.is_relation:
        return RecordDisplay(model, name)
    if getattr(field, "choices", None):
        return ChoiceDisplay(model, name)
    kinds = {models.TextField: LongTextDisplay, models.EmailField: EmailDisplay}
    return next(
        (display for field_class, display in kinds.items() if isinstance(field, field_class)), FieldDisplay
    )(model, name)


def text(record, name):
    return display_for(type(record), name).text(record)


def search_texts(record, name):
    """Return the texts that a search finds a field's value by."""
    return display_for(type(record), name).search_texts(record)


def html(record, name, terms=()):
    return display_for(type(record), name).html(record, terms)


def why_found(record, names, terms):
    """The names of the fields that hold a term looked for; and whether some term is in none of them."""
    included_terms = {term for term in terms if not term.is_excluded}
    terms_by_name = {
        name: {term for term in included_terms if any(map(term.is_in, texts))}
        for name in names
        if (texts := search_texts(record, name))
    }
    return [name for name, matching_terms in terms_by_name.items() if matching_terms], bool(
        included_terms.difference(*terms_by_name.values())
    )
