"""Everything that can be pressed, pressed twice, at once and in turn: the second is told, never a 500."""

import datetime
import uuid
from functools import partial

import pytest
from django.conf import settings
from django.urls import reverse, set_script_prefix, set_urlconf

from crm.models import Stage
from crm.tests import factories
from crm.viewsets import COMPANIES, PEOPLE, SOURCES, STAGES, TAGS
from recurring.lifecycle import operations
from recurring.tests import factories as revenue
from recurring.viewsets import PROFILES
from tests.security.support.page_forms import Quick
from tests.security.support.simultaneous import crowd
from workspaces.members.invitations import PERMISSION_FIELDS
from workspaces.models import Invitation, Membership, User
from workspaces.tenancy.urls import reverse_outside

pytestmark = [
    pytest.mark.security,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet", "unlimited"),
]


def in_trash(row):
    row.delete()
    return row.trash_entry


def create_member(name="Mia"):
    return Membership.objects.create(
        user=User.objects.create_user(f"{uuid.uuid4().hex}@acme.example", name=name)
    )


def act(name, **form):
    row = revenue.profile()
    if name == "undo":
        operations.end(row, datetime.date(2026, 8, 31))
    elif name == "resume":
        operations.pause(row, datetime.date(2026, 2, 1))
    row.refresh_from_db()
    return revenue.address(row, name), revenue.build_operation_form(row, **form)


def picklist(viewset, action, **form):
    row = viewset.model.objects.create(name=f"Entry {next(factories.number)}")
    app = viewset.model._meta.app_label
    return reverse(f"{app}:{viewset.name(action)}", args=[row.pk]), form


def replace(viewset, how):
    other_item = viewset.model.objects.create(name=f"Entry {next(factories.number)}")
    return picklist(viewset, "replace", to=other_item.name if viewset is TAGS else other_item.pk, how=how)


def invitation(client):
    return Invitation.objects.create(email=f"{uuid.uuid4().hex}@new.example", invited_by=client.member)


LINE = {"amount": "150", "unit": "month", "count": "1", "quantity": "1", "discount": "0"}
# {what is pressed: (client) -> (URL, form)}; called in the workspace.
PRESSED = {
    "restore": lambda client: (reverse("crm:trashed-restore", args=[in_trash(factories.company()).pk]), {}),
    "undo a deletion": lambda client: (
        reverse("crm:trashed-undo", args=[in_trash(factories.person()).pk]),
        {},
    ),
    "erase": lambda client: (reverse("crm:trashed-erase", args=[in_trash(factories.company()).pk]), {}),
    "empty": lambda client: (reverse("crm:trashed-empty"), {"last": in_trash(factories.person()).pk}),
    "delete one": lambda client: (COMPANIES.url("delete", factories.company().pk), {}),
    "delete many": lambda client: (
        PEOPLE.url("delete-many"),
        {"ids": [factories.person().pk for _ in range(3)]},
    ),
    "delete a profile": lambda client: (PROFILES.url("delete", revenue.profile().pk), {}),
    **{
        f"{action} a {viewset.one}": lambda client, viewset=viewset, action=action: picklist(viewset, action)
        for viewset in (SOURCES, STAGES, TAGS)
        for action in ("delete", "retire", "move")
    },
    **{
        f"{how} a {viewset.one}": lambda client, viewset=viewset, how=how: replace(viewset, how)
        for viewset in (SOURCES, STAGES, TAGS)
        for how in ("replace", "merge")
    },
    "bring a source back": lambda client: picklist(SOURCES, "retire", back="1"),
    "rename a source": lambda client: picklist(
        SOURCES, "update", name=f"Name {next(factories.number)}", color="red", version=1
    ),
    "reorder the stages": lambda client: (
        reverse("crm:stage-order"),
        {"ids": [row.pk for row in Stage.objects.order_by("-position")]},
    ),
    "change an amount": lambda client: act("amount", from_date="2026-03-01", **LINE),
    "change a category": lambda client: act("category", from_date="2026-03-01", category="Other"),
    "renew": lambda client: act("renew", renewed_on="2026-11-01", **LINE),
    "pause": lambda client: act("pause", from_date="2026-02-01", to_date="2026-02-28"),
    "resume": lambda client: act("resume", from_date="2026-11-01"),
    "end": lambda client: act("end", end="2026-08-31", kind="client"),
    "undo an ending": lambda client: act("undo"),
    "withdraw an invitation": lambda client: (
        reverse("members:invitation-withdraw", args=[invitation(client).pk]),
        {},
    ),
    "send an invitation again": lambda client: (
        reverse("members:invitation-resend", args=[invitation(client).pk]),
        {},
    ),
    "invite": lambda client: (reverse("members:invite"), {"email": f"{uuid.uuid4().hex}@new.example"}),
    "deactivate a member": lambda client: (
        reverse("members:member-deactivate", args=[create_member().pk]),
        {},
    ),
    "hand over": lambda client: hand_over(client),
    "new workspace": lambda client: (
        reverse_outside("workspace-new"),
        {"name": "Twice", "slug": f"twice-{next(factories.number)}", "currency": "USD", "time_zone": "UTC"},
    ),
}


