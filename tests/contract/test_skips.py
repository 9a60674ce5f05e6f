"""A test run reports its skips, and fails on unexpected ones."""

import ast
import subprocess
import sys

import pytest
from django.conf import settings

from tests.support.skips import is_expected

PACKAGES = ("crud", "workspaces", "crm", "recurring", "tests", "bench")  # testpaths in pytest.ini
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
        [*command, "-p", "tests.support.skips", "-p", "no:django", tmp_path], capture_output=True, text=True
    )
    assert run.returncode == status, run.stdout + run.stderr
    assert f"1 {reason}" in run.stdout
    assert ("NOT EXPECTED" in run.stdout) is bool(status)


def skip_reasons(source):
    """Return {(line, reason)} of all calls of skip() and skipif(); None if not a literal."""
    reasons = set()
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") not in ("skip", "skipif"):
            continue
        positional = call.args if call.func.attr == "skip" else []
        values = [keyword.value for keyword in call.keywords if keyword.arg == "reason"] or positional
        reasons.add((call.lineno, getattr(values[0], "value", None) if values else None))
    return reasons


def test_reasons_are_read_from_all_forms_of_a_skip():
    source = """
pytest.skip("a")
pytest.mark.skip(reason="b")
pytest.mark.skipif("condition", reason="c")
pytest.mark.skipif("condition")
pytest.skip(f"{where}")
"""
    assert skip_reasons(source) == {(2, "a"), (3, "b"), (4, "c"), (5, None), (6, None)}


def test_each_skip_in_the_repository_has_an_expected_reason():
    """Checks the source: a run reports only the skips of its own machine."""
    root, unexpected, count = settings.BASE_DIR, [], 0
    files = [path for app in PACKAGES for path in (root / app).rglob("*.py")] + [root / "conftest.py"]
    for path in files:
        for line, reason in skip_reasons(path.read_text(encoding="utf-8")):
            count += 1
            if not reason or not is_expected(reason):
                unexpected.append(f"{path.relative_to(root)}:{line} {reason}")
    assert count > 15
    assert unexpected == []
