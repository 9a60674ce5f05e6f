"""Forms whose one-line text is normalized before it is validated."""

from django.forms import ChoiceField
from django.utils.translation import gettext_lazy as _

from crud.parsing.text import clean_line

INVALID_CHOICE = _("Choose one of the available options.")
LINE_INPUTS = frozenset({"text", "email", "url", "search", "tel", "number"})


class LineFormMixin:
    """A form that cleans what its one-line fields were filled with: see `clean_line`.

    Before validation, so that "required", limits of length, and parsers see what will be stored. Passwords
    and texts of several lines stay as they are, and fields that say `is_line = False` clean for themselves.
    """

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for field in self.fields.values():
            # Django's sentence repeats what was sent, whatever its length.
            if "%(value)" in field.error_messages.get("invalid_choice", "") and isinstance(
                field, ChoiceField
            ):
                field.error_messages["invalid_choice"] = INVALID_CHOICE

    def full_clean(self):
        if self.is_bound:
            self.data = self.with_clean_lines(self.data)
        super().full_clean()

    def with_clean_lines(self, data):
        """Return `data`, or a copy of it in which the text of one-line fields is clean."""
        names = [self.add_prefix(name) for name, field in self.fields.items() if is_line(field)]
        sent_texts = {name: text for name in names if isinstance(text := data.get(name), str)}
        # Spaces around it are the fields' own to strip: a form shows again what was typed.
        changed = {
            name: line for name, text in sent_texts.items() if (line := clean_line(text)) != text.strip()
        }
        if not changed:
            return data
        data = data.copy()
        for name, line in changed.items():
            data[name] = line
        return data


def is_line(field):
    """Return whether a form field is filled with one line of text."""
    return getattr(field, "is_line", True) and getattr(field.widget, "input_type", "") in LINE_INPUTS
