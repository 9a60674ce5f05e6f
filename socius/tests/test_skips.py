"""A run says what it skips, and fails where that is not expected."""

import subprocess
import sys

import pytest

TEST = """
import pytest

@pytest.mark.skip(reason="{reason}")
def test_nothing():
    assert False
"""


@pytest.mark.parametrize(("reason", "status"), [("SQLite has no roles", 0), ("there was no time for it", 1)])
def test_an_unexpected_skip_fails_the_run(tmp_path, reason, status):
    (tmp_path / "test_skipped.py").write_text(TEST.format(reason=reason))
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", tmp_path, "-c", "/dev/null"]
    run = subprocess.run(
        [*command, "-p", "socius.tests.skips", "-p", "no:django", tmp_path], capture_output=True, text=True
    )
    assert run.returncode == status, run.stdout + run.stderr
    assert f"1 {reason}" in run.stdout
    assert ("NOT EXPECTED" in run.stdout) is bool(status)
