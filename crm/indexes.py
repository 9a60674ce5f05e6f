"""Indexes added to tables that are in use, and the one place where the databases differ about them."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import RemoveIndex
from django.db.migrations.operations.base import Operation
from django.db.models import Index, OrderBy


class AddIndexBesideWrites(AddIndexConcurrently):
    """On PostgreSQL built while others write, however long it takes. Its migration has `atomic = False`.

    SQLite has one writer anyway. Its indexes include nothing, so that what others include is the end of the
    key, and so is what the index is conditional on: it looks at that again (3.40 does), in the row if it is
    not in the key. And to it blanks are the smallest values, in every index: a list that ends with them is
    the plain index read backwards, and one that says so itself is refused.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif index := for_sqlite(self.index):
            schema_editor.add_index(to_state.apps.get_model(app_label, self.model_name), index)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        elif index := for_sqlite(self.index):
            schema_editor.remove_index(from_state.apps.get_model(app_label, self.model_name), index)


class RemoveIndexBesideWrites(RemoveIndexConcurrently):
    """The same the other way."""

    def database_forwards(self, app_label, schema_editor, *states):
        kind = RemoveIndexConcurrently if schema_editor.connection.vendor == "postgresql" else RemoveIndex
        kind.database_forwards(self, app_label, schema_editor, *states)

    def database_backwards(self, app_label, schema_editor, *states):
        kind = RemoveIndexConcurrently if schema_editor.connection.vendor == "postgresql" else RemoveIndex
        kind.database_backwards(self, app_label, schema_editor, *states)


class CoverOnSQLite(Operation):
    """Build a model's indexes of some rows anew, as for_sqlite() has them.

    For those from before it had them so; and after a change for which SQLite makes the whole table anew.
    """

    def __init__(self, model_name):
        self.model_name = model_name

    def state_forwards(self, app_label, state):
        """The models stay as they are."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "sqlite":
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        for index in model._meta.indexes:
            if index.condition and (wanted := for_sqlite(index)):
                schema_editor.remove_index(model, index)
                schema_editor.add_index(model, wanted)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """They serve what was there before, too."""

    def describe(self):
        return f"Let SQLite read the indexes of {self.model_name} without the rows"


def for_sqlite(index):
    """The index as it is there, None if it needs none."""
    if any(isinstance(one, OrderBy) and one.nulls_last for one in index.expressions):
        return None
    conditions = [name.partition("__")[0] for name, _ in index.condition.children] if index.condition else []
    fields = [*index.fields, *index.include, *conditions]
    return Index(fields=fields, condition=index.condition, name=index.name)
