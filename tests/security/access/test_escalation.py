"""Row 7: nobody rises by themselves, and no workspace is ever left without an admin."""

import itertools
import random
import threading
import time
from contextlib import contextmanager, nullcontext

import pytest
from django.db import connection, connections
from django.test import Client

from tests.contract.test_url_permissions import rows
from tests.security.support.databases import sqlite_on_disk
from tests.support.edit_forms import shown_version
from tests.support.routes import INSIDE
from workspaces.creation import create_workspace
from workspaces.members import membership
from workspaces.members.membership import LastAdminError
from workspaces.models import Invitation, Membership, User, Workspace
from workspaces.permissions import has_permission
from workspaces.tenancy import middleware
from workspaces.tenancy.scope import activate

pytestmark = [pytest.mark.security, pytest.mark.usefixtures("quiet")]
BELOW = ["sales staff", "reader", "without CRM"]
MARKS = {"is_admin": "on", "is_sales_staff": "on", "has_crm_access": "on"}
# Who may what is the application's to say, whichever the database: one of the two is looked at whole.
EVERY = 10_000 if connection.vendor == "sqlite" else 100
GONE_AFTER = {"members:leave"}  # whoever leaves has nothing left to rise in


def standing():
    """Who may what: {(workspace, user): marks}, over all workspaces, and the workspaces' own switches."""
    marks = {}
    for workspace in Workspace.objects.all():
        with activate(workspace):
            for row in Membership.objects.active():
                marks[row.workspace_id, row.user_id] = [row.is_admin, row.is_sales_staff, row.has_crm_access]
    return marks, set(Workspace.objects.values_list("pk", "requires_second_factor", "has_crm"))


def rises(before, after):
    """What somebody may afterwards that they might not before."""
    marks, switches = before
    grown = {
        key: current_time
        for key, current_time in after[0].items()
        if any(new and not old for new, old in zip(current_time, marks.get(key, [False] * 3), strict=True))
    }
    return grown | {pk: rest for pk, *rest in after[1] - switches}


def build_greedy_form(member):
    """What a form is sent by somebody who hopes that it takes more than it asks for."""
    return {
        **MARKS,
        "email": member.user.email,
        "name": "Mallory",
        "user": member.user_id,
        "member": member.pk,
        "membership": member.pk,
        "workspace": member.workspace_id,
        "companies": member.pk,
        "opportunities": member.pk,
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "role": "admin",
        "requires_second_factor": "on",
        "deactivated_at": "",
    }


def list_grants(client, addresses, members, number):
    """What rose by any of the requests, {address: what}; and how many were made."""
    tries = [(address, who) for address in addresses for who in members]
    if number < len(tries):
        tries = random.Random(7).sample(tries, number)
    risen = {}
    for address, who in tries:
        state_before = standing()
        page = client.get(address, build_greedy_form(who))
        client.post(address, {**build_greedy_form(who), "version": shown_version(page)})
        if grown := rises(state_before, standing()):
            risen[address] = grown
    return risen, 2 * len(tries)


@pytest.fixture
def ladder(workspace):
    """Where one might rise: [address], and whom: the members themselves are added by each test."""
    results = rows()
    remaining = Membership.objects.create(user=User.objects.create_user("left@acme.example"), is_admin=True)
    remaining.deactivated_at = remaining.joined_at
    remaining.save()
    invitation = Invitation.objects.create(email="boss@acme.example", invited_by=remaining, is_admin=True)
    outside = ["/workspaces/profile/", "/theme/", f"/workspaces/join/{invitation.token}/"]
    return results, remaining, outside


def addresses(ladder, member):
    results, remaining, outside = ladder
    inside = {
        route.address({**results, "member": who})
        for route in INSIDE
        if route.name not in GONE_AFTER
        for who in (member, results["member"], remaining)
    }
    return sorted(inside) + outside


@pytest.mark.parametrize("role", BELOW)
def test_nobody_below_an_admin_gives_themselves_or_others_more(
    sign_in, workspace, confirm_identity, ladder, role, reach
):
    client = sign_in(workspace, role)
    confirm_identity(client)
    results, remaining, _ = ladder
    all_items = addresses(ladder, client.member)
    risen, number = list_grants(
        client, all_items, [client.member, results["member"], remaining], reach(40, EVERY)
    )
    print(f"{role}: {number} requests to {len(all_items)} addresses, upward grants: {len(risen)}")
    assert not risen


def test_an_admin_of_another_workspace_rises_nowhere_else(
    sign_in, workspace, other_workspace, confirm_identity, ladder, reach
):
    client = sign_in(other_workspace, "admin and sales staff")
    confirm_identity(client)
    _, remaining, _ = ladder
    risen, number = list_grants(
        client, addresses(ladder, remaining), [client.member, remaining], reach(40, EVERY)
    )
    print(f"admin elsewhere: {number} requests, upward grants: {len(risen)}")
    assert not risen


