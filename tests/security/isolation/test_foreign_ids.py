"""Row 1 without chance: the right foreign id in each parameter of each page, by a role that may."""

import ast
import importlib
import itertools

import pytest
from django import forms
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse

from crm import report_cache
from crm.models import Company
from crud.filters.filterset import FilterSet
from crud.views.list import ListView
from tests.contract.test_url_permissions import rows
from tests.security.isolation.test_tenant_matrix import MODELS, state, without_the_database
from tests.security.support import foreign_ids
from tests.security.support.foreign_ids import FOREIGN_ID, FOREIGN_KEY, MARK, Explorer
from tests.security.support.page_forms import LEAVING, Quick
from tests.security.support.unscoped_lookups import PLANTS
from tests.support.routes import INSIDE, OUTSIDE
from workspaces.creation import create_workspace
from workspaces.models import Membership, User
from workspaces.tenancy.scope import activate

pytestmark = [pytest.mark.security, pytest.mark.django_db, pytest.mark.usefixtures("quiet", "unlimited")]


# Pages that keep something in a cache of the process.
CACHING = ("crm:dashboard", "crm:opportunity-filters", "recurring:graphs", "recurring:revenueprofile-list")


@pytest.fixture
def mine(workspace):
    records = rows()
    Company.objects.update(assignee=records["member"])  # so that there is something to hand over
    return records


@pytest.fixture
def client(workspace, mine):
    user = User.objects.create_user("ada@acme.example", name="Ada")
    Membership.objects.create(user=user, is_admin=True, is_sales_staff=True)
    User.objects.filter(pk=user.pk).update(last_workspace=workspace)
    browser = Quick()
    browser.force_login(user)
    return browser


@pytest.fixture
def foreign(workspace, client, monkeypatch, settings):
    """Another workspace: its records have the id and the name of `directed`, its caches equal versions."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.security.support.foreign_ids.listen_to_all"]
    monkeypatch.setattr(report_cache, "new_cache_version", lambda: "the same")
    with foreign_ids.first_ids(FOREIGN_ID):
        owner = User.objects.create_user("leak@other.example", name=f"{MARK} Otto")
        other_item = create_workspace(owner, f"{MARK} Works", slug="other")
        with activate(other_item):
            rows()
            for model in MODELS:
                give_marks(model)
        workspace.refresh_from_db()
        type(other_item).objects.filter(pk=other_item.pk).update(settings_version=workspace.settings_version)
        other_item.refresh_from_db()
        warm_caches(owner, other_item, workspace)
        yield other_item


def give_marks(model):
    """Name the records, and give the first the key that its form would have had."""
    names = {field.name for field in model._meta.concrete_fields}
    base = model._base_manager.order_by("pk")
    for number, row in enumerate(base.all()):
        values = {"name": f"{MARK} {number}".removesuffix(" 0")} if "name" in names else {}
        values |= {"name_key": values["name"].lower()} if "name_key" in names else {}
        values |= {"submission": FOREIGN_KEY} if "submission" in names and number == 0 else {}
        if values:
            QuerySet(model).filter(pk=row.pk).update(**values)
    if hasattr(model.objects, "refresh_search_text"):
        model.objects.all().refresh_search_text()


def warm_caches(owner, other, workspace):
    """Open the pages that cache something, as the other workspace's owner, before ours are opened."""
    browser = Quick()
    browser.force_login(owner)
    for _twice in range(2):
        for route in INSIDE:
            if route.name in CACHING:
                browser.get(reverse(route.name).replace("/w/acme/", "/w/other/"))


def explore(client, mine, names=()):
    """(Explorer, [Probe]) of all pages, or of those whose route's name starts with one of `names`."""
    explorer, probes = Explorer(client, mine), []
    pages = [(route, route.address(mine)) for route in INSIDE]
    pages += [(route, route.outer_address(mine)) for route in OUTSIDE if route.name not in LEAVING]
    for route, address in pages:
        if not names or route.name.startswith(names):
            probes += explorer.probes(route, address)
    return explorer, probes


def try_all(client, mine, other, names=()):
    explorer, probes = explore(client, mine, names)
    return explorer, foreign_ids.run(client, probes, lambda: state(other))


@pytest.mark.parametrize("standing", ["application alone", "both"])
def test_no_parameter_of_any_page_reaches_a_foreign_record(client, mine, foreign, standing, reach, capsys):
    if standing == "application alone":
        without_the_database()
    elif connection.vendor == "sqlite":
        pytest.skip("SQLite has one wall for what is read")
    explorer, probes = explore(client, mine)
    # The application alone is proved in full; with the database behind it a sample will do.
    sample = probes if standing == "application alone" else probes[:: reach(4, 1)]
    outcome = foreign_ids.run(client, sample, lambda: state(foreign))
    with capsys.disabled():
        print(f"\nforeign ids, {connection.vendor}, {standing}: {outcome.requests}, {outcome.statuses}")
    assert outcome.failures == []
    assert unsent(explorer) == {*NOT_SENT}
    assert {*ListView.parts} <= {*foreign_ids.HTMX_TARGETS}


@pytest.mark.parametrize("defect", PLANTS)
def test_canary_a_lookup_without_its_scope_is_seen(request, client, mine, monkeypatch, defect):
    plant, names, place = PLANTS[defect]
    plant(monkeypatch)
    other_item = request.getfixturevalue("foreign")
    without_the_database()
    _, outcome = try_all(client, mine, other_item, names)
    assert place in {probe.place for _, _, probe in outcome.failures}


# Parameters that no page of a member with a password reads: why no foreign record can be named by them.
NOT_SENT = {
    "username": "the sign-in, for strangers",
    "password": "the sign-in, for strangers",
    "remember": "the sign-in, for strangers",
    "oldpassword": "of an account that has a password, which the test's has not",
    "token": "the first run, which is over",
    "from_": "is sent as `from`",
    "code": "of an account with an authenticator app, which the test's has not",
    "credential": "of a passkey, which only a browser makes",
    "passwordless": "of a passkey, which only a browser makes",
}


def declared_names():
    """{name} of the fields of all forms and of the filters of all filtersets there are."""
    names = set()
    for base, attribute in ((forms.BaseForm, "base_fields"), (FilterSet, "base_filters")):
        for item in subclasses(base):
            if item.__module__.split(".")[0] in foreign_ids.PACKAGES and ".tests." not in item.__module__:
                names |= {*getattr(item, attribute, ())}
    return names


def subclasses(cls):
    return itertools.chain.from_iterable((item, *subclasses(item)) for item in cls.__subclasses__())


def unsent(explorer):
    """{name} of the parameters that the code names and the matrix does not send."""
    importlib.import_module(
        "workspaces.accounts.mfa.forms"
    )  # Django imports these forms when they are used first
    return ({*foreign_ids.names_in_code()} | declared_names()) - explorer.sent - foreign_ids.NEVER_FOREIGN


def test_canary_a_parameter_that_only_one_view_reads_is_seen():
    code = "def page(request):\n    return request.GET.get('hidden') or ids_in(request.POST, 'bare')"
    names = [name for node in ast.walk(ast.parse(code)) for name in foreign_ids.names_read_by(node)]
    assert names == ["hidden", "bare"]
