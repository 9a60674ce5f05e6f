"""Operations of migrations: indexes, about which the databases differ."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import AddIndex, RemoveIndex
from django.db.migrations.operations.base import Operation
from django.db.models import Index, OrderBy


def for_sqlite(index):
    """Return the form of an index that SQLite can use, or None if another index serves it as well.

    SQLite's indexes include no columns: included ones go to the end of the key, and so do those of the
    index's condition, which SQLite checks again (3.40 does), in the row if they are not in the key. NULL is
    its smallest value in every index: a list that ends with blanks is the plain index read backward.
    """
    if any(isinstance(expression, OrderBy) and expression.nulls_last for expression in index.expressions):
        return None
    conditions = [name.partition("__")[0] for name, _ in index.condition.children] if index.condition else []
    fields = [*index.fields, *index.include, *conditions]
    return Index(fields=fields, condition=index.condition, name=index.name)


class AddRecordIndex(AddIndex):
    """Adds an index to a new or small table, on SQLite as `for_sqlite` has it."""

    on_postgresql = AddIndex

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            self.on_postgresql.database_forwards(self, app_label, schema_editor, from_state, to_state)
        elif index := for_sqlite(self.index):
            schema_editor.add_index(to_state.apps.get_model(app_label, self.model_name), index)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            self.on_postgresql.database_backwards(self, app_label, schema_editor, from_state, to_state)
        elif index := for_sqlite(self.index):
            schema_editor.remove_index(from_state.apps.get_model(app_label, self.model_name), index)


class AddRecordIndexConcurrently(AddRecordIndex, AddIndexConcurrently):
    """Adds an index to a table in use, on PostgreSQL beside writes. Its migration has `atomic = False`."""

    on_postgresql = AddIndexConcurrently


class RemoveRecordIndexConcurrently(RemoveIndexConcurrently):
    """Removes an index from a table in use. Its migration has `atomic = False`."""

    def database_forwards(self, app_label, schema_editor, *states):
        base = RemoveIndexConcurrently if schema_editor.connection.vendor == "postgresql" else RemoveIndex
        base.database_forwards(self, app_label, schema_editor, *states)

    def database_backwards(self, app_label, schema_editor, *states):
        base = RemoveIndexConcurrently if schema_editor.connection.vendor == "postgresql" else RemoveIndex
        base.database_backwards(self, app_label, schema_editor, *states)


class RebuildSQLiteIndexes(Operation):
    """Builds a model's conditional indexes anew, as `for_sqlite` has them.

    Needed after a change for which Django makes the whole table anew on SQLite, indexes as on PostgreSQL.
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
            if index.condition and (sqlite_index := for_sqlite(index)):
                schema_editor.remove_index(model, index)
                schema_editor.add_index(model, sqlite_index)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """The rebuilt indexes serve the earlier state, too."""

    def describe(self):
        return f"Rebuild the indexes of {self.model_name} on SQLite"
