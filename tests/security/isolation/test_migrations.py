"""The wall goes around what a migration adds, too: keys first, then policies; nothing where all is there."""

from contextlib import contextmanager

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import QuerySet

from crm.models import Company, Person
from tests.security.isolation.test_row_level_security import ask, leaks, on_postgresql, pair  # noqa: F401 - a fixture
from workspaces.audit.triggers import sync as trigger_sync
from workspaces.models import Invitation
from workspaces.tenancy.isolation import sync as isolation_sync

# On SQLite migrations make tables anew, and all triggers after them, outside of any test's transaction.
pytestmark = [pytest.mark.security, pytest.mark.django_db, on_postgresql]
NEW, CHANGED = Invitation._meta.db_table, Person._meta.db_table


@contextmanager
def migrating():
    """As `migrate` with something to do: what stands in its way goes, and comes back when it is through."""
    for prepare in (isolation_sync.prepare_isolation, trigger_sync.clear_the_way):
        prepare(using="default", plan=["a migration"])
    try:
        yield
    finally:
        for build in (isolation_sync.build_isolation, trigger_sync.sync_triggers):
            build(using="default")


def before():
    """The tables as they were when nobody thought of invitations, nor of people's companies."""
    with migrating(), connection.schema_editor() as editor:
        editor.delete_model(Invitation)
        editor.remove_field(Person, Person._meta.get_field("company"))


def after():
    with connection.schema_editor() as editor:
        editor.create_model(Invitation)
        editor.add_field(Person, Person._meta.get_field("company"))
        # Keys come last. Refused there, Django would not end the transaction that it began.
        while editor.deferred_sql:
            editor.execute(editor.deferred_sql.pop(0), None)


@pytest.fixture
def grown(pair):  # noqa: F811
    """Both workspaces have people by then; what was missing of the wall when the migration had run."""
    before()
    with migrating():
        after()
        ask("SET CONSTRAINTS ALL IMMEDIATE")
        missing = [name for name, _ in isolation_sync.missing_objects(connection)]
    return missing


def test_a_new_table_and_a_new_key_are_in_the_wall_and_nothing_is_done_twice(grown, pair):  # noqa: F811
    assert grown and all(NEW in name or CHANGED in name for name in grown)
    assert (
        isolation_sync.missing_objects(connection) == [] and trigger_sync.missing_triggers(connection) == []
    )
    for mine, theirs in (pair, pair[::-1]):
        results, _ = leaks(mine, theirs, [Person])
        assert results == {}
    statements = []
    with connection.execute_wrapper(lambda run, sql, *rest: statements.append(sql) or run(sql, *rest)):
        isolation_sync.build_isolation()
    assert not [sql for sql in statements if "ALTER" in sql or "CREATE" in sql or "DROP" in sql]


def test_keys_stand_before_policies(grown):
    kinds = [name.split()[0] for name in grown]
    last_key = max(place for place, kind in enumerate(kinds) if kind in ("unique", "key"))
    assert last_key < min(place for place, kind in enumerate(kinds) if kind not in ("unique", "key"))
    of_new = [kind for kind, name in zip(kinds, grown, strict=True) if f" {NEW}" in name]
    assert of_new == ["key", "enabled", "policy", "forced"]


def test_what_a_migration_does_to_rows_behind_the_wall_fails_or_finds_them_all(pair):  # noqa: F811
    everywhere = QuerySet(Company)
    with migrating():
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            everywhere.update(city="Nowhere")
        with transaction.atomic(), isolation_sync.rls_disabled(connection, Company._meta.db_table):
            assert everywhere.update(city="Everywhere") == everywhere.count() > 1
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            everywhere.count()
    assert everywhere.count() == 0 and isolation_sync.missing_objects(connection) == []


def test_canary_without_its_help_a_migrations_key_is_refused(pair, monkeypatch):  # noqa: F811
    monkeypatch.setattr(isolation_sync, "add_key", lambda execute, *statement: execute(*statement))
    before()
    with migrating(), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        after()
