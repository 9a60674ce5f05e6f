"""Entries as people read them: names in the place of ids, values as pages write them."""

from dataclasses import dataclass

from django.db.models import CharField, F, Q, Value
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from crud import display
from workspaces.audit.models import model_of
from workspaces.models import AuditEntry, Membership, WorkspaceModel

LONGEST = 300  # characters of a long text, where it is not the only thing shown


@dataclass(frozen=True)
class FieldChange:
    """One field, old → new."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class EntryLine:
    """One entry, and what it changed."""

    entry: AuditEntry
    changes: list
    is_there: bool  # whether the record is, be it in the trash


class RecordNames:
    """What rows of many kinds are called, found out at once: by three queries, however many they are."""

    def __init__(self, ids_by_model):
        self.there = {
            (Membership, pk): str(row)
            for pk, row in Membership.objects.in_bulk(ids_by_model.pop(Membership, ())).items()
        }
        ids_by_model = {model: pks for model, pks in ids_by_model.items() if has_name(model)}
        querysets = [record_names(model, pks) for model, pks in ids_by_model.items()]
        kinds = {model._meta.label_lower: model for model in ids_by_model}
        if querysets:
            rows = querysets[0].union(*querysets[1:], all=True) if querysets[1:] else querysets[0]
            self.there |= {(kinds[kind], pk): name for kind, pk, name in rows}
        gone = [
            Q(kind=kind, object_id__in=missing)
            for kind, model in kinds.items()
            if (missing := [pk for pk in ids_by_model[model] if (model, pk) not in self.there])
        ]
        self.gone = {}
        if gone:  # their own entries say how they were called
            deleted = AuditEntry.objects.filter(
                Q.create(gone, Q.OR), action=AuditEntry.Action.DELETED, part=""
            )
            labels = deleted.order_by().values_list("kind", "object_id", "label")
            self.gone = {(kinds[kind], pk): label for kind, pk, label in labels}

    def of(self, model, pk):
        return (
            self.there.get((model, pk))
            or self.gone.get((model, pk))
            or _("no. %(id)s (deleted)") % {"id": pk}
        )


def has_name(model):
    return issubclass(model, WorkspaceModel) and display.field_of(model, "name") is not None


def record_names(model, pks):
    rows = getattr(model, "with_trash", model.objects).filter(pk__in=pks).order_by()
    return rows.values_list(Value(model._meta.label_lower, CharField()), "pk", F("name"))


def build_lines_of_entries(entries, longest=LONGEST):
    """[Line] of the entries."""
    ids_by_model = {}
    for entry in entries:
        if (model := model_of(entry.kind)) and entry.object_id:
            ids_by_model.setdefault(model, set()).add(entry.object_id)
        for field, name, sides in fields_of(entry):
            if field is not None and field.is_relation:
                ids = {entry.read(name, side) for side in sides} - {None}
                ids_by_model.setdefault(field.related_model, set()).update(ids)
    names = RecordNames(ids_by_model)
    return [
        EntryLine(
            entry,
            [change(entry, *field_change, names, longest) for field_change in fields_of(entry)],
            (model_of(entry.kind), entry.object_id) in names.there,
        )
        for entry in entries
    ]


def fields_of(entry):
    """[(field, its name, [old, new])] of an entry's changes, in form order; the field may be gone."""
    fields_by_name = (
        {field.name: field for field in entry.told_of._meta.concrete_fields} if entry.told_of else {}
    )
    order = {name: place for place, name in enumerate(fields_by_name)}
    names = sorted(entry.changes, key=lambda name: order.get(name, len(order)))
    return [(fields_by_name.get(name), name, entry.changes[name]) for name in names]


def change(entry, field, name, sides, names, longest):
    label = capfirst(str(field.verbose_name)) if field is not None else capfirst(name.replace("_", " "))
    old, new = (format_audit_value(field, entry.read(name, side), names) for side in sides)
    return FieldChange(label, *(Truncator(side).chars(longest) if longest else side for side in (old, new)))


def format_audit_value(field, value, names):
    """A value as pages show it, "" for none."""
    if value is None or value == "":
        return ""
    if field is None or not hasattr(field, "verbose_name"):
        return display.plain(value)
    if field.is_relation:
        return names.of(field.related_model, value)
    if hasattr(field, "display_value"):
        return field.display_value(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return display.plain(value)
