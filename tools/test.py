#!/usr/bin/env python3
"""test.py [arguments for pytest]: run the tests on SQLite and PostgreSQL in parallel.

DB=sqlite or DB=postgresql runs them on that one. Side by side, not one after the other on all cores: a test
database is made once per run and no test shares it, and two cores are busy all the same. PostgreSQL's output
follows when SQLite's is complete. What is alike on both is passed once: on SQLite what a browser shows, on
PostgreSQL what asks no database. DB=… leaves nothing out.

Whatever the tests start ends with them, so that nobody waits for an output that something still holds open;
and they end: one that hangs by the limit in pytest.ini, the whole of them by ours.
"""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = {
    "sqlite": ["env", "DATABASE_URL=sqlite://:memory:"],
    "postgresql": [sys.executable, "tools/postgresql.py"],
}
LEFT_OUT = {"sqlite": "what asks no database", "postgresql": "what a browser shows"}
# Timeouts in seconds: all tests, one test, and between SIGINT and SIGKILL.
WHOLE, EACH = (6 * 3600, 3600) if os.environ.get("THOROUGH") else (2700, 600)
PATIENCE = int(os.environ.get("PATIENCE") or 30)
PARENT_DEATH_SIGNAL, CHILD_SUBREAPER = 1, 36  # from <sys/prctl.h>
linux = ctypes.CDLL(None)


def start(name, output, is_parallel=False):
    # Separate cache folders, because both runs write concurrently.
    options = ["-o", f"cache_dir=var/pytest-{name}", "-o", f"faulthandler_timeout={EACH}"]
    return subprocess.Popen(
        [*RUNS[name], sys.executable, "-m", "pytest", *options, *sys.argv[1:]],
        cwd=ROOT,
        env={**os.environ, **({"LEAVE_OUT": LEFT_OUT[name]} if is_parallel else {})},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,  # a process group of its own, signaled only by us
        preexec_fn=lambda: linux.prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM),
    )


def ended_by_signals(runs):
    """On Ctrl-C, SIGTERM or timeout, ask the runs to end, so that they report and clean up."""
    captured = []

    def end(number, frame):
        is_late = number == signal.SIGALRM
        if is_late and not captured:
            print(
                f"\nNot done after {WHOLE // 60} minutes: the tests are ended.", file=sys.stderr, flush=True
            )
        for run in runs.values():
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL if is_late and captured else signal.SIGINT)
        captured.append(number)
        signal.alarm(PATIENCE)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, end)
    signal.alarm(WHOLE)


def end_what_is_left():
    """End the processes that the tests left behind; orphans have become our children by now."""
    signal.alarm(0)
    last, reported_pids = time.monotonic() + min(PATIENCE, 5), set()
    with suppress(ChildProcessError):  # no children are left
        while True:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                if time.monotonic() > last:
                    if pid not in reported_pids:
                        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                        print(f"The tests left behind, and it is ended now: {command[:200]}", file=sys.stderr)
                    reported_pids.add(pid)
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.02)


def main():
    expected = os.environ.get("DB") or "both"
    if expected not in (*RUNS, "both"):
        sys.exit(f"DB must be sqlite or postgresql, not {expected}.")
    names = list(RUNS) if expected == "both" else [expected]
    linux.prctl(CHILD_SUBREAPER, 1)
    with tempfile.TemporaryFile() as later:
        runs = {name: start(name, None if name == names[0] else later, len(names) > 1) for name in names}
        ended_by_signals(runs)
        for name, run in runs.items():
            run.wait()
            if name != names[0]:
                later.seek(0)
                print(f"\nThe same on {name}:", flush=True)
                sys.stdout.buffer.write(later.read())
                sys.stdout.flush()
    end_what_is_left()
    failed = [name for name, run in runs.items() if run.returncode != 0]
    if failed:
        print(f"Not passed on {' and '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
