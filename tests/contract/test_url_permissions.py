"""URL permissions: every URL, requested by users with and without the permission.

The list is read from the URLconfs, so a new page is held to this from its first day; what it
needs is said by its permission, and who holds that is written down here a second time.
"""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import path

from crm.tests import factories
from recurring.tests import factories as recurring
from socius.urls import urlpatterns
from tests.security.support.page_forms import Quick
from tests.support.routes import FIXED, INSIDE, OUTSIDE, routes
from workspaces.models import AuditEntry, Invitation, Membership, User
from workspaces.tenancy.scope import activate

pytestmark = [pytest.mark.security, pytest.mark.usefixtures("quiet")]

# Prefixes of each role's permissions.
HOLDS = {
    "admin": {"view", "configure", "manage", "erase"},
    "sales staff": {"view", "add", "change", "delete"},
    "reader": {"view"},
    "without CRM": set(),
}
HOLDS["admin and sales staff"] = HOLDS["admin"] | HOLDS["sales staff"]
# Pages inside of workspaces that require no permission, with the reason.
FOR_EVERY_MEMBER = {
    "workspace-home": "leads to the first page that the member may see",
}
# Pages outside that anonymous visitors may open, with the reason.
PUBLIC = {
    "account_login": "the way in",
    "account_signup": "the way in of who is new; SIGN_UP says who may be",
    "first-run": "the way in of the very first, who has the token; then it is gone",
    "workspace-join": "the way in of who was invited; the token in it is the credential",
    "account_logout": "leads to the sign-in, who is out already",
    "account_inactive": "says that an account is closed, and whose it is not",
    "account_confirm_email": "from the message; the key in it is the credential",
    "account_email_verification_sent": "says that a message is on its way",
    "account_reset_password": "for who forgot theirs; says the same to everybody",
    "account_reset_password_done": "says that a message is on its way",
    "account_reset_password_from_key": "from the message; the key in it is the credential",
    "account_reset_password_from_key_done": "says that there is a new password",
    "account_confirm_login_code": "of sign-ins by a code from a message, which are off: leads to the sign-in",
    "mfa_authenticate": "the second factor, between the password and the sign-in",
    "mfa_login_webauthn": "the sign-in by a passkey",
    "lead-lifecycle": "help, without anybody's data",
    "livez": "asked by the machine that runs us",
    "readyz": "asked by the machine that runs us",
}

GUARDED = [route for route in INSIDE if route.permission]


def rows():
    """One row of each model, in the active workspace."""
    company = factories.company()
    person = factories.person(company=company)
    opportunity = factories.opportunity(company=company, contact=person)
    member = Membership.objects.first()
    invitation = Invitation.objects.create(email="new@example.com", invited_by=member)
    results = {"company": company, "person": person, "opportunity": opportunity}
    results |= {"member": member, "invitation": invitation, "trashed": factories.trash_person()}
    results |= recurring.one_of_each(company)
    results["auditentry"] = AuditEntry.objects.first()
    return results | {
        model._meta.model_name: model.objects.first() or factories.tag() for model in factories.CHOICES
    }


def test_every_page_inside_says_what_it_needs():
    assert {route.name for route in INSIDE if not route.permission} == set(FOR_EVERY_MEMBER)


def answered_to_strangers(routes, address):
    """Names of the pages that anonymous visitors may open."""
    results = set()
    for route in routes:
        for method in ("get", "post"):
            response = getattr(Quick(), method)(address(route))
            if response.status_code != 302 or not response.url.startswith("/accounts/login/?next="):
                results.add(route.name)
    return results


def test_strangers_get_the_pages_that_are_public_with_a_reason_and_no_others(workspace):
    ours = rows()
    results = answered_to_strangers(OUTSIDE, lambda route: route.outer_address(ours))
    print(f"{len(OUTSIDE)} URLs outside of workspaces, {len(results)} public, all with their reason")
    assert results == set(PUBLIC)


@login_not_required
def bare(request):
    return HttpResponse("anything")


class Planted:
    urlpatterns = [path("bare/", bare, name="bare"), *urlpatterns]


def test_canary_a_bare_path_is_found(workspace, settings):
    settings.ROOT_URLCONF = Planted
    results = answered_to_strangers(routes(Planted)[:1], lambda route: "/bare/")
    assert results - set(PUBLIC) == {"bare"}


def answers(client, routes, rows, method="get"):
    """Return {(route, method): status} of each page, requested by the client's user."""
    ask = getattr(Quick.like(client), method)
    return {(str(route), method): ask(route.address(rows)).status_code for route in routes}


def differing(statuses, expected):
    """Return the cells that differ from the expected matrix: {(route, method): status}."""
    return {cell: status for cell, status in statuses.items() if status not in expected}


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


def misjudged(client, role, ours, routes=GUARDED):
    """Return the cells that differ from the permission table: {(route, method): status}."""
    may = [route for route in routes if allowed(role, route.permission)]
    may_not = [route for route in routes if route not in may]
    return (
        differing(answers(client, may, ours), {200, 302, 405})
        | differing(answers(client, may_not, ours), {403, 405})
        | differing(answers(client, may_not, ours, "post"), {403})
    )


@pytest.mark.parametrize("role", HOLDS)
def test_a_page_opens_for_those_who_may_and_for_no_others(sign_in, workspace, role):
    client, ours = sign_in(workspace, role), rows()
    assert misjudged(client, role, ours) == {}
    print(f"{role}: {len(GUARDED)} URLs, as the table says")


def test_canary_without_the_check_of_roles_the_table_is_not_kept(sign_in, workspace, monkeypatch):
    monkeypatch.setattr(User, "has_perm", lambda user, permission, obj=None: True)
    assert misjudged(sign_in(workspace, "reader"), "reader", rows(), GUARDED[::6])


def test_a_refusal_says_who_could_allow_it(sign_in, workspace):
    client, ours = sign_in(workspace, "reader"), rows()
    for route in GUARDED:
        if not allowed("reader", route.permission):
            assert "admin" in client.post(route.address(ours)).content.decode().lower(), route


def allowed(role, permission):
    """Return the expected access of a role with a permission, from the table above."""
    app, _, name = permission.partition(".")
    has_access = app == "workspaces" or role != "without CRM"
    return has_access and name.split("_")[0] in (HOLDS[role] | {"view"})
