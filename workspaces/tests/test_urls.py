"""Where a workspace is found, and by whom."""

import pytest
from django.db import OperationalError
from django.urls import get_script_prefix, reverse, set_script_prefix

from crm.models import Company
from crm.tests import factories
from crm.viewsets import COMPANIES
from workspaces.models import Membership, User
from workspaces.tenancy.scope import activate
from workspaces.tenancy.urls import reverse_outside


def test_addresses_lead_into_the_workspace(workspace):
    assert COMPANIES.url("list") == "/w/acme/crm/companies/"
    assert reverse_outside("home") == "/"
    assert workspace.get_absolute_url() == "/w/acme/"


def test_links_on_a_page_stay_in_its_workspace(sign_in, workspace):
    set_script_prefix("/")  # so that the prefix can only be the middleware's
    page = sign_in(workspace).get("/w/acme/crm/companies/")
    assert b'href="/w/acme/crm/people/"' in page.content
    assert get_script_prefix() == "/"


def test_a_workspace_one_is_not_in_is_not_found(sign_in, workspace, other_workspace):
    assert sign_in(workspace).get("/w/other/crm/companies/").status_code == 404


@pytest.mark.parametrize("address", ["/w/nowhere/", "/w/acme", "/w//", "/w/%00/", "/w/acme%0d/", "/w/ACME/"])
def test_what_is_no_workspace_is_not_found(sign_in, workspace, address):
    assert sign_in(workspace).get(address).status_code in (400, 404)


def test_pages_of_a_workspace_are_not_outside_of_one(sign_in, workspace):
    assert sign_in(workspace).get("/crm/companies/").status_code == 404


def test_two_tabs_may_be_in_two_workspaces(sign_in, workspace, other_workspace):
    client = sign_in(workspace)
    with activate(other_workspace):
        Membership.objects.create(user=client.member.user)
        factories.company(name="Theirs")
    assert b"Theirs" not in client.get("/w/acme/crm/companies/").content
    assert b"Theirs" in client.get("/w/other/crm/companies/").content


def test_the_root_leads_to_the_workspace_last_used(sign_in, workspace, other_workspace):
    client = sign_in(workspace)
    with activate(other_workspace):
        Membership.objects.create(user=client.member.user)
    for slug in ["other", "acme", "other"]:
        client.get(f"/w/{slug}/members/")
        assert client.get("/").url == f"/w/{slug}/"


def test_the_root_leads_to_the_only_workspace(sign_in, workspace):
    client = sign_in(workspace)
    assert client.get("/").url == "/w/acme/"
    assert client.get("/w/acme/").url == "/w/acme/crm/"


def test_without_the_crm_a_workspace_opens_on_its_members(sign_in, workspace):
    assert sign_in(workspace, "without CRM").get("/w/acme/").url == "/w/acme/members/"


def test_the_root_leads_who_has_no_workspace_to_making_one(client, db):
    client.force_login(User.objects.create_user("new@nowhere.example", name="New"))
    assert client.get("/").url == reverse_outside("workspace-new")


def test_the_root_leads_a_stranger_to_the_sign_in(client, db):
    assert client.get("/").url == "/accounts/login/?next=/"


def test_what_is_sent_to_one_workspace_is_saved_in_it(sign_in, workspace, other_workspace):
    client = sign_in(workspace)
    with activate(other_workspace):
        Membership.objects.create(user=client.member.user)
    client.get("/w/other/members/")  # last used: the other one
    client.post("/w/acme/crm/companies/new/", {"name": "Roofs"})
    assert Company.objects.get().name == "Roofs"


def test_health_is_answered_without_a_sign_in(client, db):
    assert client.get("/livez").content == b"ok"
    assert client.get("/readyz").content == b"ok"


def test_without_a_database_it_is_alive_and_not_ready(client, db, monkeypatch):
    def fail(*args):
        raise OperationalError("gone")

    monkeypatch.setattr("django.db.models.query.QuerySet.exists", fail)
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_an_address_outside_is_the_same_from_inside(workspace):
    assert reverse_outside("account_login") == "/accounts/login/"
    assert reverse("members:list") == "/w/acme/members/"
