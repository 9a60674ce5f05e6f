"""Tables of one workspace's rows each, and the references between them."""

from dataclasses import dataclass

from django.apps import apps

from workspaces.models import WorkspaceModel

NAME_PREFIX = "wall"  # what the names of all that is made here begin with


@dataclass(frozen=True)
class IsolatedTable:
    """A table of one workspace's rows, as its model declares it."""

    name: str
    keys: tuple  # (column, the table of that kind it refers to)
    also_read_by: str  # a column with a user's id: they may read the row from outside of its workspace

    @classmethod
    def of(cls, model):
        keys = [
            (field.column, field.related_model._meta.db_table)
            for field in model._meta.local_concrete_fields
            if field.is_relation and issubclass(field.related_model, WorkspaceModel)
        ]
        return cls(model._meta.db_table, tuple(keys), getattr(model, "also_read_by", ""))


def isolated_tables():
    """Return the tables to be isolated, as the models are now."""
    return [IsolatedTable.of(model) for model in apps.get_models() if issubclass(model, WorkspaceModel)]


def select_existing(columns):
    """Yield the tables and keys that the database has by now: a `migrate` may stop halfway."""
    for table in isolated_tables():
        keys = [
            (column, target)
            for column, target in table.keys
            if {(table.name, column), (target, "workspace_id")} <= columns
        ]
        if (table.name, "workspace_id") in columns:
            yield IsolatedTable(table.name, tuple(keys), table.also_read_by)
