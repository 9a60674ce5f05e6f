"""Form fields and widgets of filters."""

import functools

from django import forms
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from crud.params import parse_ids
from crud.search import normalize_text

NONE = "none"


class MultiSelect(forms.SelectMultiple):
    """Every value of a parameter, each once."""

    def value_from_datadict(self, data, files, name):
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        return [value for value in dict.fromkeys(values) if value]


class MultiValueField(forms.Field):
    """Values that are among the filter's choices."""

    widget = MultiSelect

    def __init__(self, *, source, **options):
        self.source = source
        super().__init__(**options)

    def clean(self, value):
        value = list(dict.fromkeys(map(self.source.resolve, value)))
        labels = self.source.labels_of(value)
        unknown = [item for item in value if item not in labels]
        if unknown:
            names = ", ".join(f"“{item[:40]}”" for item in unknown[:3])
            message = ngettext(
                "This value no longer exists: %(names)s.",
                "These values no longer exist: %(names)s.",
                len(unknown),
            )
            raise forms.ValidationError(message % {"names": names})
        return value


def normalized_choices(model_field):
    """Return {normalized label: [values]} of a field's own choices in the active language."""
    return _normalized_choices(model_field, get_language())


@functools.cache
def _normalized_choices(model_field, language):
    values_by_label = {}
    for value, label in model_field.flatchoices if model_field is not None else ():
        if value not in ("", None):
            values_by_label.setdefault(normalize_text(str(label)), []).append(str(value))
    return values_by_label


class RecordsField(forms.Field):
    """Rows of a large kind, by their ids."""

    widget = MultiSelect

    def __init__(self, *, source, **options):
        self.source = source
        super().__init__(**options)

    def clean(self, value):
        ids = parse_ids(value[:100])
        records = self.source.model_field.related_model.objects.in_bulk(ids) if ids else {}
        if len(records) + (NONE in value) < len(value):
            name = self.source.model_field.related_model._meta.verbose_name
            raise forms.ValidationError(_("This %(record)s no longer exists.") % {"record": name})
        return [*records.values(), *([None] if NONE in value else [])]
