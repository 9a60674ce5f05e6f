"""What a database holds, as numbers: by them a restored one is shown to be the one that was backed up."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from socius import settings


def environ_url(name):
    """Django's settings of the database that the environment, or .env, names so; None if it names none."""
    return settings.database(name) if settings.env.ENVIRON.get(name) else None


# What Django's settings, pg_dump and psycopg2 call the same.
WORDS = {
    "HOST": ("--host", "host"),
    "PORT": ("--port", "port"),
    "USER": ("--username", "user"),
    "NAME": ("--dbname", "dbname"),
}


def program(name, database, *options):
    """Run pg_dump or pg_restore on a database; the password goes by the environment, unseen."""
    where = [f"{WORDS[word][0]}={database[word]}" for word in WORDS if database.get(word)]
    secret = {"PGPASSWORD": database["PASSWORD"]} if database.get("PASSWORD") else {}
    try:
        result = subprocess.run([name, *where, *options], env={**os.environ, **secret})
    except FileNotFoundError:
        sys.exit(f"There is no program {name}. On Debian: apt-get install postgresql-client")
    if result.returncode:
        sys.exit(f"{name} failed.")


def connect(database):
    where = {WORDS[word][1]: database[word] for word in WORDS if database.get(word)}
    return closing(psycopg2.connect(**where, password=database.get("PASSWORD") or None))


def of_postgresql(cursor):
    """{table: [rows, sum of a hash of each row]}."""
    cursor.execute("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'")
    return {table: fingerprint(cursor, table) for (table,) in cursor.fetchall()}


def fingerprint(cursor, table):
    # A name that the database quoted itself.
    cursor.execute(f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {table} t")  # noqa: S608
    return list(cursor.fetchone())


def of_sqlite(connection):
    """{table: [rows]}, of a file that SQLite finds whole."""
    troubles = [
        *(word for (word,) in connection.execute("PRAGMA integrity_check") if word != "ok"),
        *connection.execute("PRAGMA foreign_key_check"),
    ]
    if troubles:
        sys.exit(f"The file is damaged: {troubles[:3]}")
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: list(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()) for name in names}  # noqa: S608


def described(contents):
    rows = sum(numbers[0] for numbers in contents.values())
    return f"{len(contents)} tables, {rows} rows"


def write(path, contents):
    path.write_text(json.dumps(contents, indent=1, sort_keys=True))


def read(path):
    return json.loads(path.read_text())
