"""What an installation can have wrong, each with an id and what to do about it.

What must be asked of the database is asked by `migrate`, by `check --database default`, and at the start of a
server; the rest by `check --deploy`.
"""

from django.conf import settings
from django.core.checks import Error, Info, Tags, Warning, register
from django.db import DatabaseError, connections

from workspaces import health
from workspaces.audit.triggers import sync as trigger_sync
from workspaces.tenancy.isolation import sync as isolation_sync
from workspaces.tenancy.urls import is_loopback

OF_ONE_PROCESS = ("locmem.LocMemCache", "dummy.DummyCache")


@register(Tags.database)
def check_databases(databases=(), **options):
    """Wall and audit trail of each database asked for. One that does not answer has other troubles."""
    problems = []
    for alias in databases or ():
        connection = connections[alias]
        try:
            problems += [
                *check_database_role(connection),
                *check_isolation(connection),
                *check_audit_triggers(connection),
                *check_migrations(connection),
            ]
        except DatabaseError:
            continue
    return problems


def check_database_role(connection):
    if isolation_sync.is_above_policies(connection):
        yield Error(
            f"The role {connection.settings_dict['USER']} is superuser or BYPASSRLS: "
            "PostgreSQL lets it through every wall between workspaces.",
            hint="Let a role of its own own the database: "
            "createuser socius --pwprompt && createdb socius --owner socius",
            id="workspaces.E001",
        )


def check_isolation(connection):
    """Not an error, or `migrate`, which closes them, would not begin."""
    if missing := isolation_sync.missing_objects(connection):
        names = ", ".join(name for name, _ in missing[:3])
        yield Warning(
            f"The wall between workspaces has {len(missing)} gaps: {names} …",
            hint="Run: python manage.py migrate",
            id="workspaces.W002",
        )


def check_audit_triggers(connection):
    """As they are while `migrate` is at work, and stay where it stopped halfway."""
    if missing := trigger_sync.missing_triggers(connection):
        yield Warning(
            f"Not all that is done is told by the audit trail: {len(missing)} of its triggers are not "
            f"as they should be: {', '.join(missing[:3])} …",
            hint="Run: python manage.py migrate",
            id="workspaces.W006",
        )


def check_migrations(connection):
    """Pages would fail one by one, each with an error of its own."""
    if missing := health.unapplied_migrations(connection):
        yield Warning(
            f"The database lacks {len(missing)} migrations: {', '.join(missing[:3])} …",
            hint="Run: python manage.py migrate",
            id="workspaces.W007",
        )


@register(Tags.security, deploy=True)
def check_environment(**options):
    """What is around a server that others can reach: cache, mail, proxies."""
    backend = settings.CACHES["default"]["BACKEND"]
    if backend.endswith(OF_ONE_PROCESS):
        yield Warning(
            "Each process counts tries to sign in for itself, so that more of them are allowed.",
            hint="Leave CACHE_URL out, or let it name a cache that all processes share.",
            id="workspaces.W003",
        )
    if not settings.MAIL_IS_CONFIGURED:
        yield Info(
            "There is no mail: addresses are not verified, and invitations are links to pass on.",
            hint="Set EMAIL_URL.",
            id="workspaces.I004",
        )
    if not settings.TRUSTED_PROXIES and not all(map(is_loopback, settings.ALLOWED_HOSTS)):
        yield Warning(
            "Others reach this server, but no proxy in front of it is known: without https, anybody on the "
            "way reads passwords; and behind a proxy all visitors share one limit of tries.",
            hint="Put a proxy in front that ends https, and set TRUSTED_PROXIES to how many there are.",
            id="workspaces.W005",
        )
