"""The wall in the database, alone: SQL as the application's own role may send it, past views and managers.

On SQLite the wall holds references and moves; it has none for reading (see README).
"""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from tests.contract.test_url_permissions import rows
from workspaces.audit.triggers.immutability import KEPT
from workspaces.models import Membership, User, WorkspaceModel
from workspaces.tenancy.db_session import session_settings
from workspaces.tenancy.isolation import plan, sync
from workspaces.tenancy.scope import activate

MODELS = [model for model in apps.get_models() if issubclass(model, WorkspaceModel)]
on_postgresql = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no policies")
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has policies, and keys")
pytestmark = [pytest.mark.security, pytest.mark.django_db]
# What no workspace is called, but somebody might try.
FORGED = ["0", "-1", " ", "none", "1 OR true", "1,2", "99999999999999999999"]


@pytest.fixture
def pair(workspace, other_workspace):
    """Two workspaces with a row in every table there is, and none of them active."""
    for place in (workspace, other_workspace):
        with activate(place):
            rows()
            for model in MODELS:
                if not model._base_manager.exists():
                    create_row(model)
            assert all(model._base_manager.exists() for model in MODELS)
    if connection.vendor == "postgresql":
        ask("SET CONSTRAINTS ALL IMMEDIATE")
    with activate(None):
        yield workspace, other_workspace


def create_row(model):
    """A row of a kind that no page makes by itself, with whatever its columns take."""
    row = model()
    for field in model._meta.concrete_fields:
        if field.is_relation and not field.null and field.name != "workspace":
            setattr(row, field.name, field.related_model._base_manager.first())
        elif not field.null and not field.has_default() and isinstance(field, models.DateField):
            setattr(row, field.name, "2026-01-01")
        elif isinstance(field, models.JSONField) and not field.has_default():
            setattr(row, field.name, {})
        elif isinstance(field, models.DecimalField) and not field.has_default():
            setattr(row, field.name, 1)
    models.Model.save_base(row, force_insert=True)


