"""The number of queries of a page does not depend on the number of rows."""

import itertools
from collections import defaultdict

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse, set_script_prefix

from bench.workspaces import BenchWorkspace, Revenue
from crm.models import Company, Opportunity, Person, Tag
from crm.tests import factories
from crm.tests.submitted_forms import get_statements
from crm.viewsets import COMPANIES, OPPORTUNITIES, PEOPLE
from recurring.viewsets import PROFILES
from workspaces.tenancy.scope import activate

MOST = {"list": 12, "search": 14, "row": 12, "detail": 12, "update": 15, "dashboard": 14, "graphs": 12}
MOST |= {"everything": 15}  # the search of all models
MOST |= {"file": 15}  # for one batch of rows


def fill(number, ids):
    """Create some opportunities in the active workspace, with their related records."""
    results = defaultdict(list)
    for row in BenchWorkspace(ids, "queries", number).rows():
        results[type(row)].append(row)
    for row in Revenue(BenchWorkspace(ids, "revenue", 0), results[Company]).rows():
        results[type(row)].append(row)
    for model in [Tag, Company, Person, Opportunity, *results]:
        model.objects.bulk_create(results.pop(model, ()))


def pages():
    """Return {name: url} of every page that shows records."""
    results = {}
    for viewset in (PEOPLE, COMPANIES, OPPORTUNITIES, PROFILES):
        row = viewset.model.objects.order_by("pk").first()
        results[f"list {viewset.route}"] = viewset.url("list")
        results[f"search {viewset.route}"] = f"{viewset.url('list')}?q=a"
        results[f"list {viewset.route} by its filters"] = viewset.url("filters")
        results |= {
            f"file {viewset.route} {owner}": f"{viewset.url('list')}?export={owner}"
            for owner in ("csv", "all", "xlsx")
        }
        results |= {
            f"{subject} {viewset.route}": viewset.url(subject, row.pk)
            for subject in ("row", "detail", "update")
        }
    results["everything searched"] = f"{reverse('crm:search')}?q=a"
    results["dashboard"] = reverse("crm:dashboard")
    results["graphs"] = reverse("recurring:graphs")
    return results


def numbers(client):
    """Return {name: query count} of the pages, each at its second request."""
    results = {}
    for subject, address in pages().items():
        assert b"".join(client.get(address)), subject  # consume the stream, which runs its queries
        with CaptureQueriesContext(connection) as context:
            response = client.get(address)
            assert b"".join(response) and response.status_code == 200, subject
        results[subject] = len(get_statements(context))
    return results


@pytest.mark.usefixtures("fastpath")
def test_a_page_asks_as_much_at_a_thousand_rows_as_at_ten(sign_in, workspace, other_workspace):
    ids, results = defaultdict(lambda: itertools.count(1)), {}
    for number, place in [(10, workspace), (1_000, other_workspace)]:
        with activate(place):
            set_script_prefix(f"/w/{place.slug}/")
            fill(number, ids)
            results[number] = numbers(sign_in(place, "admin and sales staff"))
    few_items, many_items = results[10], results[1_000]
    # Ten rows fit on one page, so there is no count query.
    assert not {
        subject: (few_items[subject], many_items[subject])
        for subject in many_items
        if many_items[subject] > few_items[subject] + 1
    }
    assert not {
        subject: many_items[subject]
        for subject in many_items
        if many_items[subject] > MOST[subject.split()[0]]
    }


def test_a_query_for_each_row_is_seen(sign_in, workspace, repeats, monkeypatch):
    for _ in range(12):
        factories.opportunity(company=factories.company())
    monkeypatch.setattr("crud.tables.attach_related", lambda rows, names, by_name: list(rows))
    sign_in(workspace).get(OPPORTUNITIES.url("list"))
    assert any("crm_company" in sql for sql in repeats.found)
    repeats.found.clear()
