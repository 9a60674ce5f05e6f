"""Pairs of requests at the same moment that no pair of record acts covers, each with its own invariants."""

import datetime
import uuid
from decimal import Decimal
from functools import partial

import pytest
from django.conf import settings
from django.urls import reverse, set_script_prefix, set_urlconf

from crm.models import Company, Trashed
from crm.tests import factories
from crm.viewsets import COMPANIES
from recurring.models import ClosedMonth, ExchangeRate
from recurring.reporting.dataset import RevenueDataset
from recurring.tests import factories as revenue
from tests.security.support.page_forms import Quick
from tests.security.support.race_rounds import find_mistakes
from tests.security.support.simultaneous import crowd
from workspaces.accounts import first_run
from workspaces.models import Membership, User
from workspaces.tenancy.scope import active_workspace

pytestmark = [
    pytest.mark.security,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet", "unlimited"),
]
DONE = (200, 204, 302)


class Race:
    """Two browsers of one workspace, each with a thread of its own."""

    def __init__(self, people, workspace, browsers):
        self.people, self.workspace, self.browsers = people, workspace, browsers

    def inside(self, function):
        """Call a function in the workspace, where URLs lead into it, outside of the race."""

        def call():
            set_urlconf(settings.WORKSPACE_URLCONF)
            set_script_prefix(self.workspace.get_absolute_url())
            try:
                return function()
            finally:
                set_urlconf(None)
                set_script_prefix("/")

        return self.people.there(call)

    def post(self, *requests):
        """Send one request (URL, form) by each browser at once; return the statuses."""
        pairs = zip(self.browsers, requests, strict=True)
        answers = self.people.at_once(*(partial(browser.post, *request) for browser, request in pairs))
        statuses = [answer.status_code for answer in answers]
        assert max(statuses) < 500, (statuses, requests)
        return statuses


@pytest.fixture
def race(sign_in, workspace, tmp_path):
    client = sign_in(workspace, "admin and sales staff")
    with crowd(2, workspace, tmp_path) as people:
        race = Race(people, workspace, [Quick.like(client) for _ in range(2)])
        yield race
        assert race.inside(find_mistakes) == []


def test_a_month_closed_while_it_changes_is_closed_as_it_was_before_or_after(race, reach):
    month = datetime.date(2026, 3, 1)
    for _ in range(reach(3, 60)):

        def build():
            ClosedMonth.objects.all().delete()
            row = revenue.profile()
            closing = closing_of(month)
            act = revenue.build_operation_form(row, from_date="2026-03-01", amount="150", unit="month")
            return closing, (
                (reverse("recurring:month-close", args=["2026-03"]), {}),
                (revenue.address(row, "amount"), act | {"count": "1", "quantity": "1", "discount": "0"}),
            )

        closing, requests = race.inside(build)
        assert race.post(*requests) == [302, 302]
        closed = race.inside(ClosedMonth.objects.get)
        assert closed.amount("closing") in (closing, closing + 50)
        moved = [closed.amount(name) for name in ("new", "expansion", "uplift", "contraction", "churn")]
        assert closed.amount("opening") + sum(moved[:3]) - sum(moved[3:]) == closed.amount("closing")
        assert race.inside(lambda: closing_of(month)) == closing + 50


def closing_of(month):
    return RevenueDataset().ledger(month, month).month(month).closing


def test_a_month_closed_twice_is_closed_once(race, reach):
    for _ in range(reach(3, 60)):
        race.inside(lambda: (ClosedMonth.objects.all().delete(), revenue.profile()))
        url = race.inside(lambda: reverse("recurring:month-close", args=["2026-03"]))
        assert race.post((url, {}), (url, {})) == [302, 302]
        assert race.inside(ClosedMonth.objects.count) == 1


def test_of_two_rates_for_one_month_one_counts_and_the_other_is_asked_about(race, reach):
    for _ in range(reach(5, 100)):

        def build():
            ExchangeRate.objects.all().delete()
            return reverse("recurring:rates")

        url = race.inside(build)
        rates = "1.08", "1.09"
        statuses = race.post(*((url, {"lines": f"2026-10 EUR {rate}", "version": "0"}) for rate in rates))
        assert sorted(statuses) == [302, 409]
        live = race.inside(lambda: [row.rate for row in ExchangeRate.objects.live()])
        assert live == [Decimal(rates[statuses.index(302)])]


@pytest.mark.parametrize("ways", [("update", "update"), ("update", "deactivate"), ("deactivate", "leave")])
def test_two_admins_who_end_each_other_leave_one(race, reach, ways):
    for _ in range(reach(3, 50)):

        def build():
            Membership.objects.update(is_admin=False)
            members = [create_admin(), create_admin()]
            return members, [end_admin(members[side], ways[side], members[1 - side]) for side in (0, 1)]

        members, requests = race.inside(build)
        race.browsers = [race.people.threads.submit(signed_in, member.user).result() for member in members]
        race.post(*requests)
        admins = race.inside(lambda: set(Membership.objects.admins().values_list("pk", flat=True)))
        assert len(admins & {member.pk for member in members}) == 1


