"""Fields of forms: what people type is understood, or asked about in a sentence, and never lost."""

import contextlib
import json

from django import forms
from django.core.exceptions import ValidationError

from crud.fields import NumberField
from crud.keys import make_key
from crud.merge import comparable
from crud.name_lists import join_names, split_names
from crud.numbers import LARGEST_INTEGER
from crud.search import normalized
from crud.text import clean_line

LARGEST = LARGEST_INTEGER
SEVERAL = 8  # with more choices than these one searches by typing
MOST_TAGS = 50


class Lines(forms.CharField):
    """A text of several lines, whose ends count as one character, as they are seen."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class WholeNumber(NumberField):
    """A whole number as people write it: "$12,000", "12 000"; a percentage: "70 %"."""


class OfferedSelect(forms.Select):
    """A choice that is searched by typing where it is long."""

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if len(list(self.choices)) > SEVERAL + 1:
            context["widget"]["attrs"]["data-search"] = ""
        return context


class Offered(forms.ChoiceField):
    """One of the workspace's entries that are not retired, or the one the record has already.

    The entries are read once a request, whatever asks for them, and only if one of them is
    chosen or all are shown. Before a form is used, `offer` says what the record has.
    """

    widget = OfferedSelect

    def __init__(
        self, model, *, empty="—", offered=lambda row: not row.is_retired, mark="retired", **options
    ):
        self.model, self.empty, self.is_offered, self.mark = model, empty, offered, mark
        self.current = None
        super().__init__(**options)

    def offer(self, current):
        """Offer the entries that are not retired and, marked, the one with the id `current`."""
        self.current = current
        self.choices = self.entries

    def entries(self):
        rows = [row for pk, row in self.whole.items() if self.is_offered(row) or pk == self.current]
        blank = [] if self.required and self.current else [("", self.empty)]
        return blank + [(row.pk, self.named(row)) for row in rows]

    @property
    def whole(self):
        return self.model.objects.whole()

    def named(self, row):
        text = str(row)
        return text if self.is_offered(row) or self.mark in text else f"{text} ({self.mark})"

    def prepare_value(self, value):
        return getattr(value, "pk", value)

    def to_python(self, value):
        text = str(getattr(value, "pk", value) or "")
        row = self.whole.get(int(text)) if text.isdecimal() and len(text) < 19 else None
        if text and (row is None or not (self.is_offered(row) or row.pk == self.current)):
            raise ValidationError("Choose one of those that are offered.")
        return row

    def validate(self, value):
        forms.Field.validate(self, value)

    def has_changed(self, initial, data):
        return str(getattr(initial, "pk", initial) or "") != str(data or "")


class ComboInput(forms.TextInput):
    """A name typed, the id of the row that a script picked, and which of several namesakes was meant."""

    template_name = "crm/widgets/combo.html"

    def __init__(self, options_url="", **options):
        super().__init__(**options)
        self.options_url = options_url  # where the script asks for rows by what is typed
        self.namesakes = []  # to choose from, once what was typed fits several

    def __deepcopy__(self, memo):
        copied = super().__deepcopy__(memo)
        copied.namesakes = []
        return copied

    def value_from_datadict(self, data, files, name):
        return Typed(*(data.get(f"{name}{part}") or "" for part in ("", "-id", "-which", "-asked", "-shown")))

    def value_omitted_from_data(self, data, files, name):
        return name not in data

    def sent_as(self, name, value):
        """Return {input name: text} as a browser would send a row that was chosen before."""
        typed = Typed.of(value)
        parts = {"": typed.text, "-id": typed.id, "-shown": typed.shown, "-which": None, "-asked": None}
        return {f"{name}{part}": text for part, text in parts.items()}

    def get_context(self, name, value, attrs):
        typed = value if isinstance(value, Typed) else Typed.of(value)
        context = super().get_context(name, typed.text, attrs)
        context["widget"] |= {"id_name": f"{name}-id", "picked": typed.id, "namesakes": self.namesakes}
        parts = ("which", "asked", "shown")
        context["widget"] |= {f"{part}_name": f"{name}-{part}" for part in parts} | {"shown": typed.shown}
        context["widget"]["attrs"] |= {"data-combo": str(self.options_url), "autocomplete": "off"}
        return context


class Typed:
    """What a ComboInput was filled with."""

    def __init__(self, text="", id="", which="", asked="", shown=""):
        self.text, self.id = clean_line(str(text)), str(id)
        self.shown = clean_line(str(shown))  # the name of the row that the form was opened with
        # The radio button answers the question about one text; under another text it says nothing.
        self.which = str(which) if make_key(self.text) == make_key(asked) else ""

    @classmethod
    def of(cls, row):
        return cls(str(row), row.pk or "", shown=str(row)) if row else cls()

    @property
    def is_untouched(self):
        """True if the text is as the form was opened with: then the id holds, under any new name."""
        return bool(self.id) and self.text == self.shown and not self.which

    def __bool__(self):
        return bool(self.text)

    def __str__(self):
        return self.text

    def __eq__(self, other):
        return isinstance(other, Typed) and (self.text, self.id) == (other.text, other.id)

    __hash__ = None


class Related(forms.Field):
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
        text = str(text)
        known = text.isdecimal() and len(text) < 19
        return self.model.objects.filter(pk=int(text)).first() if known else None

    def clean(self, value):
        typed = value if isinstance(value, Typed) else Typed.of(value)
        if not typed:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if "\x00" in typed.text:
            raise ValidationError("Null characters are not allowed.")
        longest = self.model._meta.get_field("name").max_length
        if len(typed.text) > longest:
            raise ValidationError(
                f"Enter a name of at most {longest} characters (this has {len(typed.text)})."
            )
        row = self.found(typed)
        if row.pk is None and not self.may_add:
            raise ValidationError(f"There is no {self.one} called “{typed}”. Choose one that is there.")
        return row

    def comparable(self, typed):
        """Return the id of the row that is meant, also of one in the trash; else what was typed."""
        if typed.id.isdecimal() and len(typed.id) < 19 and not typed.which:
            rows = getattr(self.model, "with_trash", self.model.objects)
            row = rows.filter(pk=int(typed.id)).first()
            if row and (typed.is_untouched or self.agrees(row, typed)):
                return typed.id
        with contextlib.suppress(ValidationError):
            return comparable(self.clean(typed))
        return comparable(typed)

    def found(self, typed):
        """The row that is meant. Raises ValidationError and offers the namesakes where that is not clear."""
        if typed.which == "new":
            return self.model(name=typed.text)
        # The id is the script's, or the radio button's; it counts only while it agrees with the text.
        for asked in (typed.which, typed.id):
            if asked and str(getattr(self.current, "pk", "")) == asked:
                row = self.current
            else:
                row = asked and self.by_id(asked)
            if row and (self.agrees(row, typed) or typed.is_untouched or asked == typed.which):
                return row
        if not typed.id and self.current and self.agrees(self.current, typed):
            return self.current
        # Asked for at once: between two questions somebody may add it.
        found = list(self.model.objects.filter(self.model.called(typed.text))[:20])
        same = [row for row in found if self.agrees(row, typed)]
        if len(same) == 1:
            return same[0]
        if self.preferred and len(near := [row for row in same if self.preferred(row)]) == 1:
            return near[0]
        if same:
            self.ask(same, f"There is more than one {self.one} called “{typed}”. Which one?")
        if found:
            self.ask(found, f"There is no {self.one} called “{typed}”, but a similar one. Which one?")
        return self.model(name=typed.text)

    def agrees(self, row, typed):
        return make_key(str(row)) == make_key(typed.text)

    def ask(self, rows, question):
        choices = [(str(row.pk), str(row), getattr(row, "hint", "")) for row in rows]
        new = [("new", f"A new {self.one}", "")] if self.may_add else []
        self.widget.namesakes = [*choices, *new]
        raise ValidationError(question, code="which")


class TagNames(forms.CharField):
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
        if len(text) > 4 * MOST_TAGS * longest:  # a list of tags is shorter, whatever its quotation marks
            raise ValidationError(f"Enter at most {MOST_TAGS} tags of at most {longest} characters.")
        names = list({make_key(name): name for name in reversed(split_names(text))}.values())[::-1]
        for name in names:
            if len(name) > longest:
                raise ValidationError(f"“{name[:20]}…” is too long for a tag: at most {longest} characters.")
            if not normalized(name):
                raise ValidationError("Enter tags that can be read, with commas between them.")
        if len(names) > MOST_TAGS:
            raise ValidationError(f"Enter at most {MOST_TAGS} tags (these are {len(names)}).")
        return names

    def has_changed(self, initial, data):
        return sorted(map(str, initial or [])) != sorted(split_names(data or ""))


class TagInput(forms.TextInput):
    """The text box, bringing the workspace's tags for the script that offers them."""

    MOST_OFFERED = 500

    def __init__(self, model, attrs=None):
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.model = model

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        tags = [tag.name for tag in self.model.objects.whole().values() if not tag.is_retired]
        context["widget"]["attrs"]["data-tags"] = json.dumps(tags[: self.MOST_OFFERED])
        return context
