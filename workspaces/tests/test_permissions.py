"""Who may do what: the table, and the sentence for those who may not."""

import pytest

from conftest import ROLES
from workspaces.models import Membership, Workspace
from workspaces.permissions import has_permission, refusal_message

# permission: the roles that hold it
TABLE = {
    "crm.view_company": {"admin", "sales staff", "reader"},
    "crm.add_company": {"sales staff"},
    "crm.change_company": {"sales staff"},
    "crm.delete_company": {"sales staff"},
    "crm.configure_stage": {"admin"},
    "crm.erase_record": {"admin"},
    "workspaces.view_member": {"admin", "sales staff", "reader", "without CRM"},
    "workspaces.manage_member": {"admin"},
    "workspaces.manage_workspace": {"admin"},
}
SINGLE = ["admin", "sales staff", "reader", "without CRM"]


def member(role, **switches):
    return Membership(workspace=Workspace(name="Acme", **switches), **ROLES[role])


@pytest.mark.parametrize("permission", TABLE)
def test_the_table_of_roles(permission):
    assert {role for role in SINGLE if has_permission(member(role), permission)} == TABLE[permission]


@pytest.mark.parametrize("permission", TABLE)
def test_a_stranger_may_nothing(permission):
    assert not has_permission(None, permission)


@pytest.mark.parametrize("role", SINGLE)
def test_nobody_may_use_an_add_on_that_is_switched_off(role):
    assert not has_permission(member(role, has_crm=False), "crm.view_company")
    assert not has_permission(member(role, has_recurring=False), "recurring.view_profile")


@pytest.mark.parametrize(
    ("role", "permission", "sentence"),
    [
        ("reader", "crm.add_company", "You need the Sales Staff role."),
        ("sales staff", "crm.configure_stage", "You need the Admin role."),
        ("without CRM", "crm.view_company", "You don’t have access to the CRM."),
    ],
)
def test_the_refusal_says_who_could_allow_it(role, permission, sentence):
    why = refusal_message(member(role), permission)
    assert why.startswith(sentence)
    assert "admin" in why[len(sentence) :].lower()


def test_the_page_shows_the_sentence(sign_in, workspace):
    response = sign_in(workspace, "reader").get("/w/acme/crm/companies/new/")
    assert response.status_code == 403
    assert "You need the Sales Staff role." in response.content.decode()


def test_a_mark_counts_from_the_next_request_on(sign_in, workspace):
    client = sign_in(workspace, "reader")
    assert client.get("/w/acme/crm/companies/new/").status_code == 403
    Membership.objects.filter(pk=client.member.pk).update(is_sales_staff=True)
    assert client.get("/w/acme/crm/companies/new/").status_code == 200
