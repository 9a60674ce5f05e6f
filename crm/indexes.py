"""Indexes added to tables that are in use, and the one place where the databases differ about them."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import RemoveIndex
from django.db.models import Index, OrderBy


class AddIndexBesideWrites(AddIndexConcurrently):
    """On PostgreSQL built while others write, however long it takes. Its migration has `atomic = False`.

    SQLite has one writer anyway. Its indexes include nothing, so that what others include is the end of the
    key. And to it blanks are the smallest values, in every index: a list that ends with them is the plain
    index read backwards, and one that says so itself is refused.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif index := self.for_sqlite():
            schema_editor.add_index(to_state.apps.get_model(app_label, self.model_name), index)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        elif index := self.for_sqlite():
            schema_editor.remove_index(from_state.apps.get_model(app_label, self.model_name), index)

    def for_sqlite(self):
        """The index as it is there, None if it needs none."""
        if any(isinstance(one, OrderBy) and one.nulls_last for one in self.index.expressions):
            return None
        if not self.index.include:
            return self.index
        fields = [*self.index.fields, *self.index.include]
        return Index(fields=fields, condition=self.index.condition, name=self.index.name)


class RemoveIndexBesideWrites(RemoveIndexConcurrently):
    """The same the other way."""

    def database_forwards(self, app_label, schema_editor, *states):
        kind = RemoveIndexConcurrently if schema_editor.connection.vendor == "postgresql" else RemoveIndex
        kind.database_forwards(self, app_label, schema_editor, *states)

    def database_backwards(self, app_label, schema_editor, *states):
        kind = RemoveIndexConcurrently if schema_editor.connection.vendor == "postgresql" else RemoveIndex
        kind.database_backwards(self, app_label, schema_editor, *states)