def test_canary_without_the_check_of_roles_somebody_rises(
    sign_in, workspace, confirm_identity, ladder, monkeypatch
):
    client = sign_in(workspace, "reader")
    confirm_identity(client)
    monkeypatch.setattr(User, "has_perm", lambda user, permission, obj=None: True)
    own_value = [f"/w/acme/members/{client.member.pk}/"]
    assert list_grants(client, own_value, [client.member], 10)[0]


@pytest.mark.parametrize("marks", list(itertools.product([True, False], repeat=3)))
def test_an_invitation_gives_what_it_says_and_no_more(workspace, marks):
    given_values = dict(zip(MARKS, marks, strict=True))
    inviter = Membership.objects.get()
    invitation = Invitation.objects.create(email="bea@acme.example", invited_by=inviter, **given_values)
    client, user = Client(), User.objects.create_user("bea@acme.example", name="Bea")
    client.force_login(user)
    client.post(f"/workspaces/join/{invitation.token}/", build_greedy_form(inviter))
    member = Membership.objects.get(user=user)
    assert {name: getattr(member, name) for name in MARKS} == given_values
    client.post(f"/workspaces/join/{invitation.token}/", build_greedy_form(inviter))
    assert (
        has_permission(Membership.objects.get(user=user), "workspaces.manage_member")
        == given_values["is_admin"]
    )


def test_only_the_invited_address_rises_by_an_invitation(sign_in, workspace, other_workspace):
    client = sign_in(workspace, "reader")
    inviter = Membership.objects.admins().first()
    theirs = Invitation.objects.create(email="boss@acme.example", invited_by=inviter, is_admin=True)
    with activate(other_workspace):
        elsewhere = Invitation.objects.create(
            email="boss@other.example", invited_by=Membership.objects.get(), is_admin=True
        )
    state_before = standing()
    for invitation in (theirs, elsewhere):
        client.post(f"/workspaces/join/{invitation.token}/", {"email": invitation.email})
    assert not rises(state_before, standing())


# Races


PAIRS = {
    "each takes the other's mark": lambda me, you: (f"{you.pk}/", {"has_crm_access": "on", "version": 1}),
    "each takes their own mark": lambda me, you: (f"{me.pk}/", {"has_crm_access": "on", "version": 1}),
    "each deactivates the other": lambda me, you: (f"{you.pk}/deactivate/", {}),
    "both leave": lambda me, you: ("leave/", {}),
    "one leaves, one is deactivated": lambda me, you: (
        ("leave/", {}) if me.pk < you.pk else (f"{me.pk}/", {"version": 1})
    ),
}


@pytest.fixture
def admins(transactional_db, tmp_path):
    """Two admins of one workspace, who stay signed in for another one; what a thread calls first."""
    with sqlite_on_disk.database(tmp_path) as own_value:
        people = [User.objects.create_user(f"{name}@acme.example", name=name) for name in "ab"]
        for slug in ("acme", "other"):
            workspace = create_workspace(people[0], slug.title(), slug=slug)
            with activate(workspace):
                Membership.objects.create(user=people[1], is_admin=True)
        workspace = Workspace.objects.get(slug="acme")
        with activate(workspace):
            pair = list(Membership.objects.order_by("pk"))
        yield workspace, pair, own_value


def races(workspace, pair, own, number):
    """How many of the races left the workspace without an admin, and how many answers were errors of ours."""
    start, finish = threading.Barrier(3), threading.Barrier(3)
    ways, errors = list(PAIRS.values()), []

    def run(me, you):
        own()
        client = Client(raise_request_exception=False)
        client.force_login(me.user)
        try:
            for n in range(number):
                address, subject = ways[n % len(ways)](me, you)
                start.wait(60)
                status = client.post(f"/w/acme/members/{address}", subject).status_code
                errors.extend([status] if status >= 500 else [])
                finish.wait(60)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=order) for order in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    without = 0
    for _ in range(number):
        start.wait(60)
        finish.wait(60)
        with activate(workspace):
            without += not Membership.objects.admins().exists()
            Membership.objects.update(is_admin=True, deactivated_at=None, version=1)
    for thread in threads:
        thread.join()
    return without, errors


def test_no_race_leaves_a_workspace_without_an_admin(admins, reach):
    workspace, pair, own_value = admins
    number = reach(20, 500)  # on each of the databases: a thousand together
    without, errors = races(workspace, pair, own_value, number)
    print(f"{number} races on {connection.vendor}: {without} without an admin, {len(errors)} answers of 5xx")
    assert (without, errors) == (0, [])


def test_canary_who_looks_before_the_change_and_not_after_loses_a_race(admins, monkeypatch):
    @contextmanager
    def looks_before():
        if Membership.objects.admins().count() < 2:
            raise LastAdminError
        time.sleep(0.3)
        yield

    monkeypatch.setattr(membership, "require_remaining_admin", looks_before)
    # As it was before the request's transaction: on SQLite that alone would hold one of the two back.
    monkeypatch.setattr(middleware, "open_transaction", lambda request, slug: nullcontext())
    workspace, pair, own_value = admins
    assert races(workspace, pair, own_value, 8)[0] > 0
