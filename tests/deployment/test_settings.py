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
    "LOGS": "verse",
    "SIGN_UP": "maybe",
}
# As it may stand behind a proxy that ends https.
IN_PRODUCTION = {
    "SQLite": {"DATABASE_URL": "sqlite://:memory:"},
    "PostgreSQL, mail and a cache": {
        "DATABASE_URL": "postgres://me:secret@127.0.0.1:1/socius?DISABLE_SERVER_SIDE_CURSORS=true",
        "EMAIL_URL": "smtp+tls://me:secret@mail.example:587",
        "CACHE_URL": "rediscache://127.0.0.1:1/0",
        "ALLOWED_HOSTS": "crm.example",
    },
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


def test_commands_go_past_the_pool_and_pages_through_it():
    urls = {
        "DATABASE_URL": "postgres://me@pool:6432/socius",
        "COMMANDS_URL": "postgres://me@there:5432/socius",
    }
    of_pages = "import socius.settings as read; print(read.DATABASES)"
    for command, host in {("-c", of_pages): "pool", ("manage.py", "diffsettings"): "there"}.items():
        results = subprocess.run(
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env={**os.environ, **urls},
            capture_output=True,
            text=True,
        )
        assert f"'HOST': '{host}'" in results.stdout, results.stderr


def run_check(**environment):
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", IN_PRODUCTION)
def test_django_finds_nothing_to_object_to(name):
    results = run_check(TRUSTED_PROXIES="1", **IN_PRODUCTION[name])
    assert results.returncode == 0, results.stderr


def test_django_objects_to_what_is_not_for_production():
    results = run_check(TRUSTED_PROXIES="0", DEBUG="true", DATABASE_URL="sqlite://:memory:")
    assert results.returncode == 1
    assert "DEBUG set to True" in results.stderr and "SESSION_COOKIE_SECURE" in results.stderr
