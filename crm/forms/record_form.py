"""What the forms of all records have in common."""

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from crm.forms.fields import PicklistField, RecordField, TagNamesField
from crm.models import Record
from crud.forms.edit_form import EditForm
from crud.forms.fields import DateField, NumberField
from crud.params import parse_id


class RecordForm(EditForm):
    """A form of a CRM record: its fields in groups under headings."""

    groups = {}  # {heading: names of fields}
    live_twins = ()  # the fields that are looked up for duplicates while one types
    user = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.made = []  # rows made on the spot
        for name, field in self.fields.items():
            if isinstance(field, PicklistField):
                field.offer(getattr(self.instance, f"{name}_id", None))
            elif isinstance(field, RecordField):
                field.current = getattr(
                    self.instance, name, None
                )  # none of a new row, though it must have one
                self.initial[name] = self.initial.get(name) or getattr(self.instance, f"{name}_id", None)
            elif isinstance(field, forms.CharField) and not field.widget.is_hidden:
                # A limit of the browser's would cut off what is pasted without a word; ours says so.
                field.widget.attrs.pop("maxlength", None)
                field.widget.attrs.setdefault("autocomplete", "off")
        for name in self.live_twins:
            address = reverse(f"crm:{self._meta.model._meta.model_name}-twins")
            self.fields[name].widget.attrs |= {
                "hx-get": f"{address}?pk={self.instance.pk or ''}",
                "hx-trigger": "input changed delay:500ms",
                "hx-target": f"#twins-{name}",
            }

    def set_user(self, user):
        """Take the user, who may be allowed to add companies and people while filling in the form."""
        self.user = user
        for field in self.fields.values():
            if isinstance(field, RecordField):
                field.may_add = field.is_made and user.has_perm(f"crm.add_{field.model._meta.model_name}")

    @property
    def grouped(self):
        """[(heading, [bound fields])]."""
        return [
            (heading, [self[name] for name in names if name in self.fields])
            for heading, names in self.groups.items()
        ]

    @classmethod
    def get_prefilled_values(cls, parameters):
        """Initial values from an address: rows by their ids, each only if it is there to be chosen."""
        values = {}
        for name, field in cls.base_fields.items():
            text = parameters.get(name, "")[:200]
            if not text or "\x00" in text:
                continue
            if isinstance(field, (PicklistField, RecordField)):
                row = record_by_id(field, text)
                if row:
                    values[name] = row.pk
            elif name == "name":
                values[name] = text
        return values

    def _clean_fields(self):
        super()._clean_fields()
        self._accept_stored_values()

    def _accept_stored_values(self):
        """Drop errors of numbers and dates that were not edited: they may be older than a bound."""
        for name in [*self.errors] if self.instance.pk else ():
            field = self.fields[name]
            if isinstance(field, (DateField, NumberField)) and not field.has_changed(
                self.initial.get(name), self[name].data
            ):
                del self._errors[name]
                self.cleaned_data[name] = getattr(self.instance, name)

    def _get_validation_exclusions(self):
        # What its own fields have found in the workspace is not looked for again, at a query each.
        related = {
            name for name, field in self.fields.items() if isinstance(field, (PicklistField, RecordField))
        }
        return super()._get_validation_exclusions() | related

    def get_typed_text(self, name):
        """The value of a field in this form as people write it, whether or not it is saved."""
        value = self.cleaned_data.get(name)
        if isinstance(self.fields[name], TagNamesField):
            return ", ".join(value or ())
        if isinstance(value, Record):
            return str(value)
        return super().get_typed_text(name)

    def save(self, commit=True):
        # One after the other: a contact made on the spot is with the company made on the spot.
        for name, row in self.cleaned_data.items():
            if isinstance(row, Record) and row.pk is None:
                self.complete(row)
                row.save()
                self.made.append(row)
                setattr(self.instance, name, row)
        if self.instance.pk and "tags" in self.cleaned_data:
            # Before the row itself, whose save then writes once what it is found by.
            self.instance.tags.set(self.cleaned_data["tags"], is_saved_next=True)
        return super().save(commit)

    def complete(self, row):
        """Say what else is known of a row made on the spot."""

    def get_notices(self):
        """What else the user should know after saving: what was made, and what may be there twice."""
        for row in self.made:
            text = _('Also added the {record} <a href="{url}">{name}</a>.')
            yield (
                messages.INFO,
                format_html(text, record=row._meta.verbose_name, url=row.get_absolute_url(), name=row),
            )
        changed = {name.removesuffix("_id") for name in self.instance.changed}
        yield from ((messages.WARNING, line) for name, line in self.instance.remarks() if name in changed)
        for field, sentence, rows in self.instance.twins():
            if field in changed:
                yield from ((messages.WARNING, line) for line in duplicate_notices(sentence, rows))


def record_by_id(field, text):
    """The row that the field may be prefilled with, None if there is none with this id."""
    pk = parse_id(text)
    if pk is None:
        return None
    if isinstance(field, RecordField):
        return field.by_id(text)
    row = field.all_by_id.get(pk)
    return row if row and field.is_offered(row) else None


def duplicate_notices(sentence, rows, most=3):
    """One line on the rows that may be the same, with links to them; none if there are none."""
    duplicates = list(rows[: most + 1])
    if duplicates:
        text = _("{sentence}: {records} and more") if len(duplicates) > most else "{sentence}: {records}"
        yield format_html(text, sentence=sentence, records=_links(duplicates[:most]))


def _links(rows):
    links = ((row.get_absolute_url(), row, f" ({row.hint})" if row.hint else "") for row in rows)
    return format_html_join(", ", '<a href="{}">{}</a>{}', links)
