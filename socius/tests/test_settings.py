"""A wrong value in the environment stops the start with one sentence that names it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

WRONG = {
    "DATABASE_URL": "nowhere",
    "DEBUG": "maybe",
    "TRUSTED_PROXIES": "one",
    "CACHE_URL": "nowhere",
    "EMAIL_URL": "nowhere",
}


def start(**environment):
    """The settings, read by a program of its own."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import socius.settings as read; print(read.DATABASES['default']['ENGINE'], read.DEBUG)",
        ],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named_in_one_sentence(name):
    stopped = start(**{name: WRONG[name]})
    assert stopped.returncode == 1
    assert stopped.stderr.startswith(f"{name} must be ")
    assert stopped.stderr.count("\n") == 1


def test_right_values_are_understood():
    started = start(DATABASE_URL="postgres://me:secret@db.example:5432/socius", DEBUG="on")
    assert started.stdout == "django.db.backends.postgresql True\n"
