"""Forms that edit a stored record: what others saved since the form was opened is merged, not overwritten.

Such a form carries the record's version and its starting values, in the hidden fields `version` and
`base` (see crud/_version.html). Fields that only others changed take the saved value, those that only the
user changed keep what was typed, and only the fields that both changed are a conflict.
"""

import contextlib
import copy
import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import CheckboxInput
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _

from crud import display
from crud.forms.merge import comparable, is_equal, merge
from crud.models import EditConflict
from crud.params import int_param

MAX_ATTEMPTS = 3  # at saving a record that others save at the same moment
YOU = _("You (in another tab)")


class MergedEdit:
    """A form bound to what was sent, merged with what others saved; unbound where nothing was sent.

    `build_form(data)` returns the form of the record as it is saved now. Data without a version, which
    no page of ours sends, conflicts with the record in every field that differs.
    """

    def __init__(self, build_form, data, user):
        self.build_form, self.data, self.user = build_form, data, user
        self.bind()

    def bind(self):
        """Build the form of the record as it is saved now."""
        self.form, self.merge, self.saved = self.build_form(self.data), None, None
        self.version = self.form.instance.version  # a save that is rolled back leaves another one there
        if self.data is None:
            return
        self.merge = merge_form(self.form, int_param(self.data, "version", 0))
        if self.merge:
            self.saved = copy.copy(self.form.instance)  # validation writes what was typed into the instance
            self.form = self.build_form(merged_data(self.form, self.merge))
            self.form.has_conflict = bool(self.overlaps)

    def save(self, save):
        """Call `save(form)`, a transaction of its own, if the form can be saved. Return True if it did."""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            if not self.is_valid():
                return False
            try:
                save(self.form)
                return True
            except EditConflict:
                if attempt == MAX_ATTEMPTS:
                    raise
                self.bind()

    @property
    def status(self):
        return 409 if self.overlaps else 200

    @property
    def overlaps(self):
        return self.merge.overlaps if self.merge else ()

    def is_valid(self):
        """Return True if the form can be saved: it is valid and no field was changed by both."""
        return not self.overlaps and self.form.is_bound and self.form.is_valid()

    def context(self):
        """Return what crud/_version.html and crud/_conflict.html show of the form."""
        context = {"form": self.form, "version": self.version, "base": encode(self.form)}
        if self.overlaps:
            differing = self.differing_fields()
            names = dict.fromkeys(field.changed_by for field, _, _ in differing)
            context |= {
                "is_conflict": True,
                "differing": differing,
                "changed_by": join_authors(names),
            }
        return context

    def differing_fields(self):
        """Return [(bound field, saved text, typed text)] of the fields that both changed."""
        self.form.is_valid()  # for the values as they would be saved
        authors = last_authors(self.saved, self.overlaps, self.user)
        differing = []
        for name in self.overlaps:
            field = self.form[name]
            field.changed_by, field.changed_at = authors[name]
            differing.append((field, display.text(self.saved, name), typed_text(self.form, name)))
        return differing

    def notify(self, request):
        """Tell the user which fields others changed meanwhile, and who did."""
        names = [*self.merge.taken, *self.merge.combined] if self.merge else []
        labels_by_author = {}
        for name, (author, _time) in last_authors(self.saved, names, self.user).items():
            labels_by_author.setdefault(author, []).append(str(self.form[name].label))
        for author, labels in labels_by_author.items():
            message = _("%(author)s changed %(fields)s in the meantime.")
            labels = get_text_list(labels, _("and"))
            messages.info(request, message % {"author": author, "fields": labels})


def join_authors(authors):
    """Return the authors as one text: "Ada, Jonas and Mei"."""
    return get_text_list([str(author) for author in authors], _("and"))


def typed_text(form, name):
    """Return what was typed into a field as people write it."""
    if name in form.errors:
        return str(form[name].data)
    return form.get_typed_text(name)


def last_authors(record, names, user):
    """Return {field name: (author, time)} of the last change of each field, as pages show them."""
    changes = record.get_last_changes(names) if names and hasattr(record, "get_last_changes") else {}
    authors = {}
    for name in names:
        user_id, author, time = changes.get(name) or (None, getattr(record, "updated_by", None), None)
        is_own = user_id is not None and user_id == user.pk
        authors[name] = YOU if is_own else str(author or _("Someone")), time
    return authors


def starting_values(form):
    """Return {name: comparable value} of the saved record, from the initial values of its form."""
    model = form._meta.model
    return {
        name: comparable(form.get_initial_for_field(form_field, name))
        for name, form_field in form.fields.items()
        if display.field_of(model, name) is not None
    }


def encode(form):
    """Return the content of the hidden field `base`."""
    return json.dumps(starting_values(form), ensure_ascii=False, separators=(",", ":"))


def decode(text):
    """Return the starting values that a form brings back; {} where they cannot be read."""
    try:
        base = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(base, dict):
        return {}
    return {name: value for name, value in base.items() if is_comparable(value)}


def is_comparable(value):
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(member, str) for member in value)
    )


def typed_values(form, names):
    """Return {name: comparable value} of what was sent for these fields, as the record would hold it."""
    return {
        name: typed_value(form, name)
        for name in names
        if not form.fields[name].widget.value_omitted_from_data(form.data, form.files, name)
    }


def typed_value(form, name):
    form_field, data = form.fields[name], form[name].data
    if hasattr(form_field, "get_comparable"):
        return form_field.get_comparable(data)
    try:
        value = form_field.clean(data)
    except ValidationError:
        return comparable(data)  # the form will say so; as it was sent it may equal the starting value
    model_field = display.field_of(form._meta.model, name)
    if not model_field.is_relation:
        with contextlib.suppress(ValidationError):
            value = model_field.clean(value, form.instance)
    return comparable(value)


def merge_form(form, version):
    """Return the Merge of a bound form with its record, None where the record is as the form knew it.

    `form.instance` is the record as it is saved now, `version` the version that the form brings.
    """
    current = form.instance.version
    if version == current:
        return None
    saved = starting_values(form)
    # A version that never was proves nothing about the values that came with it.
    base = decode(form.data.get("base")) if 1 <= version < current else {}
    # Only fields that others changed need to be looked at.
    names = [name for name, value in saved.items() if not is_equal(base.get(name), value)]
    return merge(base, typed_values(form, names), {name: saved[name] for name in names})


def merged_data(form, merge):
    """Return the form's data with the saved value in the fields that the user did not change."""
    data = form.data.copy()
    chosen = {name: form.get_initial_for_field(form.fields[name], name) for name in merge.taken}
    for name, value in (chosen | merge.combined).items():
        for input_name, text in get_input_texts(form.fields[name], name, value).items():
            if text is None:
                data.pop(input_name, None)
            else:
                data[input_name] = text
    return data


def get_input_texts(form_field, name, value):
    """Return {input name: text} as a browser would send this value; None for an input that is not sent."""
    value, widget = form_field.prepare_value(value), form_field.widget
    if hasattr(widget, "get_input_texts"):
        return widget.get_input_texts(name, value)
    if isinstance(widget, CheckboxInput):
        return {name: "on" if value else None}
    text = widget.format_value(value)
    if isinstance(text, (list, tuple)):
        text = next(iter(text), "")
    return {name: "" if text is None else str(text)}
