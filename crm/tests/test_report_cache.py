"""The dashboard is kept while nobody writes, and never shows what was before somebody did."""

import itertools
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import report_cache
from crm.models import Opportunity, Stage, Status, Trashed
from crm.report_cache import CLOSED, OPEN, PARTS, cached_report
from crm.tests import factories
from workspaces.models import User
from workspaces.tenancy.scope import activate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fastpath")]


def made_once(key="figures"):
    """What is kept now: the mark is there, so that the next one finds it."""
    for _ in range(2):
        results = cached_report(key, lambda: list(Opportunity.objects.values_list("name", flat=True)))
    return results


def test_it_is_made_once_while_nobody_writes(sign_in, workspace):
    factories.opportunity(value=700)
    client = sign_in(workspace)
    for _ in range(3):
        assert "$700" in client.get(reverse("crm:dashboard")).content.decode()
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("crm:dashboard"))
    assert not [query for query in captured.captured_queries if "SUM(" in query["sql"]]


def test_the_charts_show_what_the_dashboard_has_found_out(sign_in, workspace):
    factories.opportunity(value=700)
    client = sign_in(workspace)
    for _ in range(2):  # the first visitor finds no mark
        client.get(reverse("crm:dashboard"), {"period": "this-year"})
    with CaptureQueriesContext(connection) as captured:
        for name in ("by-stage", "won-by-month", "forecast"):
            assert client.get(reverse(f"crm:chart-{name}"), {"period": "this-year"}).status_code == 200
    assert not [query for query in captured.captured_queries if "SUM(" in query["sql"]]


def test_who_comes_while_it_is_made_waits_for_it(workspace):
    made_once("another")  # sets the mark
    begun, number = threading.Barrier(3), itertools.count()

    def make():
        time.sleep(0.2)
        return next(number)

    def ask():
        try:
            with activate(workspace):
                begun.wait(5)
                return cached_report("slow", make)
        finally:
            connection.close()

    with ThreadPoolExecutor() as threads:
        results = [captured.result() for captured in [threads.submit(ask) for _ in range(3)]]
    assert results == [0, 0, 0]


def test_one_that_cannot_be_made_leaves_nobody_waiting(workspace):
    made_once("another")
    with pytest.raises(ZeroDivisionError):
        cached_report("broken", lambda: 1 / 0)
    assert cached_report("broken", lambda: "made") == "made"


WRITES = {
    "a row is added": lambda row: factories.opportunity(name="New"),
    "a row is saved": lambda row: row.save(),
    "rows are changed by one statement": lambda row: Opportunity.objects.update(name="New"),
    "rows are added many at once": lambda row: Opportunity.objects.bulk_create(
        [Opportunity(name="New", status=row.status)]
    ),
    "a row is deleted": lambda row: row.delete(),
    "a person is added": lambda row: factories.person(),
}


def test_a_write_lets_it_be_made_anew(workspace):
    for subject, write in WRITES.items():
        row = factories.opportunity(name="Old")
        made_once()
        assert cached_report("figures", lambda: "made anew") != "made anew"
        write(row)
        assert cached_report("figures", lambda: "made anew") == "made anew", subject
        assert cached_report("figures", lambda: "made twice") == "made anew", subject


def close(row):
    row.status = factories.status("won")
    row.save()


def rename(row):
    row.name = "New"
    row.save()


def merge(row):
    Status.objects.create(name="Another", kind="open", position=8)  # one of this kind is to stay
    Status.objects.create(name="Idle", kind="abandoned", position=9)
    row.status.replace_with(Status.objects.get(name="Idle"), is_merged=True)


OF_ONE = {
    # what is done to an open one and to one that was won: what is made anew of either
    "renamed": (rename, {"open": {OPEN}, "won": {CLOSED}}),
    "closed": (close, {"open": {OPEN, CLOSED}, "won": {CLOSED}}),
    "deleted": (lambda row: row.delete(), {"open": {OPEN, CLOSED}, "won": {OPEN, CLOSED}}),
    "of a company renamed": (lambda row: rename(row.company), {"open": {*PARTS}, "won": {*PARTS}}),
    "its contact renamed": (lambda row: rename(row.contact), {"open": {*PARTS}, "won": {*PARTS}}),
}


