"""The lock files (requirements*.lock, with hashes) match the readable requirements."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from tools.pins import find_outdated, judge, series_of

PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)(.*)")


def pins(text):
    """Return {name: version} of the pinned lines, without those for other platforms."""
    results = (PIN.match(line) for line in text.splitlines())
    return {
        re.sub(r"[-_.]+", "-", pin[1]).lower(): pin[2]
        for pin in results
        if pin and not pin[3].strip().startswith(";")
    }


def read(name):
    return (settings.BASE_DIR / name).read_text()


LISTS = {
    "requirements": read("requirements.txt"),
    "requirements-dev": read("requirements.txt") + read("requirements-dev.txt"),
}


@pytest.mark.parametrize("name", LISTS)
def test_list_and_lock_agree(name):
    assert pins(LISTS[name]) == pins(read(f"{name}.lock")), "`make lock` brings them together"


@pytest.mark.parametrize("name", LISTS)
def test_every_package_has_its_hashes(name):
    for package in re.split(r"\n(?=\S)", read(f"{name}.lock")):
        assert package.startswith("#") or "--hash=sha256:" in package, package


def test_a_version_that_differs_is_seen():
    assert pins("Django==5.2.19  # the framework") != pins("django==5.2.18 \\\n    --hash=sha256:00")


def test_every_dependency_has_its_reason():
    for name in ("requirements.txt", "requirements-dev.txt", "tools/requirements.txt"):
        bare = [line for line in read(name).splitlines() if PIN.match(line) and "#" not in line]
        assert bare == []


@pytest.mark.parametrize(
    ("pin", "series"),
    [
        (("django", "5.2.19"), "django>=5.2,<5.3"),
        (("django-allauth", "65.21.1"), "django-allauth>=65,<66"),
        (("ruff", "0.17.6"), "ruff>=0.17,<0.18"),
        (("tzdata", "2026.6"), "tzdata>=2026,<2027"),
    ],
)
def test_series_of_a_pin(pin, series):
    assert series_of(*pin) == series


def test_versions_are_compared_as_numbers():
    assert find_outdated({"a": "1.9", "b": "2.10", "c": "3"}, {"a": "1.10", "b": "2.9"}) == [
        ("a", "1.9", "1.10")
    ]


def test_a_pin_that_is_long_behind_fails_and_a_young_release_only_warns():
    pins, old, new = {"a": "1.0", "b": "2.0"}, {"a": "1.1", "b": "2.0"}, {"a": "1.2", "b": "2.1"}
    failures, warnings = judge(pins, new, old, [])
    assert failures == ["a 1.0 is behind its series: 1.1 has been out for 14 days or more."]
    assert warnings == ["b 2.0: 2.1 is out."]
    assert judge(pins, new, old, [], is_ci=True)[0] == []


@pytest.mark.parametrize("is_ci", [False, True])
def test_an_advisory_fails_once_a_release_fixes_it(is_ci):
    """Uses the format of pip-audit's report."""
    report = [
        {"name": "a", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"], "aliases": []}]},
        {"name": "b", "version": "2.0", "vulns": [{"id": "CVE-2", "fix_versions": [], "aliases": []}]},
        {"name": "c", "version": "3.0", "vulns": []},
        {"name": "d", "skip_reason": "Dependency not found"},
    ]
    failures, warnings = judge({}, {}, {}, report, is_ci)
    assert failures == ["a 1.0 has the advisory CVE-1, fixed in 1.1."]
    assert warnings == ["b 2.0 has the advisory CVE-2, which no release fixes yet."]


def test_without_a_network_pins_are_not_checked_and_nothing_fails(tmp_path):
    """Runs in a plain clone, where no earlier result is cached."""
    for name in ("requirements.txt", "requirements-dev.txt", "tools/requirements.txt", "tools/pins.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(read(name))
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:1/", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    checked = subprocess.run(
        [sys.executable, tmp_path / "tools/pins.py"],
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0
    assert checked.stderr == "Warning: The package registry cannot be reached: pins were not looked up.\n"
    assert not (tmp_path / "var").exists()
