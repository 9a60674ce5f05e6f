#!/usr/bin/env python3
"""backup.py FOLDER [--keep N]: back up Socius while in use; keep only the newest N backups.

PostgreSQL by pg_dump as the role of BACKUP_URL, which sees every workspace's rows; SQLite by its own online
backup. Beside it lie the secret key and what the database held at that moment, for restore.py to compare.
"""

import argparse
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import contents

from socius import settings


def dump(database, file):
    """Dump the database and return its contents, both from one exported snapshot."""
    with contents.open_database(database) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
        contents.run_postgresql_program(
            "pg_dump", database, "--format=custom", f"--snapshot={snapshot}", f"--file={file}"
        )
        return contents.of_postgresql(connection)


def copy(database, file):
    """Copy the file and return its contents; raise SystemExit if the copy differs from its source."""
    with closing(sqlite3.connect(database["NAME"])) as live, closing(sqlite3.connect(file)) as backup:
        # One read transaction: the copy and the checksums share a snapshot, and writes may continue.
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        live.backup(backup)
        backup.execute("PRAGMA journal_mode = DELETE")  # a single file, without a WAL beside it
        copied, expected = contents.of_sqlite(backup), contents.of_sqlite(live)
        if wrong := contents.differences(copied, expected):
            sys.exit(f"The copy differs from the database: {', '.join(wrong)}.")
        return copied


def main():
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--keep", type=int)
    options = arguments.parse_args()
    os.umask(0o077)
    options.folder.mkdir(parents=True, exist_ok=True)
    database = contents.environ_url("BACKUP_URL") or settings.DATABASES["default"]
    is_sqlite = database["ENGINE"].endswith("sqlite3")

    name = f"socius-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    making = options.folder / f".{name}"  # renamed when complete
    making.mkdir()
    try:
        file = making / (contents.SQLITE if is_sqlite else contents.POSTGRESQL)
        backup_contents = (copy if is_sqlite else dump)(database, file) | {"file": contents.digest(file)}
        if not contents.has_tables(backup_contents):
            sys.exit("The database holds no tables: is it the right one?")
        contents.write(making / "contents.json", backup_contents)
        (making / "secret_key").write_text(settings.SECRET_KEY)
        making.rename(options.folder / name)
    except BaseException:
        shutil.rmtree(making)
        raise
    print(f"{options.folder / name}: {contents.describe_contents(backup_contents)}")
    if options.keep:
        for old in sorted(options.folder.glob("socius-*"))[: -options.keep]:
            shutil.rmtree(old)


if __name__ == "__main__":
    main()
