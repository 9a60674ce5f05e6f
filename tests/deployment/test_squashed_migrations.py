"""A database that was migrated before the migrations were squashed goes on as it is.

data/before_squash.sql.gz is the dump of a SQLite database that the last tree before made, with a few records.
"""

import gzip
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

DUMP = Path(__file__).with_name("data") / "before_squash.sql.gz"
SQUASHED = "0001_squashed_"


@pytest.fixture
def old(tmp_path):
    """The database before, as a file."""
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as database:
        database.executescript(gzip.decompress(DUMP.read_bytes()).decode())
    database.close()
    return path


def manage(path, *arguments):
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{path}"}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)


def query(path, sql, *parameters):
    database = sqlite3.connect(path)
    try:
        return database.execute(sql, parameters).fetchall()
    finally:
        database.close()


def schema(path):
    """{object: its columns (sorted by name), keys and constraints, or its SQL}."""
    objects = {}
    for kind, name, sql in query(
        path, "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    ):
        if kind == "table":
            columns = query(path, 'SELECT name, type, "notnull", pk FROM pragma_table_info(?)', name)
            keys = query(path, 'SELECT "table", "from", "to" FROM pragma_foreign_key_list(?)', name)
            checks = re.findall(r"CONSTRAINT \"\w+\"", sql)
            objects[kind, name] = sorted(columns), sorted(keys), sorted(checks)
        else:
            objects[kind, name] = sql
    return objects


def test_nothing_is_migrated_and_the_schema_is_that_of_a_new_database(old, tmp_path):
    state_before = schema(old)
    run = manage(old, "migrate")
    assert run.returncode == 0 and "No migrations to apply" in run.stdout, run.stdout + run.stderr
    assert manage(old, "makemigrations", "--check", "--dry-run").returncode == 0
    new = tmp_path / "new.sqlite3"
    assert manage(new, "migrate", "--verbosity=0").returncode == 0
    assert schema(old) == state_before == schema(new)
    recorded = {tuple(row) for row in query(old, "SELECT app, name FROM django_migrations")}
    assert {app for app, name in recorded if name.startswith(SQUASHED)} == {"crm", "recurring", "workspaces"}


def test_its_records_are_there_and_sound(old):
    assert manage(old, "migrate", "--verbosity=0").returncode == 0
    assert query(old, "SELECT name, value FROM crm_opportunity") == [("Roof", 12000)]
    run = manage(old, "check_data")
    assert run.returncode == 0, run.stdout + run.stderr


def test_one_that_was_migrated_halfway_is_refused(old):
    database = sqlite3.connect(old)
    database.execute("DELETE FROM django_migrations WHERE app = 'crm' AND name LIKE '0006%'")
    database.commit()
    database.close()
    state_before = schema(old)
    assert manage(old, "migrate").returncode != 0
    assert schema(old) == state_before
