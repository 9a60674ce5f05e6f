"""Settings are kept in memory between requests: nobody ever sees an old one, or another workspace's."""

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import Stage
from crm.tests import factories
from crm.viewsets import OPPORTUNITIES, STAGES
from workspaces.models import Membership, User, Workspace
from workspaces.tenancy.scope import activate

pytestmark = pytest.mark.usefixtures("fastpath")


def get_list_page(client):
    return client.get(OPPORTUNITIES.url("list")).content.decode()


@pytest.fixture
def client_and_stage(sign_in, workspace):
    client, stage = sign_in(workspace, "admin and sales staff"), Stage.objects.first()
    factories.opportunity(stage=stage, assignee=client.member)
    assert stage.name in get_list_page(client)
    return client, stage


def test_they_are_read_once(client_and_stage):
    client, stage = client_and_stage
    with CaptureQueriesContext(connection) as captured:
        assert stage.name in get_list_page(client)
    assert not [query for query in captured.captured_queries if "crm_st" in query["sql"].partition("FROM")[2]]


def test_an_entry_that_somebody_else_renames_has_its_new_name_at_once(client_and_stage):
    client, stage = client_and_stage
    other_item = Client()
    other_item.force_login(client.member.user)
    other_item.post(
        STAGES.url("update", stage.pk), {"name": "Renamed", "win_percent": 5, "version": stage.version}
    )
    assert "Renamed" in get_list_page(client)


def test_so_have_entries_that_are_changed_many_at_once(client_and_stage):
    client, stage = client_and_stage
    Stage.objects.filter(pk=stage.pk).update(name="By statement")
    assert "By statement" in get_list_page(client)
    Stage.objects.bulk_create([Stage(name="Brand new", name_key="brand new", position=99)])
    assert "Brand new" in client.get(OPPORTUNITIES.url("filters")).content.decode()


def test_a_member_who_changes_their_name_is_called_by_it(client_and_stage):
    client, _ = client_and_stage
    user = User.objects.get(pk=client.member.user_id)
    user.name = "Newly Named"
    user.save()
    assert "Newly Named" in get_list_page(client)


def test_a_member_who_is_deactivated_is_shown_as_such(client_and_stage, other_workspace):
    client, _ = client_and_stage
    colleague = Membership.objects.create(user=User.objects.create_user("c@acme.example", name="Carla"))
    factories.opportunity(assignee=colleague)
    assert "Carla" in get_list_page(client)
    Membership.objects.filter(pk=colleague.pk).update(deactivated_at="2026-01-01T00:00Z")
    assert "Carla (inactive)" in get_list_page(client)


def test_what_was_undone_is_kept_for_nobody(client_and_stage, workspace):
    client, stage = client_and_stage
    with (
        activate(Workspace.objects.get(pk=workspace.pk), memo={}),
        pytest.raises(InterruptedError),
        transaction.atomic(),
    ):
        Stage.objects.filter(pk=stage.pk).update(name="Undone")
        assert Stage.objects.all_by_id()[stage.pk].name == "Undone"
        raise InterruptedError
    assert "Undone" not in get_list_page(client)


def test_each_workspace_has_its_own(client_and_stage, other_workspace):
    client, stage = client_and_stage
    with activate(Workspace.objects.get(pk=other_workspace.pk), memo={}):
        theirs = Stage.objects.all_by_id()
    assert stage.pk not in theirs and len(theirs) == 5
    assert stage.name in get_list_page(client)
