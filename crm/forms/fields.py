"""Fields of forms: what people type is understood, or asked about in a sentence, and never lost."""

import contextlib

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.widgets import ComboInput, PicklistSelect, RecordInput, TagInput
from crud.forms.fields import NumberField
from crud.forms.merge import comparable
from crud.params import parse_id
from crud.parsing.keys import make_key
from crud.parsing.name_lists import join_names, split_names
from crud.parsing.numbers import LARGEST_INTEGER
from crud.search import normalize_text

LARGEST = LARGEST_INTEGER
MAX_TAGS = 50


class LinesField(forms.CharField):
    """A text of several lines, whose ends count as one character, as they are seen."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class WholeNumberField(NumberField):
    """A whole number as people write it: "$12,000", "12 000"; a percentage: "70 %"."""


ARCHIVED = _("archived")


class PicklistField(forms.ChoiceField):
    """One of the workspace's entries that are not retired, or the one the record has already.

    The entries are read once a request, whatever asks for them, and only if one of them is
    chosen or all are shown. Before a form is used, `offer` says what the record has.
    """

    widget = PicklistSelect

    def __init__(self, model, *, empty="—", offered=lambda row: not row.is_retired, mark=ARCHIVED, **options):
        self.model, self.empty, self.is_offered, self.mark = model, empty, offered, mark
        self.current = None
        super().__init__(**options)

    def offer(self, current):
        """Offer the entries that are not retired and, marked, the one with the id `current`."""
        self.current = current
        self.choices = self.entries

    def entries(self):
        rows = [row for pk, row in self.all_by_id.items() if self.is_offered(row) or pk == self.current]
        blank = [] if self.required and self.current else [("", self.empty)]
        return blank + [(row.pk, self.label_of(row)) for row in rows]

    @property
    def all_by_id(self):
        return self.model.objects.all_by_id()

    def label_of(self, row):
        text = str(row)
        mark = str(self.mark)
        return text if self.is_offered(row) or mark in text else f"{text} ({mark})"

    def prepare_value(self, value):
        return getattr(value, "pk", value)

    def to_python(self, value):
        text = str(getattr(value, "pk", value) or "")
        row = self.all_by_id.get(parse_id(text))
        if text and (row is None or not (self.is_offered(row) or row.pk == self.current)):
            raise ValidationError(_("Choose one of the available options."))
        return row

    def validate(self, value):
        forms.Field.validate(self, value)

    def has_changed(self, initial, data):
        return str(getattr(initial, "pk", initial) or "") != str(data or "")


class RecordField(forms.Field):
    """A row chosen by typing its name; if it `is_made`, one that is not there yet is when the form is saved.

    Its value is a row: one without a pk is still to be made. The form says, before it is used,
    who the record has now (`current`) and whether the user may make one (`may_add`).
    """

    widget = ComboInput

    def __init__(self, model, options_url, preferred=None, is_made=True, **options):
        super().__init__(widget=ComboInput(options_url), **options)
        self.model, self.preferred, self.is_made = model, preferred, is_made
        self.current, self.may_add = None, False

    def prepare_value(self, value):
        # An id comes from initial values: a row's own or, prefilled, one of an address.
        if isinstance(value, int):
            return self.current if self.current and self.current.pk == value else self.by_id(value)
        return value

    def has_changed(self, initial, data):
        current = self.current if self.current and self.current.pk == initial else None
        return str(data) != (str(current) if current else "")

    @property
    def one(self):
        return str(self.model._meta.verbose_name)

    def by_id(self, text):
        pk = parse_id(str(text))
        return None if pk is None else self.model.objects.filter(pk=pk).first()

    def clean(self, value):
        record_input = value if isinstance(value, RecordInput) else RecordInput.of(value)
        if not record_input:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if "\x00" in record_input.text:
            raise ValidationError(_("Null characters are not allowed."))
        longest = self.model._meta.get_field("name").max_length
        if len(record_input.text) > longest:
            message = _("Enter a name of at most %(limit)s characters (this has %(length)s).")
            raise ValidationError(message % {"limit": longest, "length": len(record_input.text)})
        row = self.find(record_input)
        if row.pk is None and not self.may_add:
            message = _("No %(record)s is named “%(name)s”. Choose an existing one.")
            raise ValidationError(message % {"record": self.one, "name": record_input})
        return row

    def get_comparable(self, record_input):
        """Return the id of the row that is meant, also of one in the trash; else what was typed."""
        pk = parse_id(record_input.id)
        if pk is not None and not record_input.which:
            rows = getattr(self.model, "with_trash", self.model.objects)
            row = rows.filter(pk=pk).first()
            if row and (record_input.is_untouched or self.agrees(row, record_input)):
                return record_input.id
        with contextlib.suppress(ValidationError):
            return comparable(self.clean(record_input))
        return comparable(record_input)

    def find(self, record_input):
        """The row that is meant. Raises ValidationError and offers the namesakes where that is not clear."""
        if record_input.which == "new":
            return self.model(name=record_input.text)
        # The id is the script's, or the radio button's; it counts only while it agrees with the text.
        for pk in (record_input.which, record_input.id):
            if pk and str(getattr(self.current, "pk", "")) == pk:
                row = self.current
            else:
                row = pk and self.by_id(pk)
            if row and (
                self.agrees(row, record_input) or record_input.is_untouched or pk == record_input.which
            ):
                return row
        if not record_input.id and self.current and self.agrees(self.current, record_input):
            return self.current
        # Asked for at once: between two questions somebody may add it.
        similar = list(self.model.objects.filter(self.model.build_name_condition(record_input.text))[:20])
        namesakes = [row for row in similar if self.agrees(row, record_input)]
        if len(namesakes) == 1:
            return namesakes[0]
        if self.preferred and len(near := [row for row in namesakes if self.preferred(row)]) == 1:
            return near[0]
        if namesakes:
            question = _("More than one %(record)s is named “%(name)s”. Which one do you mean?")
            self.ask(namesakes, question % {"record": self.one, "name": record_input})
        if similar:
            question = _(
                "No %(record)s is named “%(name)s”, but there are similar ones. Which one do you mean?"
            )
            self.ask(similar, question % {"record": self.one, "name": record_input})
        return self.model(name=record_input.text)

    def agrees(self, row, record_input):
        return make_key(str(row)) == make_key(record_input.text)

    def ask(self, rows, question):
        choices = [(str(row.pk), str(row), getattr(row, "hint", "")) for row in rows]
        new = [("new", _("A new %(record)s") % {"record": self.one}, "")] if self.may_add else []
        self.widget.namesakes = [*choices, *new]
        raise ValidationError(question, code="which")


class TagNamesField(forms.CharField):
    """Tags typed with commas between them; one whose name has a comma stands in quotation marks."""

    is_line = False  # line breaks may stand between tags; each tag is cleaned by itself

    def __init__(self, model, **options):
        self.model = model
        super().__init__(**options)
        self.widget = TagInput(model)

    def prepare_value(self, value):
        return value if isinstance(value, str) or value is None else join_names([str(tag) for tag in value])

    def clean(self, value):
        text = super().clean(value)
        longest = self.model._meta.get_field("name").max_length
        if len(text) > 4 * MAX_TAGS * longest:  # a list of tags is shorter, whatever its quotation marks
            message = _("Enter at most %(number)s tags of at most %(limit)s characters.")
            raise ValidationError(message % {"number": MAX_TAGS, "limit": longest})
        names = list({make_key(name): name for name in reversed(split_names(text))}.values())[::-1]
        for name in names:
            if len(name) > longest:
                message = _("“%(tag)s…” is too long. Tags can have at most %(limit)s characters.")
                raise ValidationError(message % {"tag": name[:20], "limit": longest})
            if not normalize_text(name):
                raise ValidationError(_("Enter tags with visible characters, separated by commas."))
        if len(names) > MAX_TAGS:
            message = _("Enter at most %(limit)s tags (you entered %(number)s).")
            raise ValidationError(message % {"limit": MAX_TAGS, "number": len(names)})
        return names

    def has_changed(self, initial, data):
        return sorted(map(str, initial or [])) != sorted(split_names(data or ""))