def ask(sql, *params):
    """The rows, or how many rows it was about; the error that refused it, after which all is as before."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else cursor.rowcount
    except DatabaseError as error:
        return error


def run_and_undo(sql, *params):
    """The same, but nothing stays of it. On PostgreSQL keys are checked at once, not at the end."""
    with transaction.atomic():
        answer = ask(sql, *params)
        transaction.set_rollback(True)
    return answer


def copied(model, place):
    """INSERT of a copy of a row of the place, and its parameters."""
    columns = [f'"{field.column}"' for field in model._meta.concrete_fields if not field.primary_key]
    table = model._meta.db_table
    with session_settings({"socius.workspace_id": str(place.pk)}):
        results = ask(f'SELECT {", ".join(columns)} FROM "{table}" WHERE workspace_id = %s LIMIT 1', place.pk)
    marks = ", ".join(["%s"] * len(columns))
    return [f'INSERT INTO "{table}" ({", ".join(columns)}) VALUES ({marks})', *results[0]]


def list_reached_rows(model, mine, theirs):
    """{what was tried: what came of it} on rows of `theirs`, in a transaction told of `mine`, a text."""
    table, existing = model._meta.db_table, f"workspace_id = {theirs.pk}"
    copy = copied(model, theirs)
    with session_settings({"socius.workspace_id": mine}):
        return {
            "select": run_and_undo(f'SELECT 1 FROM "{table}" WHERE {existing}'),
            "lock": run_and_undo(f'SELECT 1 FROM "{table}" WHERE {existing} FOR UPDATE'),
            "update": run_and_undo(f'UPDATE "{table}" SET id = id WHERE {existing}'),
            "take": run_and_undo(f'UPDATE "{table}" SET workspace_id = %s WHERE {existing}', mine or None),
            "delete": run_and_undo(f'DELETE FROM "{table}" WHERE {existing}'),
            "insert": run_and_undo(*copy),
        }


def carried(model, mine, theirs):
    """The same of one's own rows: moved over there, or pointing there, in a transaction of one's own."""
    table = model._meta.db_table
    tried = {"move": [f'UPDATE "{table}" SET workspace_id = %s WHERE workspace_id = %s', theirs.pk, mine.pk]}
    for column, other_item in plan.IsolatedTable.of(model).keys:
        with session_settings({"socius.workspace_id": str(theirs.pk)}):
            foreign = ask(f'SELECT id FROM "{other_item}" WHERE workspace_id = %s', theirs.pk)[0][0]
        tried[f"point {column}"] = [
            f'UPDATE "{table}" SET "{column}" = %s WHERE workspace_id = %s',
            foreign,
            mine.pk,
        ]
        insert, *values = copied(model, mine)
        columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
        values[columns.index(column)] = foreign
        tried[f"insert {column}"] = [insert, *values]
    with session_settings({"socius.workspace_id": str(mine.pk)}):
        return {subject: run_and_undo(*sql) for subject, sql in tried.items()}


def leaks(mine, theirs, some=MODELS):
    """({(table, told, what was tried): what came of it} where that is more than nothing, number of tries)."""
    results = {}
    for model in some:
        table = model._meta.db_table
        results |= {
            (table, "own", subject): answer for subject, answer in carried(model, mine, theirs).items()
        }
        if connection.vendor == "postgresql":
            for told_of in ("", str(mine.pk), *FORGED):
                answers = list_reached_rows(model, told_of, theirs)
                results |= {(table, told_of, subject): answer for subject, answer in answers.items()}
    # A copy that would be a second of its kind says nothing of the wall.
    results = {
        cell: answer for cell, answer in results.items() if "unique constraint" not in str(answer).lower()
    }
    return {cell: answer for cell, answer in results.items() if not is_held(cell[-1], answer)}, len(results)


def is_held(what, answer):
    """Whether the wall held: no row was found, or it was the wall that refused, and not some other rule.

    But for the entries of the audit trail, which may not be changed at all.
    """
    if isinstance(answer, DatabaseError):
        messages_said = str(answer)
        words = ("row-level security", '"wall_', "leave its workspace", "bigint", KEPT)
        return any(word in messages_said for word in words)
    return what not in ("insert", "move") and not answer


def test_no_sql_of_one_workspace_reaches_another(pair, capsys):
    tried = 0
    for mine, theirs in (pair, pair[::-1]):
        results, number = leaks(mine, theirs)
        tried += number
        assert results == {}
    with capsys.disabled():
        print(f"\nthe wall alone, {connection.vendor}: {len(MODELS)} tables, {tried} tries, leaks 0")


@on_postgresql
def test_inside_its_workspace_every_row_is_found_so_the_wall_is_not_just_shut(pair):
    for place in pair:
        with session_settings({"socius.workspace_id": str(place.pk)}):
            results = {
                ask(f'SELECT DISTINCT workspace_id FROM "{model._meta.db_table}"')[0] for model in MODELS
            }
            assert results == {(place.pk,)}


@on_postgresql
def test_a_user_reads_their_memberships_from_outside_and_nothing_else(pair):
    mine, theirs = pair
    table, owner = Membership._meta.db_table, User.objects.get(email="owner@other.example")
    with session_settings({"socius.workspace_id": str(mine.pk), "socius.user_id": str(owner.pk)}):
        seen_values = ask(f'SELECT user_id FROM "{table}" WHERE workspace_id = %s', theirs.pk)
        assert seen_values == [(owner.pk,)]
        for sql in (f'UPDATE "{table}" SET is_admin = true', f'DELETE FROM "{table}"'):
            assert run_and_undo(f"{sql} WHERE workspace_id = %s", theirs.pk) == 0
        other_items = {name for name in (model._meta.db_table for model in MODELS) if name != table}
        assert not any(
            run_and_undo(f'SELECT 1 FROM "{name}" WHERE workspace_id = %s', theirs.pk) for name in other_items
        )


@on_postgresql
def test_the_role_is_held_by_policies_and_no_table_of_a_workspace_is_without(db):
    assert ask("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") == [(False,)]
    assert sync.missing_objects(connection) == []
    with_a_workspace = ask(
        "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'f' AND confrelid = 'workspaces_workspace'::regclass"
    )
    unscoped = {User._meta.db_table}  # where they were last, so that they come back there
    assert {name for (name,) in with_a_workspace} - unscoped == {model._meta.db_table for model in MODELS}


def test_no_table_joins_rows_of_workspaces_without_being_held_itself():
    joining = {
        field.remote_field.through
        for model in MODELS
        for field in model._meta.many_to_many
        if not issubclass(field.remote_field.through, WorkspaceModel)
    }
    assert joining == set()


# The canaries: the same checks on a wall with a gap

GAPS = {
    "a table without FORCE": 'ALTER TABLE "crm_company" NO FORCE ROW LEVEL SECURITY',
    "a table without policies": 'ALTER TABLE "crm_company" DISABLE ROW LEVEL SECURITY',
    "a policy for everybody": 'CREATE POLICY gap ON "crm_company" USING (true)',
    "a key of one column": 'ALTER TABLE "crm_person" DROP CONSTRAINT "wall_crm_person_company_id"',
}


@on_postgresql
@pytest.mark.parametrize("gap", GAPS)
def test_canary_a_gap_in_the_wall_is_found(pair, gap):
    ask(GAPS[gap])
    results, _ = leaks(*pair)
    assert results and {cell[0] for cell in results} <= {"crm_company", "crm_person"}
    if gap != "a policy for everybody":
        assert sync.missing_objects(connection)


@on_sqlite
@pytest.mark.parametrize("event", ["insert", "update"])
def test_canary_a_missing_trigger_is_found(pair, event):
    ask(f"DROP TRIGGER wall_crm_person_{event}")
    results, _ = leaks(*pair)
    assert results and {cell[0] for cell in results} == {"crm_person"}
    assert [name for name, _ in sync.missing_objects(connection)] == [f"wall_crm_person_{event}"]
