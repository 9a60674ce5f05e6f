"""Which tables are watched, and what of them is told."""

from dataclasses import dataclass

from django.apps import apps
from django.db import models

from workspaces.models import Workspace

EMPTY = "''"


@dataclass(frozen=True)
class AuditedColumn:
    """One column of a watched table, and the name under which its changes are told."""

    name: str
    column: str
    is_text: bool  # whether a search looks in it: ids and choices are shown by other words


@dataclass(frozen=True)
class AuditedTable:
    """One watched table. In its SQL `{row}` stands for NEW or OLD, where there is one of them only."""

    name: str
    kind: str
    key: str  # the column with the record's id
    workspace: str  # the column with the workspace's
    part: str  # what kind of part of the record a row is, "" for the record itself
    label: str  # an SQL expression
    told: tuple
    has_trash: bool = False

    def watched_columns(self, row):
        """What of NEW or OLD is told when it changes, as SQL."""
        columns = [f"{row}.{column.column}" for column in self.told]
        return [*columns, f"({row}.deleted_at IS NULL)"] if self.has_trash else columns


def audited_tables(columns_by_table):
    """The watched tables, as far as they are in the database: `known` is {table: its columns}.

    A migration may stand between two versions of a table, and a later one put it right.
    """
    watched = [model for model in apps.get_models() if getattr(model, "audited", None)]
    return [
        table_of(model, columns_by_table[name])
        for model in watched
        if (name := model._meta.db_table) in columns_by_table
    ]


def table_of(model, columns):
    opts, audited = model._meta, model.audited
    parent = opts.get_field(audited.part_of) if audited.part_of else None
    columns_told = [
        AuditedColumn(
            field.name, quote_column(field), not (field.is_relation or field.choices or is_flag(field))
        )
        for field in audited.fields(model)
        if field.column in columns
    ]
    label = label_of(model, audited.label) if not parent else label_of(model, [f"{parent.name}__name"])
    return AuditedTable(
        name=opts.db_table,
        kind=(parent.related_model._meta if parent else opts).label_lower,
        key=parent.column if parent else "id",
        workspace="id" if model is Workspace else "workspace_id",
        part=opts.label_lower if parent else "",
        label=label,
        told=tuple(columns_told),
        has_trash="deleted_at" in columns,
    )


def quote_column(field):
    """The field's column; some are words of SQL, such as "end"."""
    return f'"{field.column}"'


def is_flag(field):
    return isinstance(field, (models.BooleanField, models.JSONField))


def label_of(model, paths):
    """The SQL of what names a row: the first of the fields at these paths that says something."""
    parts = [expression for path in paths if (expression := at(model, path.split("__"), "{row}"))]
    return f"coalesce({', '.join([*(f'nullif({part}, {EMPTY})' for part in parts), EMPTY])})"


def at(model, steps, row):
    """The SQL of the field that these steps lead to from a row; None where the model has no such field."""
    if not any(field.name == steps[0] for field in model._meta.concrete_fields):
        return None
    field = model._meta.get_field(steps[0])
    if len(steps) == 1:
        is_text = isinstance(field, (models.CharField, models.TextField))
        return f"{row}.{quote_column(field)}" if is_text else f"CAST({row}.{quote_column(field)} AS text)"
    target = field.related_model
    inner = at(target, steps[1:], "named")
    key = f"{row}.{quote_column(field)}"
    return f"(SELECT {inner} FROM {target._meta.db_table} AS named WHERE named.id = {key})"
