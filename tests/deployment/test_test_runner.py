"""A run of the tests ends, whatever a test does, and nothing that a test has started outlives it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

# It sleeps in a session of its own, holds the run's output open, and is nobody's child any more.
LEAVES_A_SLEEPER = """
import subprocess, pathlib

def test_leaves_a_sleeper():
    command = "sleep 1000 & echo $! > {folder}/sleeper"
    subprocess.run(["setsid", "sh", "-c", command])
"""
HANGS = """
    import signal, time
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pathlib.Path("{folder}/hangs").touch()
    time.sleep(1000)
"""


def run(folder, code):
    """tools/test.py with a test of this code, begun."""
    (folder / "test_it.py").write_text(code.format(folder=folder))
    bare = ["-c", os.devnull, "-p", "no:django", "-p", "no:cacheprovider", "-s"]
    return subprocess.Popen(
        [sys.executable, "tools/test.py", *bare, folder],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DB": "sqlite", "PATIENCE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def all_of(run):
    """What it says until nobody holds its output any more."""
    return run.communicate(timeout=60)[0]


def is_alive(folder):
    return Path(f"/proc/{(folder / 'sleeper').read_text().strip()}").exists()


def test_what_a_test_left_behind_is_ended_and_holds_no_output_open(tmp_path):
    ended = run(tmp_path, LEAVES_A_SLEEPER)
    messages_said = all_of(ended)
    assert (ended.returncode, "1 passed" in messages_said) == (0, True), messages_said
    assert "left behind, and it is ended now: sleep 1000" in messages_said
    assert not is_alive(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGALRM], ids=["Ctrl-C", "the limit"])
def test_a_test_that_hangs_is_ended(tmp_path, number):
    hanging = run(tmp_path, LEAVES_A_SLEEPER + HANGS)
    while not (tmp_path / "hangs").exists():
        assert hanging.poll() is None, all_of(hanging)
        time.sleep(0.05)
    hanging.send_signal(number)
    messages_said = all_of(hanging)
    assert hanging.returncode == 1 and "Not passed on sqlite." in messages_said
    assert ("Not done after 45 minutes" in messages_said) == (number == signal.SIGALRM)
    assert not is_alive(tmp_path)
