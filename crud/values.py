"""How the value of a field is shown: as text (cells, exports, reasons of a match) and as HTML.

It goes by the field's class. A field of our own may say `shown(value) -> str`, `raw(value)` for machines
and `href(value) -> str`; a model may have plain properties among its shown fields.
"""

import datetime
import functools
from enum import Enum
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.template.defaultfilters import urlize
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.text import Truncator, capfirst
from django.utils.translation import get_language

from .paging import MOST_COUNTED, capped_counts
from .search import marked

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
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime.datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, datetime.date | int):
        return _in_language(value, get_language())
    return str(value)


@functools.lru_cache(4096)
def _in_language(value, language):
    """A date or whole number; pages are full of the same ones, and the formatter takes its time."""
    if isinstance(value, datetime.date):
        return formats.date_format(value, "DATE_FORMAT")
    return formats.number_format(value, use_l10n=True, force_grouping=True)


@functools.cache
def _labels(field):
    """{value: label} of a field's choices."""
    return dict(field.flatchoices)


def text(record, name):
    """The value as plain text, "" if there is none."""
    field = field_of(type(record), name)
    if field is not None and field.many_to_many:
        return ", ".join(str(row) for row in many(record, name))
    value = getattr(record, name)
    if value is None or value == "":
        return ""
    if hasattr(field, "shown"):
        return field.shown(value)
    if getattr(field, "choices", None) and not field.is_relation:
        named = None if isinstance(value, Enum) else getattr(value, "name", None)  # a country brings its name
        value = named or _labels(field).get(value, value)
    return plain(value)


def raw(record, name):
    """The value for a machine: whole numbers and ISO dates as they are, all else as text."""
    field = field_of(type(record), name)
    value = getattr(record, name) if field is None or not field.is_relation else None
    if value is not None and hasattr(field, "raw"):
        return field.raw(value)
    if isinstance(value, (int, datetime.date)) and not getattr(field, "choices", None):
        return value.isoformat() if isinstance(value, datetime.date) else value
    return text(record, name)


def cell(record, name, terms=()):
    """The value as HTML for a table: as `html`, but a long text is cut to one line."""
    if not isinstance(field_of(type(record), name), models.TextField):
        return html(record, name, terms)
    shown = text(record, name)
    cut = Truncator(" ".join(shown.split())).chars(LONGEST_CELL)
    return format_html('<span title="{}">{}</span>', shown, marked(cut, terms)) if shown else EMPTY


def html(record, name, terms=()):
    """The value as HTML: linked where it leads somewhere, what was looked for marked, "—" for nothing."""
    model = type(record)
    field = field_of(model, name)
    if field is not None and field.many_to_many:
        rows, home = many(record, name), listed_at(model)
        links = ((home, urlencode({name: row.pk}), marked(str(row), terms)) for row in rows)
        return format_html_join(" ", '<a class="tag" href="{}?{}">{}</a>', links) or EMPTY
    shown = text(record, name)
    if not shown:
        return EMPTY
    content = marked(shown, terms)
    if isinstance(field, models.TextField):
        return format_html('<span class="lines">{}</span>', content if terms else urlize(shown))
    if field is not None and field.is_relation and hasattr(getattr(record, name), "color"):
        return format_html('<span class="dot dot-{}"></span>{}', getattr(record, name).color, content)
    if getattr(field, "choices", None) and isinstance(getattr(record, name), int):
        # Ranks have looks of their own, by their number.
        return format_html('<span class="{0} {0}-{1}">{2}</span>', name, int(getattr(record, name)), content)
    address = href(record, field)
    return format_html('<a href="{}">{}</a>', address, content) if address else conditional_escape(content)


def href(record, field):
    """Where the value of a field leads, or "": only to pages of ours, http(s), mailto and tel."""
    if field is None:
        return ""
    value = getattr(record, field.name)
    if field.is_relation:
        return value.get_absolute_url() if hasattr(value, "get_absolute_url") else ""
    if isinstance(field, models.EmailField):
        return f"mailto:{value}"
    address = field.href(value) if hasattr(field, "href") else ""
    return address if address.startswith(("https://", "http://", "tel:")) else ""


def listed_at(model):
    """The address of the list of a model."""
    return reverse(f"{model._meta.app_label}:{model._meta.model_name}-list")


def related(record):
    """[(number, what so many are called, their list)] of the business data that point at the row."""
    relations = [
        relation
        for relation in record._meta.related_objects
        if getattr(relation.related_model, "is_business_data", False)
    ]
    home = record._meta.app_label
    relations.sort(key=lambda one: one.related_model._meta.app_label != home)  # its own app's first
    several = [one.related_model.objects.filter(**{one.field.name: record}) for one in relations]
    found = []
    for relation, number in zip(relations, capped_counts(*several), strict=True):
        opts = relation.related_model._meta
        name = opts.verbose_name if number == 1 else opts.verbose_name_plural
        address = f"{listed_at(relation.related_model)}?{relation.field.name}={record.pk}"
        found.append((min(number, MOST_COUNTED), str(name), address))
    return found


def why_found(record, names, terms):
    """The names of the fields that hold a term looked for; and whether some term is in none of them."""
    wanted = {term for term in terms if not term.is_excluded}
    held = {
        name: {term for term in wanted if term.is_in(value)}
        for name in names
        if (value := text(record, name))
    }
    return [name for name, some in held.items() if some], bool(wanted.difference(*held.values()))
