"""Bulk inserts of test data: COPY on PostgreSQL, executemany on SQLite.

For the throw-away database of a bench only. It goes past triggers and policies (on PostgreSQL as its
superuser), past the model's `save` and past the scope: the rows bring their ids and their workspace.
"""

import io
from collections import Counter, defaultdict
from contextlib import closing

import psycopg2
from django.db import connection, transaction

from recurring.models.fields import AmountField

AT_ONCE = 5_000
ESCAPED = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class Bulk:
    """Collects instances of any models and writes them in batches of a few thousand per model."""

    def __init__(self):
        self.waiting, self.count = defaultdict(list), Counter()

    def add(self, row):
        model = type(row)
        self.waiting[model].append([self.prepare(field, row) for field in model._meta.concrete_fields])
        self.count[model] += 1
        if len(self.waiting[model]) == AT_ONCE:
            self.write(model)

    def write(self, model):
        columns = [connection.ops.quote_name(field.column) for field in model._meta.concrete_fields]
        self.insert(model._meta.db_table, columns, self.waiting.pop(model))

    def prepare(self, field, row):
        """Return the value of the instance's field, prepared for the database."""
        return field.get_db_prep_save(field.pre_save(row, add=True), connection)

    def insert(self, table, columns, rows):
        raise NotImplementedError

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        if error is None:
            for model in [*self.waiting]:
                self.write(model)
            self.finish()

    def finish(self):
        raise NotImplementedError


def superuser():
    """Open a PostgreSQL superuser connection, which bypasses row-level security."""
    return psycopg2.connect(**connection.get_connection_params() | {"user": "postgres"})


class ByCopy(Bulk):
    """PostgreSQL writer: COPY with replication role, so without triggers, keys and policies."""

    def __init__(self):
        super().__init__()
        self.connection = superuser()
        self.cursor = self.connection.cursor()
        self.cursor.execute("SET session_replication_role = replica")

    def prepare(self, field, row):
        # COPY accepts other values unchanged; this path is hot: a million rows of thirty fields.
        value = field.pre_save(row, add=True)
        return field.get_prep_value(value) if isinstance(field, AmountField) else value

    def insert(self, table, columns, rows):
        lines = ("\t".join(map(copy_rows, row)) for row in rows)
        self.cursor.copy_expert(
            f"COPY {table} ({', '.join(columns)}) FROM STDIN", io.StringIO("\n".join(lines))
        )

    def finish(self):
        self.connection.commit()
        self.connection.close()


def copy_rows(value):
    """Return a value in the text format of COPY."""
    if value is None:
        return "\\N"
    return value.translate(ESCAPED) if isinstance(value, str) else str(value)


class ByInsert(Bulk):
    """SQLite writer: one transaction, with the triggers dropped until it ends."""

    def __init__(self):
        super().__init__()
        self.cursor = connection.cursor()
        self.cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        self.triggers = self.cursor.fetchall()
        self.cursor.execute("PRAGMA foreign_keys = OFF")
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        for name, _ in self.triggers:
            self.cursor.execute(f'DROP TRIGGER "{name}"')

    def insert(self, table, columns, rows):
        marks = ", ".join(["%s"] * len(columns))
        self.cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608

    def finish(self):
        for _, sql in self.triggers:
            self.cursor.execute(sql)
        self.transaction.__exit__(None, None, None)
        self.cursor.execute("PRAGMA foreign_keys = ON")


def bulk():
    """Return the bulk writer for the configured database."""
    return ByCopy() if connection.vendor == "postgresql" else ByInsert()


def settle(models):
    """Reset the id sequences and refresh the planner statistics after all rows are written."""
    if connection.vendor == "sqlite":
        connection.cursor().execute("ANALYZE")
        return
    with closing(superuser()) as above_policies:
        above_policies.autocommit = True
        cursor = above_policies.cursor()
        for model in models:
            table = model._meta.db_table
            newest = f"SELECT max(id) FROM {table}"  # noqa: S608
            cursor.execute(f"SELECT setval(pg_get_serial_sequence(%s, 'id'), ({newest}))", [table])
        cursor.execute("VACUUM ANALYZE")
