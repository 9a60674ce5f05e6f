#!/usr/bin/env python3
"""Check of the pinned packages: newer releases of their series, and known advisories.

Fails (exit status 1) when a pin has an advisory that another release fixes, or when a newer release of its
series has been out for GRACE_DAYS. A younger release is a warning, and so is every older pin where CI is set:
a release that appears between two runs must not stop the landing of an unrelated change. Where the registry
cannot be reached there is a warning, too, and nothing fails.

The result of a check that passed holds for a day (var/pins-checked), so that `make check` stays quick.
The programs that ask are installed into a temporary folder: nothing else needs them.
"""

import contextlib
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LISTS = ["requirements.txt", "requirements-dev.txt", "tools/requirements.txt"]
GRACE_DAYS = 14
TIMEOUT_SECONDS = 90
PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)")
# A series is all releases with the same first number (of 0.x: the first two). How many numbers it is else:
SERIES_LENGTH = {"django": 2}


def read_pins(text):
    """Return {name: version} of the lines that pin a package, names in lower case with dashes."""
    pins = filter(None, map(PIN.match, text.splitlines()))
    return {re.sub(r"[-_.]+", "-", pin[1]).lower(): pin[2] for pin in pins}


def series_of(name, version):
    """Return the requirement that all releases of the pin's series meet: `django>=5.2,<5.3`."""
    numbers = Version(version).release
    start = numbers[: SERIES_LENGTH.get(name, 2 if numbers[0] == 0 else 1)]
    end = (*start[:-1], start[-1] + 1)
    return f"{name}>={'.'.join(map(str, start))},<{'.'.join(map(str, end))}"


def find_outdated(pins, newest):
    """Return [(name, pinned version, newest version)] of the pins that are older than the newest release."""
    return [
        (name, version, newest[name])
        for name, version in pins.items()
        if name in newest and Version(newest[name]) > Version(version)
    ]


def judge(pins, newest, newest_after_grace, dependencies, is_ci=False):
    """Return (failures, warnings), both lists of sentences.

    `newest` and `newest_after_grace` are {name: version}; `dependencies` is what pip-audit reports as JSON.
    """
    failures, warnings = [], []
    overdue = find_outdated(pins, newest_after_grace)
    for name, version, release in overdue:
        sentence = (
            f"{name} {version} is behind its series: {release} has been out for {GRACE_DAYS} days or more."
        )
        (warnings if is_ci else failures).append(sentence)
    overdue_names = {name for name, *_ in overdue}
    for name, version, release in find_outdated(pins, newest):
        if name not in overdue_names:
            warnings.append(f"{name} {version}: {release} is out.")
    for dependency in dependencies:
        for advisory in dependency.get("vulns", ()):
            sentence = f"{dependency['name']} {dependency['version']} has the advisory {advisory['id']}"
            if advisory["fix_versions"]:
                failures.append(f"{sentence}, fixed in {', '.join(advisory['fix_versions'])}.")
            else:
                warnings.append(f"{sentence}, which no release fixes yet.")
    return failures, warnings


def run_command(*command, **environment):
    """Run a program that asks the registry; return its result, or None if it took too long."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            cwd=ROOT,
            env=os.environ | environment,
        )
    return None


def resolve(uv, pins, *options):
    """Return {name: version} of the newest releases of each series that fit together, {} if unreachable."""
    with tempfile.NamedTemporaryFile("w", suffix=".in") as requirements:
        requirements.write("\n".join(series_of(*pin) for pin in pins.items()))
        requirements.flush()
        command = [uv, "--no-config", "pip", "compile", requirements.name, "--quiet", "--universal"]
        result = run_command(*command, "--python-version", "3.11", "--no-annotate", "--no-header", *options)
    return read_pins(result.stdout) if result and result.returncode == 0 else {}


def audit(folder, pins):
    """Return pip-audit's report of each pin, [] if it could not ask."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write("\n".join(f"{name}=={version}" for name, version in pins.items()))
        requirements.flush()
        options = ["--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off"]
        command = [sys.executable, "-m", "pip_audit", "--requirement", requirements.name, *options]
        result = run_command(*command, PYTHONPATH=folder)
    with contextlib.suppress(ValueError):
        return json.loads(result.stdout)["dependencies"] if result else []
    return []


def look_up(pins):
    """Return `judge`'s failures and warnings for the pins; None if the registry cannot be reached."""
    with tempfile.TemporaryDirectory() as folder:
        quietly = ["--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1"]
        tools = ["--target", folder, "--constraint", "tools/requirements.txt", "uv", "pip-audit"]
        installed = run_command(sys.executable, "-m", "pip", "install", *quietly, *tools)
        if not installed or installed.returncode:
            return None
        grace_start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=GRACE_DAYS)
        newest = resolve(f"{folder}/bin/uv", pins)
        until = ["--exclude-newer", grace_start.isoformat(timespec="seconds")]
        newest_after_grace = resolve(f"{folder}/bin/uv", pins, *until)
        dependencies = audit(folder, pins)
    failures, warnings = judge(pins, newest, newest_after_grace, dependencies, "CI" in os.environ)
    if not newest or not newest_after_grace:
        warnings.append("Newer releases could not be looked up.")
    if not any("vulns" in dependency for dependency in dependencies):
        warnings.append("Advisories could not be looked up.")
    return failures, warnings


def main():
    """Check the pins, print what is wrong, and return the exit status."""
    pins = read_pins("\n".join((ROOT / name).read_text() for name in LISTS))
    checked = ROOT / "var" / "pins-checked"
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    state = f"{today} {hashlib.sha256(repr(sorted(pins.items())).encode()).hexdigest()}"
    last_state, *last_warnings = checked.read_text().splitlines() if checked.exists() else [""]
    result = ([], last_warnings) if last_state == state else look_up(pins)
    if result is None:
        print("Warning: The package registry cannot be reached: pins were not looked up.", file=sys.stderr)
        return 0
    failures, warnings = result
    for sentence in warnings:
        print(f"Warning: {sentence}", file=sys.stderr)
    for sentence in failures:
        print(f"{sentence} Raise the pin, then `make lock`.", file=sys.stderr)
    if not failures:
        checked.parent.mkdir(exist_ok=True)
        checked.write_text("\n".join([state, *warnings]))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
