"""What is installed (requirements*.lock, with hashes) is what the readable lists say, package by package."""

import re

import pytest
from django.conf import settings

PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)(.*)")


def pins(text):
    """{name: version} of the lines that pin one; not those that say for which other system they are."""
    found = (PIN.match(line) for line in text.splitlines())
    return {
        re.sub(r"[-_.]+", "-", pin[1]).lower(): pin[2]
        for pin in found
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
    for name in ("requirements.txt", "requirements-dev.txt"):
        bare = [line for line in read(name).splitlines() if PIN.match(line) and "#" not in line]
        assert bare == []
