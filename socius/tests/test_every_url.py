"""Every URL there is, asked for by those who may not have it, and by those who may.

The list is read from the URLconfs, so a new page is held to this from its first day; what it
needs is said by its permission, and who holds that is written down here a second time.
"""

import pytest

from crm.tests import make
from recurring.tests import make as recurring
from workspaces.models import AuditEntry, Invitation, Membership
from workspaces.scope import activate

from .routes import FIXED, INSIDE

# The first words of the permissions that each role holds.
HOLDS = {
    "admin": {"view", "configure", "manage", "erase"},
    "sales staff": {"view", "add", "change", "delete"},
    "reader": {"view"},
    "without CRM": set(),
}
# Inside, for every member: a page asks for no permission only with a reason.
FOR_EVERY_MEMBER = {
    "workspace-home": "leads to the first page that the member may see",
}
# Outside: public with a reason, or in PUBLIC_PREFIXES; all others want somebody signed in.
PUBLIC = {
    "lead-lifecycle": "help, without anybody's data",
    "livez": "asked by the machine that runs us",
    "readyz": "asked by the machine that runs us",
}

GUARDED = [route for route in INSIDE if route.permission]


def rows():
    """One row of each kind, in the active workspace."""
    company = make.company()
    person = make.person(company=company)
    opportunity = make.opportunity(company=company, contact=person)
    member = Membership.objects.first()
    invitation = Invitation.objects.create(email="new@example.com", invited_by=member)
    found = {"company": company, "person": person, "opportunity": opportunity}
    found |= {"member": member, "invitation": invitation, "trashed": make.trashed()}
    found |= recurring.one_of_each(company)
    found["auditentry"] = AuditEntry.objects.first()
    return found | {model._meta.model_name: model.objects.first() or make.tag() for model in make.CHOICES}


def test_every_page_inside_says_what_it_needs():
    assert {route.name for route in INSIDE if not route.permission} == set(FOR_EVERY_MEMBER)


def answers(client, routes, rows, method="get"):
    """{(route, method): status} of each page, asked for by the client."""
    return {
        (str(route), method): getattr(client, method)(route.address(rows)).status_code for route in routes
    }


def differing(found, expected):
    """The cells of a matrix that are not as written: {(route, method): status}."""
    return {cell: status for cell, status in found.items() if status not in expected}


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_signed_in_is_sent_to_the_sign_in(client, workspace, method):
    ours = rows()
    for route in INSIDE:
        response = getattr(client, method)(route.address(ours))
        assert response.status_code == 302, route
        assert response.url.startswith("/accounts/login/?next=/w/acme/"), route


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_workspace_one_is_not_in_is_not_found(sign_in, workspace, other_workspace, method):
    client = sign_in(other_workspace, "admin and sales staff")
    assert not differing(answers(client, INSIDE, rows(), method), {404})


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_row_of_another_workspace_is_not_found(sign_in, workspace, other_workspace, method):
    with activate(other_workspace):
        theirs = rows()
    client = sign_in(workspace, "admin and sales staff")
    of_a_row = [
        route for route in INSIDE if {*route.parameters} - {*FIXED} or route.name.endswith("-delete-many")
    ]
    assert not differing(answers(client, of_a_row, theirs, method), {404, 405})


@pytest.mark.parametrize("role", HOLDS)
def test_a_page_opens_for_those_who_may_and_for_no_others(sign_in, workspace, role):
    client, ours = sign_in(workspace, role), rows()
    may = [route for route in GUARDED if allowed(role, route.permission)]
    assert not differing(answers(client, may, ours), {200, 302, 405})
    may_not = [route for route in GUARDED if route not in may]
    assert not differing(answers(client, may_not, ours), {403, 405})
    for route in may_not:
        response = client.post(route.address(ours))
        assert response.status_code == 403, route
        assert "admin" in response.content.decode().lower(), "the sentence says who could allow it"


def allowed(role, permission):
    """What the table above says of a role and a permission."""
    app, _, name = permission.partition(".")
    has_access = app == "workspaces" or role != "without CRM"
    return has_access and name.split("_")[0] in (HOLDS[role] | {"view"})
