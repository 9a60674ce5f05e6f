"""Every fast path returns what the plain code returns: see crud/fastpath/README.md."""

import itertools
import re
from collections import defaultdict

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from crm.db.exact_sum import CountedWinPercent, ExactSum
from crm.models import Opportunity, Status
from crm.models.picklist_value import read_picklists
from crm.tests import factories
from crm.viewsets import COMPANIES, ENTITIES, OPPORTUNITIES
from crud.db.expressions import IdIn
from crud.fastpath.compiled_queries import CompiledQuery
from crud.urls import reverse_cached
from tests.contract.test_query_counts import fill, pages

ONE_TIME_VALUES = re.compile(r'name="(csrfmiddlewaretoken|submission)" value="[^"]*"|"X-CSRFToken": ?"[^"]*"')


def run_both_ways(function):
    """Return (result with the fast paths, result without)."""
    results = []
    for is_enabled in (True, False):
        with override_settings(FASTPATH=is_enabled):
            results.append(function())
    return results


def get_content(client, url):
    response = client.get(url)
    assert response.status_code == 200, url
    html = ONE_TIME_VALUES.sub("", b"".join(response).decode())
    # White space between options and the order of attributes are insignificant.
    return re.sub(r" selected(| [^>]+)>", r"\1 selected>", re.sub(r"\n\s*", "\n", html))


def test_every_switch_is_in_the_readme():
    """Each file that reads the setting has a row in the table, with existing tests."""
    readme = (settings.BASE_DIR / "crud/fastpath/README.md").read_text()
    rows = [line for line in readme.splitlines() if line.startswith("| `") and line.count(" | ") == 3]
    listed_files = {re.match(r"\| `([\w/.]+)`", row)[1] for row in rows}
    packages = ("crud", "workspaces", "crm", "recurring")
    files = [file for package in packages for file in (settings.BASE_DIR / package).rglob("*.py")]
    switched_files = {
        str(file.relative_to(settings.BASE_DIR))
        for file in files
        if "tests" not in file.parts and "settings.FASTPATH" in file.read_text()
    }
    assert switched_files == listed_files
    tests = {test for row in rows for test in re.findall(r"`([\w/]+/test_\w+\.py)`", row)}
    assert not [test for test in tests if not (settings.BASE_DIR / test).exists()]


@pytest.fixture
def filled_workspace(workspace):
    fill(60, defaultdict(lambda: itertools.count(1)))


def test_every_page_is_the_same(sign_in, workspace, filled_workspace, subtests):
    client = sign_in(workspace, "admin and sales staff")
    urls = [url for name, url in pages().items() if not url.endswith("xlsx")]  # the file contains a timestamp
    urls += [f"{OPPORTUNITIES.url('list')}?{query}" for query in ("sort=-value&page=2", "q=a+-b", "kind=won")]
    urls += [f"{COMPANIES.url('list')}?tags=none", *(viewset.url("create") for viewset in ENTITIES)]
    for url in urls:
        with subtests.test(url):
            fast_page, plain_page = run_both_ways(lambda url=url: get_content(client, url))
            assert fast_page == plain_page


def test_compiled_queries_return_the_rows_of_their_querysets(
    sign_in, workspace, filled_workspace, monkeypatch
):
    run_compiled, compared_queries = CompiledQuery.run_compiled, set()

    def compare(query, values):
        fast_rows = run_compiled(query, values)
        with override_settings(FASTPATH=False):
            plain_rows = query.rows(**values)
        assert [get_state(row) for row in fast_rows] == [get_state(row) for row in plain_rows]
        compared_queries.update([query] if fast_rows else [])
        return fast_rows

    monkeypatch.setattr(CompiledQuery, "run_compiled", compare)
    client = sign_in(workspace, "admin and sales staff")
    with override_settings(FASTPATH=True):
        for url in pages().values():
            assert b"".join(client.get(url)), url
    assert len(compared_queries) > 12


def get_state(row):
    """Return the full state of a row: columns, annotations and related rows."""
    related_rows = {name: get_state(related) for name, related in row._state.fields_cache.items() if related}
    return type(row), related_rows, {name: value for name, value in vars(row).items() if name != "_state"}


def test_picklists_read_by_one_query_are_the_same(workspace):
    for model, values in read_picklists().items():
        plain_values = model.objects.all()
        assert [get_state(value) for value in values.values()] == [get_state(value) for value in plain_values]
        assert values


def test_urls_are_the_same(workspace, other_workspace):
    for viewset, action in itertools.product(ENTITIES, ["list", "create", "detail", "update", "row"]):
        pk = 7 if action in ("detail", "update", "row") else None
        name = f"crm:{viewset.name(action)}"
        url = reverse(name, args=[pk] if pk else [])
        assert run_both_ways(lambda name=name, pk=pk: reverse_cached(name, pk)) == [url, url]


def test_lists_of_ids_select_the_same_rows(rows_of_each_kind, subtests):
    for size in (0, 1, 2, 5, 2000):
        ids = [*rows_of_each_kind[:size], *range(2**63 - 1, 2**63 - 1 - size, -1)]
        with subtests.test(size):
            fast_ids, plain_ids = run_both_ways(
                lambda ids=ids: sorted(Opportunity.objects.filter(IdIn(ids)).values_list("pk", flat=True))
            )
            assert fast_ids == plain_ids == sorted(rows_of_each_kind[:size])


def test_win_percents_count_the_same(rows_of_each_kind):
    def read_totals():
        opportunities = Opportunity.objects.annotate(counted=CountedWinPercent()).order_by("pk")
        weighted = ExactSum("value", CountedWinPercent())
        return list(opportunities.values_list("counted", flat=True)), opportunities.aggregate(
            weighted=weighted
        )

    fast_totals, plain_totals = run_both_ways(read_totals)
    assert fast_totals == plain_totals
    assert {0, 10, 100} <= {*fast_totals[0]}


@pytest.fixture
def rows_of_each_kind(workspace):
    """Return the ids of opportunities of each kind of status."""
    return [
        factories.opportunity(kind=kind, value=value, win_percent=10).pk
        for kind, value in itertools.product(Status.Kind.values, (None, 0, 2**40))
    ]