def hand_over(client):
    member = create_member()
    factories.company(assignee=member)
    return (
        reverse("members:member-hand-over", args=[member.pk]),
        {"companies": client.member.pk},
    )


@pytest.fixture
def client(sign_in, workspace):
    return sign_in(workspace, "admin and sales staff")


def prepare(people, client, workspace, build):
    """(URL, form), built by a thread that is in the workspace."""

    def inside():
        set_urlconf(settings.WORKSPACE_URLCONF)
        set_script_prefix(workspace.get_absolute_url())
        try:
            return build(client)
        finally:
            set_urlconf(None)
            set_script_prefix("/")

    return people.there(inside)


@pytest.mark.parametrize("name", PRESSED)
def test_at_once_and_one_after_the_other(client, workspace, tmp_path, reach, name):
    browsers = [Quick.like(client) for _ in range(2)]
    with crowd(2, workspace, tmp_path) as people:
        for _ in range(reach(1, 20)):
            url, form = prepare(people, client, workspace, PRESSED[name])
            press = [partial(browser.post, url, form) for browser in browsers]
            answers = people.at_once(*press)
            answers.append(people.threads.submit(browsers[0].post, url, form).result())
            statuses = [answer.status_code for answer in answers]
            assert max(statuses) < 500, (statuses, url)
            assert {200, 204, 302} & set(statuses[:2]), (statuses, url)
            assert all(answer.content or answer.status_code in (204, 302) for answer in answers)


def test_signing_up_twice_at_once(client, workspace, tmp_path, reach):
    with crowd(2, workspace, tmp_path) as people:
        for _ in range(reach(3, 20)):
            form = {
                "email": f"{uuid.uuid4().hex}@new.example",
                "password1": "a-long-enough-one",
                "name": "New",
            }
            sign_up = [lambda: Quick().post("/accounts/signup/", form).status_code] * 2  # noqa: B023
            statuses = people.at_once(*sign_up)
            assert max(statuses) < 500, statuses
            assert people.there(lambda: User.objects.filter(email=form["email"]).count()) == 1  # noqa: B023


def test_joining_twice_at_once(client, workspace, tmp_path, reach):
    with crowd(2, workspace, tmp_path) as people:
        for _ in range(reach(3, 20)):

            def invite():
                user = User.objects.create_user(f"{uuid.uuid4().hex}@new.example", name="New")
                row = Invitation.objects.create(
                    email=user.email, invited_by=client.member, **dict.fromkeys(PERMISSION_FIELDS, True)
                )
                return user, reverse_outside("workspace-join", row.token)

            user, url = people.there(invite)
            browser = people.threads.submit(signed_in, user).result()
            browsers = [Quick.like(browser) for _ in range(2)]
            join = [lambda one=one: one.post(url).status_code for one in browsers]  # noqa: B023
            statuses = people.at_once(*join)
            assert statuses == [302, 302] or sorted(statuses) == [302, 404]
            assert people.there(lambda: Membership.objects.filter(user=user).count()) == 1  # noqa: B023


def signed_in(user):
    browser = Quick()
    browser.force_login(user)
    return browser