@pytest.mark.parametrize("what", OF_ONE)
@pytest.mark.parametrize("kind", ["open", "won"])
def test_a_write_to_one_part_leaves_what_was_made_of_the_others(workspace, what, kind):
    write, told_values = OF_ONE[what]
    factories.opportunity(kind=kind, company=factories.company(), contact=factories.person())
    write_to = Opportunity.objects.get()
    for _ in range(2):
        created = {part: cached_report(part, lambda: "before", (part,)) for part in PARTS}
    assert {*created.values()} == {"before"}
    write(write_to)
    created = {part: cached_report(part, lambda: "after", (part,)) for part in PARTS}
    assert {part for part in PARTS if created[part] == "after"} == told_values[kind]


ASKED = {}, {"stages": "all", "period": "this-year"}


def read_figures(client):
    """The figures of the dashboards, but for how long ago something was."""
    texts = [client.get(reverse("crm:dashboard"), captured).context["figures"] for captured in ASKED]
    return [re.sub(r"<time\s.*?</time>", "", text) for text in texts]


@pytest.mark.parametrize(
    "write",
    {
        **{subject: write for subject, (write, _) in OF_ONE.items()},
        "merged": merge,
        "opened again": lambda row: [close(row), rename(Opportunity.objects.get(pk=row.pk))],
        "restored": lambda row: [row.delete(), factories.person(), Trashed.objects.first().restore()],
        "another one": lambda row: factories.opportunity(kind="lost", close_date=row.close_date),
        "a person": lambda row: factories.person(),
        "a company put away": lambda row: row.company.delete(),
        "a stage renamed": lambda row: rename(row.stage),
        "its status is another kind": lambda row: Status.objects.filter(pk=row.status_id).update(kind="lost"),
    }.items(),
    ids=lambda pair: pair[0],
)
def test_what_is_kept_is_what_would_be_made_anew(sign_in, workspace, write):
    client, today = sign_in(workspace, "admin and sales staff"), workspace.today()
    for place, kind in enumerate(("open", "won", "lost", "open")):
        row = factories.opportunity(
            kind=kind,
            company=factories.company(),
            contact=factories.person(),
            stage=Stage.objects.first(),
            expected_close=today,
            close_date=None if kind == "open" else today,
            value=1000 + place,
        )
    for _ in range(3):
        state_before = read_figures(client)
    write[1](Opportunity.objects.get(pk=row.pk))
    state_after = read_figures(client)
    report_cache._reports.clear()
    assert state_after == read_figures(client)
    assert state_after != state_before


def test_what_was_being_made_while_somebody_wrote_is_never_shown_again(workspace):
    factories.opportunity(name="Old")
    made_once("something else")

    def slow():
        names = list(Opportunity.objects.values_list("name", flat=True))
        Opportunity.objects.update(name="New")  # by somebody else, who is quicker
        return names

    assert cached_report("figures", slow) == ["Old"]
    assert made_once() == ["New"]


def test_what_is_made_in_the_moment_before_a_write_is_not_shown_after_it(workspace):
    factories.opportunity(name="Old")

    def read_before(execute, sql, *rest):
        if sql.startswith("UPDATE"):
            assert made_once() == ["Old"]  # by somebody else
        return execute(sql, *rest)

    with connection.execute_wrapper(read_before):
        Opportunity.objects.update(name="New")
    assert made_once() == ["New"]


def test_each_workspace_has_its_own(workspace, other_workspace):
    factories.opportunity(name="Ours")
    assert made_once() == ["Ours"]
    with activate(other_workspace):
        assert made_once() == []
    assert made_once() == ["Ours"]


def test_who_reads_it_in_another_language_or_zone_has_their_own(sign_in, workspace):
    factories.opportunity(value=1234567)
    client = sign_in(workspace)
    for _ in range(3):
        american = client.get(reverse("crm:dashboard")).content.decode()
    User.objects.filter(pk=client.member.user_id).update(language="en-gb")
    assert client.get(reverse("crm:dashboard")).content.decode() != american
