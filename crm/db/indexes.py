"""Indexes of records, in the form that each database can use."""

from django.db.backends.ddl_references import Statement
from django.db.models import F, Index, OrderBy, Q

# Condition of the indexes that lists are sorted by. deleted_at is not one of their columns: PostgreSQL does
# not see that rows which are all NULL there are in the order of the columns after it.
NOT_IN_TRASH = Q(deleted_at=None)
NOTHING = Statement("SELECT 1")  # Django executes what an index returns, also where there is nothing to do


class RecordIndex(Index):
    """Index of the records that are not in the trash.

    SQLite's indexes include no columns: included ones go to the end of the key, and so do those of the
    condition, which SQLite checks again (3.40 does), in the row if they are not in the key. NULL is its
    smallest value in every index: a descending list that ends with blanks is the plain index read backward,
    and gets no index of its own. The index does so by itself, not the migration, so that it comes through
    when Django makes a table anew, which is its way of altering one on SQLite.
    """

    def for_sqlite(self):
        """Return the index that SQLite gets instead, or None if it needs none."""
        if any(isinstance(expression, OrderBy) and expression.nulls_last for expression in self.expressions):
            return None
        conditions = [name.partition("__")[0] for name, _ in self.condition.children]
        return Index(
            fields=[*self.fields, *self.include, *conditions], condition=self.condition, name=self.name
        )

    def create_sql(self, model, schema_editor, using="", **kwargs):
        if schema_editor.connection.vendor == "postgresql":
            return super().create_sql(model, schema_editor, using, **kwargs)
        index = self.for_sqlite()
        return index.create_sql(model, schema_editor, using, **kwargs) if index else NOTHING

    def remove_sql(self, model, schema_editor, **kwargs):
        if schema_editor.connection.vendor == "postgresql" or self.for_sqlite():
            return super().remove_sql(model, schema_editor, **kwargs)
        return NOTHING


def live_index(*columns, **options):
    """Return an index of the rows that are not in the trash, by workspace and then these columns."""
    if all(isinstance(column, str) for column in columns):
        return RecordIndex(fields=["workspace", *columns], condition=NOT_IN_TRASH, **options)
    return RecordIndex(F("workspace"), *columns, condition=NOT_IN_TRASH, **options)


def order_blanks_last(column):
    """Return the expressions of an index for a descending list by a column that may be blank."""
    return F(column).desc(nulls_last=True), F("id").desc()
