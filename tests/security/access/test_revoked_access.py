"""Row 6: who is no longer let in, or not yet, gets no data from any URL, from the very next request on."""

import itertools
import random

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client

from tests.contract.test_url_permissions import rows
from tests.support.routes import INSIDE
from workspaces.accounts.mfa import policy
from workspaces.members.membership import deactivate
from workspaces.models import Membership, User, Workspace
from workspaces.tenancy.scope import activate

pytestmark = [pytest.mark.security, pytest.mark.usefixtures("quiet")]
SECRET = "Zyzzyva Holdings"  # what the rows of the workspace are called, and no page else


def removed(member):
    deactivate(member)


def closed(member):
    User.objects.filter(pk=member.user_id).update(is_active=False)


def signed_out(member):
    for session in UserSession.objects.filter(user=member.user):
        session.end()


def pending(member):
    Workspace.objects.filter(pk=member.workspace_id).update(requires_second_factor=True)


ENDS = {end.__name__: end for end in (removed, closed, signed_out, pending)}
METHODS = ["get", "post"]
WAYS = [{}, {"HX-Request": "true", "HX-Target": "table"}]


@pytest.fixture
def member(workspace, other_workspace):
    """Somebody who sees and may do everything here, and has a second workspace to stay signed in for."""
    user = User.objects.create_user("bea@acme.example", "a few good words", name="Bea")
    with activate(other_workspace):
        Membership.objects.create(user=user)
    return Membership.objects.create(user=user, is_admin=True, is_sales_staff=True)


@pytest.fixture
def named_rows(workspace):
    results = rows()
    for row in results.values():
        if hasattr(row, "name") and not isinstance(row, Workspace):
            type(row).objects.filter(pk=row.pk).update(name=SECRET)
    return results


def signed_in(member):
    client = Client()
    client.post("/accounts/login/", {"login": member.user.email, "password": "a few good words"})
    return client


def data_in(response):
    """Whether an answer has anything of the workspace in it."""
    body = b"".join(response) if response.streaming else response.content
    return (body and response.status_code == 200) or SECRET.encode() in body or b'aria-label="CRM"' in body


def list_answers_with_data(client, found, number):
    """Those of `number` answers that have data, {(route, method): status}; and how many were asked for."""
    cells = list(itertools.product(INSIDE, METHODS, WAYS))
    if number < len(cells):
        cells = random.Random(6).sample(cells, number)
    given_values = {}
    for route, method, headers in cells:
        response = getattr(client, method)(route.address(found), headers=headers)
        if data_in(response):
            given_values[str(route), method] = response.status_code
    return given_values, len(cells)


@pytest.mark.parametrize("end", ENDS)
def test_no_url_gives_data_to_who_is_out(member, named_rows, end, reach):
    client = signed_in(member)
    given_values, _ = list_answers_with_data(client, named_rows, 8)
    assert given_values, "before, there is something to see"
    member = Membership.objects.get(pk=member.pk)
    ENDS[end](member)
    given_values, number = list_answers_with_data(
        client, named_rows, reach(60, 10_000 if connection.vendor == "sqlite" else 200)
    )
    print(f"{end}: {number} requests, {len(INSIDE)} URLs, answers with data: {len(given_values)}")
    assert not given_values


@pytest.mark.parametrize("end", ["removed", "pending"])
def test_canary_without_the_check_there_is_data(member, named_rows, end, monkeypatch):
    """Planted: the memberships that ended count, and nobody looks for the second factor."""
    all_items = Membership.everywhere.select_related("workspace")
    monkeypatch.setattr(Membership, "of", lambda user: all_items.filter(user=user))
    monkeypatch.setattr(
        policy.RequireMfaMiddleware, "__call__", lambda self, request: self.get_response(request)
    )
    client = signed_in(member)
    ENDS[end](Membership.objects.get(pk=member.pk))
    assert list_answers_with_data(client, named_rows, 8)[0]
