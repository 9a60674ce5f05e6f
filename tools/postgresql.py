#!/usr/bin/env python3
"""postgresql.py COMMAND …: run COMMAND with DATABASE_URL set to a temporary PostgreSQL.

Its files and its socket are in a private folder, it listens on no port, and it is stopped when COMMAND ends
for any reason. The role `socius` has the privileges recommended for production: no superuser, and subject
to row-level security.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

INITDB = "-U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync".split()
# No port, and no durability, as the data are temporary. Rolled-back tests leave dead rows, so the sequential
# scans that are planned for foreign keys of empty tables would get ever slower: they are disabled. Where
# they are unavoidable, their penalty cost would trigger JIT compilation (0.1 s a query), so that is off too.
SERVER = (
    "--listen_addresses= --fsync=off --synchronous_commit=off --full_page_writes=off --autovacuum=off "
    "--enable_seqscan=off --jit=off"
)
ROLE = "CREATE ROLE socius LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS"
DATABASE = "CREATE DATABASE socius OWNER socius"


def find_program(name):
    """Return the path of a program of the newest version; Debian keeps them outside of PATH."""
    results = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    path = results[-1] if results else shutil.which(name)
    return path or sys.exit("Missing: postgresql. On Debian: sudo apt-get install postgresql")


def run_as_options():
    """Return subprocess arguments for the user to run as: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    users = {user.pw_name: user for user in pwd.getpwall()}
    user = users.get("postgres") or users["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def end_with_us():
    """Let Linux stop the server if this process is killed (PR_SET_PDEATHSIG is 1)."""
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def wait_until_ready(server, folder):
    """Wait until the server accepts connections; raise SystemExit with its log on timeout."""
    for _attempt in range(600):
        if subprocess.run([find_program("pg_isready"), "-q", "-h", folder]).returncode == 0:
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    sys.exit(f"PostgreSQL did not start.\n{(folder / 'log').read_text()}")


@contextmanager
def cluster(server_settings=SERVER):
    """Yield the DATABASE_URL of a new and empty PostgreSQL."""
    # In /tmp regardless of TMPDIR: a socket's path is limited to 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="socius-", dir="/tmp"))
    data, server = folder / "data", None
    process = {"cwd": folder, **run_as_options()}
    try:
        if "user" in process:
            os.chown(folder, process["user"], process["group"])
        subprocess.run(
            [find_program("initdb"), "-D", data, *INITDB], check=True, stdout=subprocess.DEVNULL, **process
        )
        with open(folder / "log", "wb") as log:
            server = subprocess.Popen(
                [find_program("postgres"), "-D", data, "-k", folder, *server_settings.split()],
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C must not stop the server before its clients
                preexec_fn=end_with_us,
                **process,
            )
        wait_until_ready(server, folder)
        psql = [find_program("psql"), "-qX", "-h", folder, "-U", "postgres", "-c", ROLE, "-c", DATABASE]
        subprocess.run(psql, check=True)
        yield f"postgres://socius@/{folder}/socius"
    finally:
        if server:
            server.send_signal(signal.SIGINT)  # fast shutdown: disconnects the remaining clients
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with cluster() as url:
        command = subprocess.Popen(sys.argv[1:], env={**os.environ, "DATABASE_URL": url})
        try:
            return command.wait()
        except KeyboardInterrupt:
            return command.wait()  # it got the same Ctrl-C, and may still report
        finally:
            if command.poll() is None:
                command.terminate()
                command.wait()


if __name__ == "__main__":
    sys.exit(main())
