"""Rows 1 and 2: nothing of another workspace is shown or changed, wherever in a request its id is put.

Every page × role × method × place of the id, on SQLite and on PostgreSQL; there with both walls, with the
application's alone and with the database's alone. And no page is in none of the suites.
"""

import gc
import random
import re
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from django.db import connection, models, transaction
from django.urls import path

from conftest import ROLES
from crm.tests.submitted_forms import Form
from tests.contract.test_url_permissions import FOR_EVERY_MEMBER, rows
from tests.security.isolation.test_row_level_security import MODELS, ask
from tests.security.support.page_forms import Quick
from tests.support.routes import INSIDE, Route
from workspaces.models import Membership, User
from workspaces.tenancy.db_session import session_settings
from workspaces.tenancy.isolation import plan
from workspaces.tenancy.scope import WorkspaceManager, activate

pytestmark = [pytest.mark.security, pytest.mark.django_db, pytest.mark.usefixtures("quiet")]
MARK = "LeakedName"  # of every record over there; so long that no random token of a page has it
METHODS = ["get", "post", "head", "put", "patch", "delete"]
# Names of parameters that no page's form says, but some page reads.
ELSEWHERE = {
    "ids",
    "do",
    "next",
    "export",
    "page",
    "q",
    "other",
    "company",
    "contact",
    "opportunity",
    "stage",
}
NAMES = re.compile(r'<(?:input|select|textarea)[^>]*\bname="([^"]+)"')


@pytest.fixture
def theirs(other_workspace):
    """The rows over there, one of each kind, all of them marked."""
    with activate(other_workspace):
        results = rows()
        for model in MODELS:
            for number, row in enumerate(model._base_manager.all()):
                if hasattr(row, "name"):
                    model._base_manager.filter(pk=row.pk).update(name=f"{MARK} {model.__name__} {number}")
            if hasattr(model.objects, "refresh_search_text"):
                model.objects.all().refresh_search_text()
        type(other_workspace).objects.filter(pk=other_workspace.pk).update(name=f"{MARK} Works")
    User.objects.filter(email="owner@other.example").update(name=f"{MARK} Otto", email="leak@other.example")
    return results


@pytest.fixture
def clients(workspace):
    """{role: a client signed in as a member of that role}."""
    results = {}
    for role, marks in ROLES.items():
        user = User.objects.create_user(f"{role.replace(' ', '.')}@acme.example", name=role.title())
        Membership.objects.create(user=user, **marks)
        User.objects.filter(pk=user.pk).update(last_workspace=workspace)
        results[role] = Quick()
        results[role].force_login(user)
    return results


def requests(client, routes, mine, theirs):
    """(seconds, place, method, address, data) of all to try with ids from over there, by what `client` sees.

    The seconds are those that the page took.
    """
    ids = sorted({row.pk for row in theirs.values()})
    for route in routes:
        own_value = route.address(mine)
        began = time.perf_counter()
        with transaction.atomic(), activate(None):
            page = client.get(own_value)
            transaction.set_rollback(True)
        took = time.perf_counter() - began
        if (foreign := route.address(theirs)) != own_value:
            yield from ((took, "path", method, foreign, {}) for method in METHODS)
        is_page = page.status_code == 200 and not page.streaming
        fields = {*NAMES.findall(page.content.decode())} if is_page else set()
        typed_text = Form(page).values if is_page else {}
        for name in sorted(fields | ELSEWHERE):
            if name not in ("submission", "version", "csrfmiddlewaretoken"):
                for pk in ids:
                    yield took, "query", "get", own_value.partition("?")[0], {name: pk}
                    yield took, "body", "post", own_value, {**typed_text, name: pk}
        yield took, "bulk", "get", own_value.partition("?")[0], {"ids": ids}
        yield (
            took,
            "bulk",
            "post",
            own_value.partition("?")[0],
            {**typed_text, "ids": ids, "confirmed": "yes"},
        )


def state(place):
    """All that is in the place's tables, as the database has it."""
    results = []
    with session_settings({"socius.workspace_id": str(place.pk)}), connection.cursor() as cursor:
        for model in MODELS:
            table = model._meta.db_table
            cursor.execute(f'SELECT * FROM "{table}" WHERE workspace_id = %s ORDER BY id', [place.pk])  # noqa: S608
            results.append(cursor.fetchall())
    return results


READING = re.compile(r"SELECT |(RELEASE |ROLLBACK TO )?SAVEPOINT ")


@contextmanager
def heard():
    """A list that gets every statement of the block that might change something."""
    written = []

    def hear(execute, sql, *rest):
        if not READING.match(sql):
            written.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(hear):
        yield written


