"""The cast of the tests: a workspace to be in, another one to stay out of, and people who sign in."""

import gc
import logging
import os
from contextlib import contextmanager

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.signals import request_finished
from django.db import connection
from django.urls import set_script_prefix, set_urlconf

from workspaces.creation import create_workspace
from workspaces.models import Membership, User
from workspaces.tenancy.reference_cache import reference_values
from workspaces.tenancy.scope import activate

pytest_plugins = ["tests.support.repeated_queries", "tests.support.skips"]
ENTRIES, WORKSPACES = "workspaces_auditentry", "workspaces_workspace"
ROLES = {
    "admin": {"is_admin": True, "is_sales_staff": False},
    "sales staff": {"is_admin": False, "is_sales_staff": True},
    "admin and sales staff": {"is_admin": True, "is_sales_staff": True},
    "reader": {"is_admin": False, "is_sales_staff": False},
    "without CRM": {"is_admin": False, "is_sales_staff": True, "has_crm_access": False},
}


def pytest_configure():
    # Fast, and the same whether or not static files were collected on this machine.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.STORAGES = {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    # The table would outlive tests that commit, and with it the count of their sign-ins.
    django_settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    django_settings.WHITENOISE_USE_FINDERS = True
    django_settings.WHITENOISE_AUTOREFRESH = True
    operations = type(connection.ops)
    operations.execute_sql_flush = flushed(operations.execute_sql_flush)


# Tests that commit end with all tables emptied, which the audit trail is there to refuse. On PostgreSQL its
# owner takes the guard away for that moment; on SQLite the workspaces go first, and all that is told of them.
BEFORE_A_FLUSH = {
    "sqlite": [f"DELETE FROM {WORKSPACES}"],  # noqa: S608
    "postgresql": [f"ALTER TABLE {ENTRIES} DISABLE TRIGGER socius_audit_kept_whole"],
}
AFTER_A_FLUSH = {
    "sqlite": [],
    "postgresql": [f"ALTER TABLE {ENTRIES} ENABLE TRIGGER socius_audit_kept_whole"],
}


def flushed(flush):
    def execute_sql_flush(self, statements):
        vendor = self.connection.vendor
        return flush(self, [*BEFORE_A_FLUSH[vendor], *statements, *AFTER_A_FLUSH[vendor]])

    return execute_sql_flush


# What is the same on each database: of two runs side by side one leaves it to the other (see tools/test.py).
ALIKE = {
    "what asks no database": lambda item: (
        "db" not in item.fixturenames and not item.get_closest_marker("django_db")
    ),
    "what a browser shows": lambda item: item.get_closest_marker("browser"),
}


@pytest.hookimpl(trylast=True)  # when each test has its markers
def pytest_collection_modifyitems(config, items):
    deselect(config, items, ALIKE.get(os.environ.get("LEAVE_OUT")))
    if not os.environ.get("THOROUGH"):
        deselect(config, items, lambda item: item.get_closest_marker("thorough"))


def deselect(config, items, condition):
    """Take the tests for which the condition holds out of the run, if there is a condition."""
    if condition:
        config.hook.pytest_deselected(items=[item for item in items if condition(item)])
        items[:] = [item for item in items if not condition(item)]


def pytest_collection_finish():
    """All that is there before the tests need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_terminal_summary(terminalreporter, exitstatus):
    """A run that was ended says in which test."""
    if exitstatus == pytest.ExitCode.INTERRUPTED:
        terminalreporter.write_line(f"Ended in {os.environ.get('PYTEST_CURRENT_TEST', 'no test')}.")


@pytest.fixture(autouse=True)
def outside():
    """Each test begins outside of every workspace, and with nothing counted."""
    cache.clear()
    reference_values.cache_clear()
    set_script_prefix("/")
    set_urlconf(None)
    yield
    set_script_prefix("/")
    set_urlconf(None)


@pytest.fixture
def reach():
    """reach(sample, full) -> how many to try: the sample in `make test`, all in `make test-security`."""
    return lambda sample, full: full if os.environ.get("THOROUGH") else sample


@pytest.fixture
def fastpath(settings):
    """For query budgets and tests of caches: with FASTPATH off there are no caches, and so more queries."""
    settings.FASTPATH = True


@pytest.fixture
def quiet():
    """For thousands of requests, each of which would be logged."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def unlimited(settings):
    """Accounts' pages as for somebody who is sure of themselves and asks seldom."""
    settings.ACCOUNT_REAUTHENTICATION_REQUIRED = False
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def workspace(db):
    """The workspace under test: active, and what addresses lead into."""
    owner = User.objects.create_user("owner@acme.example", name="Olga Owner")
    workspace = create_workspace(owner, "Acme", slug="acme")

    def inside(**signal):
        set_urlconf(django_settings.WORKSPACE_URLCONF)

    with at_home_in(workspace), activate(workspace):
        set_script_prefix("/w/acme/")
        inside()
        request_finished.connect(inside)  # Django forgets the URLconf after each request
        yield workspace
        request_finished.disconnect(inside)


@contextmanager
def at_home_in(workspace):
    """What a test commits by itself, without a transaction around it, is in the workspace, too.

    By a setting of the session: of this thread's connection, which is no other's.
    """
    setting = {"socius.workspace_id": str(workspace.pk)}
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", *setting.items())
    connection.told = setting
    yield
    connection.told = {}
    connection.close()


@pytest.fixture
def other_workspace(db):
    return create_workspace(
        User.objects.create_user("owner@other.example", name="Otto Other"), "Other", slug="other"
    )


@pytest.fixture
def sign_in(client):
    """sign_in(workspace, role) -> a client signed in as a new member; client.member is the membership."""

    def sign_in(workspace, role="sales staff"):
        user = User.objects.create_user(
            f"{role.replace(' ', '.')}@{workspace.slug}.example", name=role.title()
        )
        with activate(workspace):
            client.member = Membership.objects.create(user=user, **ROLES[role])
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def confirm_identity():
    """confirm_identity(client): the signed-in user has given a password again, just now."""

    def confirm_identity(client):
        user = client.member.user
        user.set_password("a few good words")
        user.save()
        client.force_login(user)
        client.post("/accounts/reauthenticate/", {"password": "a few good words"})

    return confirm_identity
