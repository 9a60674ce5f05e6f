#!/usr/bin/env python3
"""restore.py BACKUP: restore a backup into the empty database of RESTORE_URL and verify it.

BACKUP is a folder written by backup.py, RESTORE_URL has the format of DATABASE_URL: on PostgreSQL a database
without tables that Socius' role owns (BACKUP_URL's role then verifies), on SQLite a file that does not exist.
An existing database is never overwritten: restore to a new one, then point DATABASE_URL to it.
"""

import os
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import contents


def into_postgresql(backup, database):
    role = contents.environ_url("BACKUP_URL") or database
    restore_database = {**database, "USER": role["USER"], "PASSWORD": role["PASSWORD"]}
    with contents.open_database(restore_database) as connection:
        if contents.has_tables(contents.of_postgresql(connection)):
            sys.exit("The database of RESTORE_URL has tables already: name an empty one.")
    whole = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    contents.run_postgresql_program("pg_restore", database, *whole, backup / contents.POSTGRESQL)
    with contents.open_database(restore_database) as connection:
        if stale_sequences := contents.sequences_behind(connection):
            sys.exit(f"Not as it was backed up: {', '.join(stale_sequences)} would give numbers out twice.")
        return contents.of_postgresql(connection)


def into_sqlite(backup, database):
    if Path(database["NAME"]).exists():
        sys.exit(f"{database['NAME']} is there already: name a file that is not.")
    os.umask(0o077)
    shutil.copy(backup / contents.SQLITE, database["NAME"])
    with closing(sqlite3.connect(database["NAME"])) as connection:
        return contents.of_sqlite(connection)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.partition("\n")[0])
    backup, database = Path(sys.argv[1]), contents.environ_url("RESTORE_URL")
    if database is None:
        sys.exit("RESTORE_URL must name the database to restore into.")
    is_sqlite = database["ENGINE"].endswith("sqlite3")
    file, expected = (
        backup / (contents.SQLITE if is_sqlite else contents.POSTGRESQL),
        contents.read(backup / "contents.json"),
    )
    # An older backup has no digest of its file.
    if expected.get("file", digest := contents.digest(file)) != digest:
        sys.exit(f"{file} is damaged: it is not as it was written. Nothing was restored.")
    actual = (into_sqlite if is_sqlite else into_postgresql)(backup, database)
    if wrong := contents.differences(actual, expected):
        sys.exit(f"Not as it was backed up: {', '.join(wrong)}.")
    print(
        f"Restored and compared: {contents.describe_contents(actual)}. "
        f"Its secret key is in {backup / 'secret_key'}."
    )


if __name__ == "__main__":
    main()