def create_admin():
    user = User.objects.create_user(f"{uuid.uuid4().hex}@acme.example", name="Ada")
    return Membership.objects.create(user=user, is_admin=True)


def end_admin(member, way, other):
    """Return (URL, form) by which `member` ends the adminship of `other`, or their own if they leave."""
    if way == "update":
        url = reverse("members:member-update", args=[other.pk])
        return url, {"has_crm_access": "on", "version": other.version}
    if way == "deactivate":
        return reverse("members:member-deactivate", args=[other.pk]), {}
    return reverse("members:leave"), {}


def signed_in(user):
    browser = Quick()
    browser.force_login(user)
    return browser


def test_many_deleted_while_one_of_them_is_edited(race, reach):
    for _ in range(reach(4, 100)):

        def build():
            rows = [factories.company(name=f"Company {uuid.uuid4().hex}") for _ in range(3)]
            edited, name = rows[1], f"Edited {uuid.uuid4().hex}"
            edit = {"name": name, "version": edited.version, "submission": str(uuid.uuid4())}
            delete = COMPANIES.url("delete-many"), {"ids": [row.pk for row in rows]}
            return rows, name, (delete, (COMPANIES.url("update", edited.pk), edit))

        rows, name, requests = race.inside(build)
        deleted, edited = race.post(*requests)
        stored = race.inside(lambda: list(rows_with_trash(rows)))  # noqa: B023
        assert deleted == 302 and all(row.deleted_at for row in stored)
        assert race.inside(lambda: entries_of(rows)) == 3  # noqa: B023
        assert (edited == 302) == (stored[1].name == name), (edited, stored[1].name)


def test_selections_that_overlap_are_deleted_once(race, reach):
    for _ in range(reach(4, 100)):

        def build():
            rows = [factories.company() for _ in range(4)]
            url = COMPANIES.url("delete-many")
            return rows, [(url, {"ids": [row.pk for row in part]}) for part in (rows[:3], rows[1:])]

        rows, requests = race.inside(build)
        assert race.post(*requests) == [302, 302]
        assert all(row.deleted_at for row in race.inside(lambda: list(rows_with_trash(rows))))  # noqa: B023
        assert race.inside(lambda: entries_of(rows)) == 4  # noqa: B023


def test_a_deletion_undone_while_one_of_its_records_is_restored(race, reach):
    for _ in range(reach(4, 100)):

        def build():
            rows = [factories.company() for _ in range(3)]
            Company.objects.filter(pk__in=[row.pk for row in rows]).delete()
            entry = rows[0].trash_entry
            restore = reverse("crm:trashed-restore", args=[rows[1].trash_entry.pk])
            return rows, ((reverse("crm:trashed-undo", args=[entry.pk]), {}), (restore, {}))

        rows, requests = race.inside(build)
        undone, restored = race.post(*requests)
        assert undone == 302 and restored in (302, 404)
        assert not any(row.deleted_at for row in race.inside(lambda: list(rows_with_trash(rows))))  # noqa: B023
        assert race.inside(lambda: entries_of(rows)) == 0  # noqa: B023


def rows_with_trash(rows):
    return Company.with_trash.filter(pk__in=[row.pk for row in rows]).order_by("pk")


def entries_of(rows):
    return Trashed.objects.filter(kind="crm.company", row_id__in=[row.pk for row in rows]).count()


@pytest.mark.parametrize("is_same_person", [True, False])
def test_the_first_run_sent_twice_makes_one_user(tmp_path, is_same_person, db):
    form = {"name": "Ada", "password1": "a few good words", "token": first_run.token()}
    names = ["ada", "ada"] if is_same_person else ["ada", "bea"]
    with crowd(2, None, tmp_path) as people:
        posts = [
            partial(Quick().post, "/accounts/first-run/", form | {"email": f"{name}@acme.example"})
            for name in names
        ]
        statuses = [answer.status_code for answer in people.at_once(*posts)]
        users = people.threads.submit(User.objects.count).result()
    assert statuses.count(302) >= 1 and max(statuses) < 500, statuses
    assert users == 1


def test_the_first_workspace_sent_twice_with_one_slug_is_made_once(race, reach):
    for _ in range(reach(2, 30)):
        slug = f"first-{uuid.uuid4().hex[:8]}"
        form = {"name": "First", "slug": slug, "currency": "USD", "time_zone": "UTC"}
        statuses = race.post(*[("/workspaces/new/", form)] * 2)
        assert 302 in statuses and all(status in DONE for status in statuses), statuses
        assert race.inside(lambda: type(active_workspace()).objects.filter(slug=slug).count()) == 1  # noqa: B023
