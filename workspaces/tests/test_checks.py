"""What an installation can have wrong is said, with what to do about it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core import checks
from django.db import connection

from workspaces.audit.triggers import sync
from workspaces.checks import check_database_role

on_postgresql = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no roles")


def ids(**options):
    return {results.id for results in checks.run_checks(include_deployment_checks=True, **options)}


def test_a_wall_that_is_whole_has_nothing_to_be_said(db):
    assert not ids(tags=["database"], databases=["default"])


def test_a_gap_in_the_wall_is_said(db):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE crm_company NO FORCE ROW LEVEL SECURITY")
        else:
            cursor.execute("DROP TRIGGER wall_crm_company_insert")
    assert ids(tags=["database"], databases=["default"]) == {"workspaces.W002"}


@pytest.mark.parametrize(
    ("sqlite", "postgresql"),
    [
        ("DROP TRIGGER socius_audit_crm_company_update", "DROP TRIGGER socius_audit_change ON crm_company"),
        ("DROP TRIGGER socius_audit_kept_delete", "DROP TRIGGER socius_audit_kept ON workspaces_auditentry"),
        (
            "CREATE TRIGGER socius_audit_other AFTER INSERT ON crm_company BEGIN SELECT 1; END",
            "COMMENT ON TABLE workspaces_auditentry IS 'by the version before'",
        ),
    ],
)
def test_a_silence_of_the_audit_trail_is_said_and_migrate_ends_it(db, sqlite, postgresql):
    with connection.cursor() as cursor:
        cursor.execute(sqlite if connection.vendor == "sqlite" else postgresql)
    assert ids(tags=["database"], databases=["default"]) == {"workspaces.W006"}
    sync.sync_triggers("default")
    assert not ids(tags=["database"], databases=["default"])


def test_before_the_first_migration_there_is_nothing_to_be_told(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE workspaces_auditentry RENAME TO entries_of_nobody")
    assert sync.missing_triggers(connection) == []


@on_postgresql
def test_a_role_above_the_policies_is_refused(db):
    above = connection.copy()
    above.settings_dict["USER"] = "postgres"
    try:
        assert [results.id for results in check_database_role(above)] == ["workspaces.E001"]
    finally:
        above.close()
    assert [*check_database_role(connection)] == []


@on_postgresql
def test_no_server_starts_with_such_a_role():
    url = os.environ["DATABASE_URL"].replace("//socius@", "//postgres@")
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "socius.wsgi"],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,  # it ends, and does not try again and again
    )
    # 3, or 1 where the second worker ends while gunicorn still stops because of the first.
    assert ended.returncode in (1, 3) and "workspaces.E001" in ended.stderr


def test_what_is_around_a_public_server_is_looked_at(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.MAIL_IS_CONFIGURED, settings.TRUSTED_PROXIES, settings.ALLOWED_HOSTS = False, 0, ["crm.example"]
    around = {"workspaces.W003", "workspaces.I004", "workspaces.W005"}
    assert around <= ids(tags=["security"])
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache"}}
    settings.MAIL_IS_CONFIGURED, settings.TRUSTED_PROXIES = True, 1
    assert not around & ids(tags=["security"])
    settings.TRUSTED_PROXIES, settings.ALLOWED_HOSTS = 0, ["127.0.0.1", "localhost", "[::1]"]
    assert not around & ids(tags=["security"])
