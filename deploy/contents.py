"""Fingerprints of a database's contents, to compare a restored backup with the original.

{"format": 2, "tables": {table: [row count, checksum]}, "schema": {object: definition}}

The checksum is the sum, modulo 2^128, of a BLAKE2b hash of each row: independent of the order in which rows
are read, and computed from a stream, so its memory does not grow with the number of rows.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from socius import settings

SQLITE, POSTGRESQL = "socius.sqlite3", "socius.dump"  # the files of a backup
FORMAT = 2
ROWS_PER_FETCH = 5000


def environ_url(name):
    """Return Django's settings of the database in an environment or .env variable, or None."""
    return settings.database(name) if settings.env.ENVIRON.get(name) else None


# {Django's setting: (option of pg_dump, parameter of psycopg2)}
WORDS = {
    "HOST": ("--host", "host"),
    "PORT": ("--port", "port"),
    "USER": ("--username", "user"),
    "NAME": ("--dbname", "dbname"),
}


def run_postgresql_program(name, database, *options):
    """Run pg_dump or pg_restore; the password is passed in the environment, hidden from `ps`."""
    where = [f"{WORDS[word][0]}={database[word]}" for word in WORDS if database.get(word)]
    secret = {"PGPASSWORD": database["PASSWORD"]} if database.get("PASSWORD") else {}
    try:
        result = subprocess.run([name, *where, *options], env={**os.environ, **secret})
    except FileNotFoundError:
        sys.exit(f"There is no program {name}. On Debian: apt-get install postgresql-client")
    if result.returncode:
        sys.exit(f"{name} failed.")


def open_database(database):
    where = {WORDS[word][1]: database[word] for word in WORDS if database.get(word)}
    return closing(psycopg2.connect(**where, password=database.get("PASSWORD") or None))


def checksum(rows):
    """Return [row count, sum of the row hashes in hexadecimal]."""
    count = total = 0
    for row in rows:
        count += 1
        total += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest(), "big")
    return [count, f"{total % 2**128:032x}"]


def has_tables(contents):
    return bool(contents["tables"])


# PostgreSQL

# (kind, name, definition) of all objects of the schema. Values of sequences are left out: they advance
# outside of transactions, so a dump under load has later values than the snapshot; see
# `sequences_behind`.
SCHEMA = """
SELECT 'column', format('%I.%I', c.relname, a.attname),
       format('%s %s %s', format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
UNION ALL
SELECT 'row security', relname, format('enabled %s, forced %s', relrowsecurity, relforcerowsecurity)
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
UNION ALL
SELECT 'policy', format('%I.%I', tablename, policyname),
       format('%s %s %s %s %s', permissive, roles, cmd, qual, with_check)
  FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', format('%I.%I', c.relname, tgname), format('%s %s', tgenabled, pg_get_triggerdef(t.oid))
  FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
 WHERE c.relnamespace = 'public'::regnamespace AND NOT tgisinternal
UNION ALL
SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
   AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
UNION ALL
SELECT 'index', c.relname, format('%s %s', indisvalid, pg_get_indexdef(indexrelid))
  FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'constraint', format('%I.%I', c.relname, conname),
       format('%s %s', convalidated, pg_get_constraintdef(k.oid))
  FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'sequence', sequencename, format('%s %s %s %s', start_value, increment_by, max_value, cycle)
  FROM pg_sequences WHERE schemaname = 'public'
"""
OWNED_SEQUENCES = """
SELECT s.relname, format('%I.%I', n.nspname, t.relname), quote_ident(a.attname)
  FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
  JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
 WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace
"""


def of_postgresql(connection):
    """Return the contents of the database as the connection's transaction sees them."""
    with connection.cursor() as cursor:
        # The text form of values depends on these settings.
        cursor.execute(
            "SET LOCAL datestyle = 'ISO'; SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 3; "
            "SET LOCAL intervalstyle = 'postgres'; SET LOCAL bytea_output = 'hex'"
        )
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(SCHEMA)
        schema = {f"{kind} {name}": without_casts(text) for kind, name, text in cursor.fetchall()}
    return {
        "format": FORMAT,
        "tables": {table: checksum(iterate_rows(connection, table)) for table in tables},
        "schema": schema,
    }


def iterate_rows(connection, table):
    with connection.cursor("socius_rows") as cursor:
        cursor.itersize = ROWS_PER_FETCH
        cursor.execute(f"SELECT t::text FROM {table} t")  # noqa: S608 - the database quoted the name
        yield from cursor


def without_casts(definition):
    """Return the definition without casts, brackets and spaces, which a restore may rewrite."""
    text = re.sub(r"::(character varying|double precision|[a-z_]+)(\(\d+\))?(\[\])?", "", definition)
    return re.sub(r"[\s()\[\]]|ARRAY", "", text)


def sequences_behind(connection):
    """Return the names of sequences whose next value is already in use."""
    stale_sequences = []
    with connection.cursor() as cursor:
        cursor.execute(OWNED_SEQUENCES)
        for sequence, table, column in cursor.fetchall():
            cursor.execute(
                "SELECT coalesce(last_value, 0) FROM pg_sequences "
                "WHERE schemaname = 'public' AND sequencename = %s",
                [sequence],
            )
            (last_value,) = cursor.fetchone()
            cursor.execute(f"SELECT coalesce(max({column}), 0) FROM {table}")  # noqa: S608 - quoted as well
            if last_value < cursor.fetchone()[0]:
                stale_sequences.append(f"sequence {sequence}")
    return stale_sequences


# SQLite


def of_sqlite(connection):
    """Return the contents of a file; raise SystemExit if SQLite reports corruption."""
    troubles = [
        *(word for (word,) in connection.execute("PRAGMA integrity_check") if word != "ok"),
        *connection.execute("PRAGMA foreign_key_check"),
    ]
    if troubles:
        sys.exit(f"The file is damaged: {troubles[:3]}")
    schema = list(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
    tables = [name for kind, name, _, _ in schema if kind == "table"]
    return {
        "format": FORMAT,
        "tables": {name: checksum(connection.execute(f'SELECT * FROM "{name}"')) for name in tables},  # noqa: S608
        "schema": {f"{kind} {name}": f"{table}: {sql}" for kind, name, table, sql in schema},
    }


# Both databases


def differences(actual, expected):
    """Return the sorted names of tables and other objects that differ from the backup."""
    if expected.get("format") != FORMAT:  # from an earlier version, which stored row counts only
        rows = {name: numbers[0] for name, numbers in actual["tables"].items()}
        return differing(rows, {name: numbers[0] for name, numbers in expected.items()})
    return differing(actual["tables"], expected["tables"]) + differing(actual["schema"], expected["schema"])


def differing(actual, expected):
    return sorted(name for name in actual.keys() | expected.keys() if actual.get(name) != expected.get(name))


def describe_contents(contents):
    rows = sum(numbers[0] for numbers in contents["tables"].values())
    return f"{len(contents['tables'])} tables, {rows} rows"


def digest(file):
    """Return the SHA-256 of a file, read in chunks. It also detects damage outside of the rows."""
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write(path, contents):
    path.write_text(json.dumps(contents, indent=1, sort_keys=True))


def read(path):
    return json.loads(path.read_text())
