"""What the scope must hold: no workspace, no rows; one workspace, its rows only."""

import asyncio
import re
from contextlib import nullcontext

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection, transaction
from django.db.models import Count

from crm.models import Company, Opportunity, Stage
from crm.tests import factories
from workspaces.creation import create_workspace
from workspaces.models import Membership, User, Workspace
from workspaces.tenancy.scope import NoActiveWorkspace, activate, active_workspace, cached_for_request


async def read_async(rows):
    try:
        return [row async for row in rows]
    finally:
        await sync_to_async(close_connection)()


def close_connection():
    """That of the thread in which it runs: asynchronous queries have one of their own."""
    connection.close()


QUESTIONS = {
    "list": list,
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "first": lambda rows: rows.first(),
    "get_or_create": lambda rows: rows.get_or_create(name="New"),
    "exclude": lambda rows: list(rows.exclude(name="x")),
    "alias": lambda rows: rows.alias().exists(),
    "in_bulk": lambda rows: rows.in_bulk(),
    "values": lambda rows: list(rows.values()),
    "iterator": lambda rows: list(rows.iterator()),
    "async for": lambda rows: asyncio.run(read_async(rows)),
    "aggregate": lambda rows: rows.aggregate(Count("pk")),
    "union": lambda rows: list(rows.order_by().union(rows.order_by())),
    "subquery": lambda rows: list(Workspace.objects.filter(pk__in=rows.values("workspace"))),
    "explain": lambda rows: rows.explain(),
    "select_for_update": lambda rows: list(rows.select_for_update()),
    "update": lambda rows: rows.update(name="x"),
    "delete": lambda rows: rows.delete(),
    "raw delete": lambda rows: rows._raw_delete("default"),
    "create": lambda rows: rows.create(name="New"),
    "bulk_create": lambda rows: rows.bulk_create([rows.model(name="New")]),
    "base manager": lambda rows: rows.model._base_manager.count(),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Stage, Company], ids=lambda model: model.__name__)
def test_nothing_is_answered_while_no_workspace_is_active(model, subtests):
    place = create_workspace(User.objects.create_user("olga@acme.example"), "Acme")
    with activate(place):
        model.objects.create(name="Roofs")
    for name, ask in QUESTIONS.items():
        with subtests.test(name):
            with activate(place), transaction.atomic():  # the question is one that is answered inside
                with refused_in_other_threads(ask):
                    ask(model.objects.exclude(name=""))
                transaction.set_rollback(True)
            with pytest.raises((NoActiveWorkspace, DatabaseError)) as refused:
                ask(model.objects.all())
            # A row that is made must not be born outside; whichever of the walls notices first.
            messages_said = str(refused.value)
            assert refused.type is NoActiveWorkspace or re.search(
                "workspace_id|row-level security", messages_said
            )


def refused_in_other_threads(ask):
    """What PostgreSQL is told on one connection, it does not know on another."""
    is_other = connection.vendor == "postgresql" and ask is QUESTIONS["async for"]
    return pytest.raises(NoActiveWorkspace) if is_other else nullcontext()


def test_none_means_no_workspace_not_every_workspace(db):
    with activate(None), pytest.raises(NoActiveWorkspace):
        Stage.objects.exists()


def test_the_workspace_around_a_block_is_active_again_after_it(workspace, other_workspace):
    with pytest.raises(ValueError), activate(other_workspace):
        raise ValueError
    assert active_workspace() == workspace


def test_rows_of_another_workspace_are_not_there(workspace, other_workspace):
    with activate(other_workspace):
        theirs = factories.company(name="Theirs")
        factories.person(company=theirs)
    assert not Company.objects.exists()
    assert not theirs.people.exists()
    with pytest.raises(Company.DoesNotExist):
        theirs.refresh_from_db()


def test_members_of_another_workspace_are_not_there(workspace, other_workspace):
    assert [member.user.email for member in Membership.objects.all()] == ["owner@acme.example"]


def test_a_foreign_key_into_another_workspace_cannot_be_followed(workspace, other_workspace):
    with activate(other_workspace):
        theirs = factories.company()
    mine = Opportunity.objects.create(name="Roof", status=factories.status(), company_id=None)
    mine.company_id = theirs.pk
    with pytest.raises(Company.DoesNotExist):
        mine.company  # noqa: B018 - asking is the point


def test_a_queryset_serves_whichever_workspace_is_active_when_it_runs(workspace, other_workspace):
    factories.company(name="Mine")
    companies = Company.objects.all()
    with activate(other_workspace):
        assert not companies.all()
    assert companies.all()


def by_ids_and_by_name(ids):
    """What lists ask of rows by their ids, by queries that are put together once for all workspaces."""
    return [*Company.objects.in_bulk(ids)], [*Company.objects.names_in_bulk(ids)]


def test_what_is_put_together_once_serves_whichever_workspace_is_active(workspace, other_workspace):
    mine = factories.company()
    with activate(other_workspace):
        theirs = factories.company()
        assert by_ids_and_by_name([mine.pk, theirs.pk]) == ([theirs.pk], [theirs.pk])
    assert by_ids_and_by_name([mine.pk, theirs.pk]) == ([mine.pk], [mine.pk])
    with activate(None):
        for ask in (Company.objects.in_bulk, Company.objects.names_in_bulk):
            with pytest.raises(NoActiveWorkspace):
                ask([mine.pk])


def test_each_workspace_has_its_own_tags(workspace, other_workspace):
    for place in [workspace, other_workspace]:
        with activate(place):
            factories.company().tags.add("vip", place.name)
    assert sorted(Company.objects.get().tags.names()) == ["Acme", "vip"]
    assert Company.objects.filter(tags__name="vip").count() == 1


def test_what_one_workspace_remembers_another_does_not_hear(workspace, other_workspace):
    with activate(workspace, memo={}):
        assert cached_for_request("name", lambda: "Acme") == "Acme"
        assert cached_for_request("name", lambda: "asked again") == "Acme"
        with activate(other_workspace, memo={}):
            assert cached_for_request("name", lambda: "Other") == "Other"
