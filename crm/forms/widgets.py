"""Widgets of forms: comboboxes and tag boxes."""

import json

from django import forms

from crud.parsing.keys import make_key
from crud.parsing.text import clean_line

MAX_LISTED_CHOICES = 8  # with more choices than these one searches by typing


class RecordInput:
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
        return isinstance(other, RecordInput) and (self.text, self.id) == (other.text, other.id)

    __hash__ = None


class PicklistSelect(forms.Select):
    """A choice that is searched by typing where it is long."""

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if len(list(self.choices)) > MAX_LISTED_CHOICES + 1:
            context["widget"]["attrs"]["data-search"] = ""
        return context


class ComboInput(forms.TextInput):
    """A name typed, the id of the row that a script picked, and which of several namesakes was meant."""

    template_name = "crm/widgets/combobox.html"

    def __init__(self, options_url="", **options):
        super().__init__(**options)
        self.options_url = options_url  # where the script asks for rows by what is typed
        self.namesakes = []  # to choose from, once what was typed fits several

    def __deepcopy__(self, memo):
        copied = super().__deepcopy__(memo)
        copied.namesakes = []
        return copied

    def value_from_datadict(self, data, files, name):
        return RecordInput(
            *(data.get(f"{name}{part}") or "" for part in ("", "-id", "-which", "-asked", "-shown"))
        )

    def value_omitted_from_data(self, data, files, name):
        return name not in data

    def get_input_texts(self, name, value):
        """Return {input name: text} as a browser would send a row that was chosen before."""
        record_input = RecordInput.of(value)
        parts = {
            "": record_input.text,
            "-id": record_input.id,
            "-shown": record_input.shown,
            "-which": None,
            "-asked": None,
        }
        return {f"{name}{part}": text for part, text in parts.items()}

    def get_context(self, name, value, attrs):
        record_input = value if isinstance(value, RecordInput) else RecordInput.of(value)
        context = super().get_context(name, record_input.text, attrs)
        context["widget"] |= {"id_name": f"{name}-id", "picked": record_input.id, "namesakes": self.namesakes}
        parts = ("which", "asked", "shown")
        context["widget"] |= {f"{part}_name": f"{name}-{part}" for part in parts} | {
            "shown": record_input.shown
        }
        context["widget"]["attrs"] |= {"data-combo": str(self.options_url), "autocomplete": "off"}
        return context


class TagInput(forms.TextInput):
    """The text box, bringing the workspace's tags for the script that offers them."""

    MOST_OFFERED = 500

    def __init__(self, model, attrs=None):
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.model = model

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        tags = [tag.name for tag in self.model.objects.all_by_id().values() if not tag.is_retired]
        context["widget"]["attrs"]["data-tags"] = json.dumps(tags[: self.MOST_OFFERED])
        return context
