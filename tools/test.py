#!/usr/bin/env python3
"""test.py [arguments for pytest]: the tests on SQLite and, at the same time, on PostgreSQL.

DB=sqlite or DB=postgresql runs them on that one. Side by side, not one after the other on all cores: a test
database is made once per run and no test shares it, and two cores are busy all the same. PostgreSQL's output
follows when SQLite's is complete.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = {
    "sqlite": ["env", "DATABASE_URL=sqlite://:memory:"],
    "postgresql": [sys.executable, "tools/postgresql.py"],
}


def start(name, output, beside=False):
    # Each has its own cache folder, because the two write at the same time.
    pytest = [sys.executable, "-m", "pytest", "-o", f"cache_dir=var/pytest-{name}", *sys.argv[1:]]
    # SQLite's run has the slow look at every page: tests that ask no database are left to the other.
    environment = {**os.environ, "LEAVE_OUT_PURE": "yes"} if beside and name == "sqlite" else None
    return subprocess.Popen([*RUNS[name], *pytest], cwd=ROOT, stdout=output, stderr=output, env=environment)


def finish(run):
    while True:
        try:
            return run.wait()
        except KeyboardInterrupt:
            pass  # the run got it too, and ends by itself


def main():
    wanted = os.environ.get("DB") or "both"
    if wanted not in (*RUNS, "both"):
        sys.exit(f"DB must be sqlite or postgresql, not {wanted}.")
    names = list(RUNS) if wanted == "both" else [wanted]
    with tempfile.TemporaryFile() as later:
        runs = {name: start(name, None if name == names[0] else later, len(names) > 1) for name in names}
        signal.signal(signal.SIGTERM, lambda *_: [run.terminate() for run in runs.values()])
        results = {}
        for name in names:
            results[name] = finish(runs[name])
            if name != names[0]:
                later.seek(0)
                print(f"\nThe same on {name}:", flush=True)
                sys.stdout.buffer.write(later.read())
                sys.stdout.flush()
    failed = [name for name in names if results[name] != 0]
    if failed:
        print(f"Not passed on {' and '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
