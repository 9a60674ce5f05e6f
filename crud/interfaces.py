"""The interfaces that the kit expects of models, managers, fields, forms, users and requests.

A protocol marked "Optional" is a feature: a class that has one of its members has them all, and the kit
asks by `hasattr` or `getattr` for one of them. Any other name asked for in that way fails a contract test.
"""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from django.db.models import Manager, Model, Q
from django.http import QueryDict

# Models and their records


@runtime_checkable
class EditableRecord(Protocol):
    """A record with pages that add and change it: see crud.models.VersionedModel."""

    pk: int
    version: int  # grows with each save; a save over another version raises EditConflict
    submission: uuid.UUID | None  # key of the form that added the record

    def save(self, *, update_fields: Iterable[str] | None = None) -> None: ...


@runtime_checkable
class SearchableManager(Protocol):
    """The manager of a model with a list: a search narrows its rows."""

    def search(self, text: str) -> Any:
        """Return the rows in which every term of the text occurs."""


@runtime_checkable
class ExplainedMatches(Protocol):
    """Optional: a model that says where a search looked, so that lists say why a record matched."""

    searched: Sequence[str]  # names of the fields whose text a search looks in


@runtime_checkable
class PicklistMatches(Protocol):
    """Optional: a model that a search also finds by the names of picklist values."""

    searched_choices: Mapping[str, type[Model]]  # {field: model of its values}


@runtime_checkable
class RelatedMatches(Protocol):
    """Optional: a record that a search also finds by what only its relations show."""

    def get_other_match_labels(self, terms: Sequence[Any]) -> list[str]:
        """Return the labels of what matches the terms, besides the record's own fields."""


@runtime_checkable
class TextFilteredModel(Protocol):
    """A model with a TextFilter."""

    @classmethod
    def build_text_condition(cls, name: str, term: Any) -> Q:
        """Return the condition under which the text of one field contains the term."""


@runtime_checkable
class LinkedRecord(Protocol):
    """Optional: a record with a page of its own."""

    def get_absolute_url(self) -> str: ...


@runtime_checkable
class HintedRecord(Protocol):
    """Optional: a record that comboboxes tell from its namesakes."""

    hint: str  # a few words, "" for none


@runtime_checkable
class ColoredRecord(Protocol):
    """Optional: a picklist value that is shown with a dot in its color."""

    color: str  # a color of the palette


@runtime_checkable
class RetirableRecord(Protocol):
    """Optional: a picklist value that can be archived."""

    is_retired: bool


@runtime_checkable
class BusinessRecord(Protocol):
    """Optional: a model whose records are counted and linked where they point at another record."""

    is_business_data: bool


@runtime_checkable
class CountedValuesModel(Protocol):
    """Optional: a model with fields that reports count with another value than the stored one."""

    counted_as: Mapping[str, str]  # {field: property with the value that counts}


@runtime_checkable
class TrashableRecord(Protocol):
    """Optional: a record that deletion moves to a trash, from which it can be restored."""

    trash: Manager  # of the deleted records alone
    with_trash: Manager  # of all records
    trash_entry: "TrashEntry | None"  # the entry of a deleted record


class TrashEntry(Protocol):
    """The entry of one deleted record in the trash."""

    deleted_by: Any  # shown as text; None if unknown
    deleted_at: datetime.datetime
    undo_address: str  # URL that takes the whole deletion back

    def restore(self) -> EditableRecord: ...


@runtime_checkable
class AuthoredRecord(Protocol):
    """Optional: a record that knows who changed which of its fields last."""

    def get_last_changes(self, names: Iterable[str]) -> Mapping[str, tuple[int, str, datetime.datetime]]:
        """Return {field: (user id, author, time)} of the last change of each field."""


@runtime_checkable
class SignedRecord(Protocol):
    """Optional: a record that knows who saved it last, for fields whose last change is unknown."""

    updated_by: Any  # shown as text; None if unknown


# Managers


@runtime_checkable
class ReferenceManager(Protocol):
    """Optional: the manager of a model of so few records that they are kept in memory."""

    def all_by_id(self) -> Mapping[int, Model]:
        """Return {pk: record} of all records, in order."""


@runtime_checkable
class NamesManager(Protocol):
    """Optional: a manager that reads no more of its records than their names."""

    def names_in_bulk(self, ids: Iterable[int]) -> Mapping[int, Model]: ...


@runtime_checkable
class ThroughManager(Protocol):
    """The manager of the table between records and their tags."""

    def for_records(self, ids: Iterable[int]) -> Iterable[Any]:
        """Return the items with their `tag` of the records with these ids (`content_object_id`)."""


# Model fields


@runtime_checkable
class DisplayedField(Protocol):
    """Optional: a field that formats its own values."""

    def display_value(self, value: Any) -> str: ...


@runtime_checkable
class RecordDisplayedField(Protocol):
    """Optional: a field that formats a value by other values of the record."""

    def display_in_record(self, value: Any, record: Model) -> str: ...


@runtime_checkable
class ExportedField(Protocol):
    """Optional: a field whose values go into files as data, not as text."""

    def export_value(self, value: Any) -> Any: ...


@runtime_checkable
class LinkedField(Protocol):
    """Optional: a field whose values lead to a page."""

    def get_url(self, value: Any) -> str:
        """Return an http(s) or tel URL, "" for none."""


@runtime_checkable
class NormalizedField(Protocol):
    """Optional: a text field that is sorted as it is stored, without folding its case."""

    is_normalized: bool


# Form fields and widgets; forms are of the class crud.forms.edit_form.EditForm


@runtime_checkable
class MultilineField(Protocol):
    """Optional: a form field that says whether it is one line of text, which is cleaned as such."""

    is_line: bool


@runtime_checkable
class ComparableField(Protocol):
    """Optional: a form field whose submitted value is compared in a way of its own in a merge."""

    def get_comparable(self, data: Any) -> str | list[str]: ...


@runtime_checkable
class CompositeWidget(Protocol):
    """Optional: a widget of several inputs."""

    def get_input_texts(self, name: str, value: Any) -> Mapping[str, str | None]:
        """Return {input: text} as a browser would send the value; None for an input it would not send."""


# Users and requests


@runtime_checkable
class PermittedUser(Protocol):
    """The user of a request."""

    pk: int

    def has_perm(self, permission: str) -> bool: ...


class FormRequest(Protocol):
    """A request to one of the kit's pages: django-htmx and the sign-in middleware add to Django's."""

    user: PermittedUser
    htmx: Any
    draft: QueryDict | None  # Optional: a form that was sent before the session ended


# Compiled queries


@runtime_checkable
class Placeholder(Protocol):
    """Optional: a parameter of a compiled query whose value is given when the query runs."""

    def bind(self, values: Mapping[str, Any], connection: Any) -> Any: ...