def drawn(everything, most):
    """So many of them by chance: a quarter all alike, the others the quicker their pages are the oftener."""
    if most >= len(everything):
        return everything
    chance = random.Random(1)
    alike = chance.sample(everything, most // 4)
    weights = [took**-2 for _, took, *_ in everything]
    return alike + chance.choices(everything, weights, k=most - len(alike))


def try_requests(clients, routes, mine, theirs, place, most, kinds=("path", "query", "body", "bulk")):
    """Counts of what came of at most so many requests, drawn by chance from all; and what was wrong."""
    asking = [*requests(clients["admin and sales staff"], routes, mine, theirs)]
    asking = [request for request in asking if request[1] in kinds]
    everything = [(role, *request) for role in clients for request in asking]
    chosen = drawn(everything, most)
    state_before, counts, wrong = state(place), Counter(requests=len(chosen), possible=len(everything)), []
    gc.collect()
    gc.freeze()  # or all that might be tried is looked through again and again
    for role, _, where, method, address, data in chosen:
        with transaction.atomic():
            with activate(None), heard() as written:
                answer = getattr(clients[role], method)(address, data)
                messages_said = b"".join(answer.streaming_content) if answer.streaming else answer.content
            is_leak, is_broken = MARK.encode() in messages_said, answer.status_code >= 500
            is_changed = bool(written) and state(place) != state_before
            transaction.set_rollback(True)
        counts.update(leaks=is_leak, broken=is_broken, changed=is_changed)
        counts[answer.status_code] += 1
        if is_leak or is_broken or is_changed:
            wrong.append((role, where, method, address, data, answer.status_code))
    counts["urls"] = len({address for *_, address, _ in chosen})
    return counts, wrong


def without_the_application(monkeypatch):
    """Its wall taken away: every manager answers over all workspaces."""
    monkeypatch.setattr(WorkspaceManager, "get_queryset", models.Manager.get_queryset)


def without_the_database():
    """Its policies lifted, until the test's end."""
    if connection.vendor == "postgresql":
        ask("SET CONSTRAINTS ALL IMMEDIATE")
        for table in plan.isolated_tables():
            ask(f'ALTER TABLE "{table.name}" NO FORCE ROW LEVEL SECURITY')
        ask("SET CONSTRAINTS ALL DEFERRED")


WALLS = ["application alone", "database alone", "both"]


@pytest.mark.parametrize("standing", WALLS)
def test_nothing_of_another_workspace_is_shown_or_changed(
    workspace, other_workspace, theirs, clients, monkeypatch, reach, standing, capsys
):
    if connection.vendor == "sqlite" and standing != "both":
        pytest.skip("SQLite has one wall for what is read")
    mine = rows()
    if standing == "application alone":
        without_the_database()
    if standing == "database alone":
        without_the_application(monkeypatch)
    # Every parameter gets every foreign id in test_foreign_ids.py; these are 20,000 drawn by chance besides.
    share = 8_000 if connection.vendor == "sqlite" else 6_000
    maximum = reach(150, 500 if standing == "database alone" else share)
    # Each page is opened before: in the sample each wall is tried at another third of them.
    sample = INSIDE[WALLS.index(standing) :: reach(len(WALLS), 1)]
    counts, wrong = try_requests(clients, sample, mine, theirs, other_workspace, maximum)
    with capsys.disabled():
        print(f"\nthe matrix, {connection.vendor}, {standing}: {dict(counts)}")
    assert wrong == []
    assert counts["requests"] == maximum


def test_canary_without_either_wall_rows_are_shown_and_changed(
    workspace, other_workspace, theirs, clients, monkeypatch
):
    mine, role = rows(), "admin and sales staff"
    without_the_database()
    without_the_application(monkeypatch)
    # All requests by path, deletions among them: a sample is weighted by timings and may change nothing.
    counts, _ = try_requests(
        {role: clients[role]}, INSIDE[::2], mine, theirs, other_workspace, 10_000, kinds=("path",)
    )
    assert counts["leaks"] and counts["changed"]


# Row 2


def strays(routes):
    """The pages that say nothing of who may open them, and are not among those for every member."""
    return {route.name for route in routes if not route.permission} - set(FOR_EVERY_MEMBER)


def test_no_page_is_without_its_permission():
    assert strays(INSIDE) == set()


def test_canary_a_bare_path_is_found():
    bare = path("bare/", lambda request: None, name="bare")
    assert strays([*INSIDE, Route(bare.name, (), bare.callback)]) == {"bare"}
