"""Number of our functions between a view and its SQL; each ceiling only goes down."""

import sys

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from crm.tests import factories
from crm.viewsets import OPPORTUNITIES

PACKAGES = tuple(f"{settings.BASE_DIR / package}/" for package in ("crud", "workspaces", "crm", "recurring"))
# Infrastructure between every page's view and its statements, which a reader learns once.
PASSED_BY = ("/tenancy/", "/fastpath/", "/templatetags/", "/permissions.py")
MAX_DEPTH = 4
# page: (URL, maximum number of functions from its view to SQL that reads opportunities)
PAGES = {
    "list": (lambda row: OPPORTUNITIES.url("list"), MAX_DEPTH),
    "filtered list": (lambda row: f"{OPPORTUNITIES.url('list')}?value_min=1", MAX_DEPTH),
    "search": (lambda row: f"{OPPORTUNITIES.url('list')}?q=roof", MAX_DEPTH),
    "detail": (lambda row: OPPORTUNITIES.url("detail", row.pk), MAX_DEPTH),
    "global search": (lambda row: f"{reverse('crm:search')}?q=roof", MAX_DEPTH),
    # The report is cached as a whole and in two parts: each cache adds itself and the function it calls.
    "dashboard": (lambda row: reverse("crm:dashboard"), 9),
}


def own_functions():
    """Return our functions on the stack, from the view to the statement."""
    functions, frame = [], sys._getframe(2)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(PACKAGES) and not any(part in path for part in PASSED_BY):
            functions.insert(0, f"{path.removeprefix(f'{settings.BASE_DIR}/')}:{frame.f_code.co_name}")
        frame = frame.f_back
    is_view = ["/views/" in function or "/views.py:" in function for function in functions]
    return functions[is_view.index(True) :] if any(is_view) else []  # skip the middleware


def deepest_path(client, url):
    """Return the longest path of our functions to SQL that reads opportunities."""
    paths = []

    def record_path(execute, sql, *arguments):
        if "crm_opportunity" in sql and "SELECT" in sql:
            paths.append(own_functions())
        return execute(sql, *arguments)

    with connection.execute_wrapper(record_path):
        assert client.get(url).status_code == 200
    return max(paths, key=len)


@pytest.mark.parametrize("page", PAGES)
def test_a_view_is_near_to_its_sql(sign_in, workspace, page):
    client, row = sign_in(workspace), factories.opportunity(name="Roof", value=2)
    get_url, max_depth = PAGES[page]
    path = deepest_path(client, get_url(row))
    assert 1 <= len(path) <= max_depth, path
