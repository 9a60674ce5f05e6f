"""Thousands of opportunities go through Socius, and the totals counted from their rows come out.

The rows are generated (pipeline.py). Where it is there, a data set that thousands have analyzed goes the same
way, and its published totals come out: Maven Analytics' "CRM Sales Opportunities", 8,800 of 85 companies.
"""

import csv
import datetime
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.signals import request_finished
from django.db import connection
from django.test import Client
from django.urls import reverse, set_script_prefix, set_urlconf

from crm.demo.workspaces import erase_demo
from crm.models import Company, Opportunity, Person, Stage, Status
from crm.viewsets import COMPANIES, ENTITIES, OPPORTUNITIES, SETTINGS
from workspaces.creation import create_workspace
from workspaces.models import Membership, User, Workspace
from workspaces.tenancy.scope import activate

from . import pipeline
from .test_dashboard import CHARTS, figures, queries_of

DATA = Path(settings.BASE_DIR).parent / "shared" / "data" / "maven_crm"
pytestmark = pytest.mark.django_db
OWNER = "owner@maven.example"
KINDS = {"Prospecting": "open", "Engaging": "open", "Won": "won", "Lost": "lost"}
RELATIONS = ["company", "contact", "stage", "status", "assignee", "source", "loss_reason", "workspace"]


def owners_workspace():
    return Membership.of(User.objects.get(email=OWNER))[0].workspace


@dataclass
class DataSet:
    """A pipeline: rows by file, totals, a company with many opportunities, the year of all sales."""

    files: dict
    totals: dict
    account: str
    year: int


def generate_data_set():
    files = pipeline.generate()
    return DataSet(files, pipeline.count_totals(files["sales_pipeline"]), pipeline.LARGEST, pipeline.YEAR)


def read_data_set():
    files = {name: read(f"{name}.csv") for name in ("sales_teams", "accounts", "sales_pipeline")}
    totals = json.loads((DATA / "known_totals.json").read_text())["maven_crm"]
    return DataSet(files, totals, "Kan-code", 2017)


def read(name):
    with open(DATA / name, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


DATA_SETS = [generate_data_set, read_data_set] if DATA.is_dir() else [generate_data_set]


@pytest.fixture(scope="module", params=DATA_SETS, ids=lambda data_set: data_set.__name__)
def data(request):
    return request.param()


@pytest.fixture(scope="module")
def known(data):
    return data.totals


@pytest.fixture(scope="module")
def maven(data, django_db_setup, django_db_blocker):
    """Somebody signed in to a workspace with all of it, loaded once for all tests here."""
    with django_db_blocker.unblock():
        owner = User.objects.create_user(OWNER, name="Owner")
        workspace = create_workspace(owner, "Maven", slug="maven")
        try:
            with activate(workspace):
                load(data)
            client = Client()
            client.force_login(owner)
            yield client
        finally:
            erase_demo(workspace)
            Session.objects.all().delete()  # tests of other modules count them
            with activate(Workspace(pk=0)):  # where nobody is a member, which would protect them
                User.objects.filter(email__endswith="@maven.example").delete()


@pytest.fixture(autouse=True)
def inside(outside):
    """Addresses lead into the workspace."""

    def inside(**signal):
        set_urlconf(settings.WORKSPACE_URLCONF)

    set_script_prefix("/w/maven/")
    inside()
    request_finished.connect(inside)  # Django forgets the URLconf after each request
    yield
    request_finished.disconnect(inside)


def load(data):
    """Through the models: checked field by field, names, values and dates as they are in the file."""
    statuses = {kind: Status.objects.get(kind=kind) for kind in Status.Kind}
    stages = {name: Stage.objects.create(name=name) for name in ("Prospecting", "Engaging")}
    agents, companies = {}, {}
    for row in data.files["sales_teams"]:
        email = f"{row['sales_agent'].replace(' ', '.').lower()}@maven.example"
        user = User.objects.create_user(email, name=row["sales_agent"])
        agents[user.name] = Membership.objects.create(user=user)
    for row in data.files["accounts"]:
        companies[row["account"]] = Company.objects.create(name=row["account"])
    opportunities = [
        opportunity(row, companies, stages, statuses, agents, data.year)
        for row in data.files["sales_pipeline"]
    ]
    for row in opportunities:
        row.clean_fields(exclude=RELATIONS)
    Opportunity.objects.bulk_create(opportunities, batch_size=1000)
    Opportunity.objects.all().refresh_search_text()
    Person.objects.create(name="Somebody", company=companies[data.account])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database does by itself, sooner or later


def opportunity(row, companies, stages, statuses, agents, year):
    entered = datetime.datetime.fromisoformat(f"{row['engage_date'] or f'{year}-12-31'}T09:00:00+00:00")
    kind = KINDS[row["deal_stage"]]
    return Opportunity(
        name=f"{row['product']} {row['opportunity_id']}",
        company=companies[row["account"]] if row["account"] else None,
        stage=stages.get(row["deal_stage"]),
        status=statuses[kind],
        is_open=kind == "open",
        value=int(row["close_value"]) if row["close_value"] else None,
        close_date=row["close_date"] or None,
        assignee=agents[row["sales_agent"]],
        created_at=entered,
        updated_at=entered,
        moved_at=entered,
    )


def contains(whole, part):
    """Return whether all figures of `part`, a mapping of mappings, are in `whole`, fractions rounded."""
    if not isinstance(part, dict):
        return whole == (pytest.approx(part, rel=1e-5) if isinstance(part, float) else part)
    return all(key in whole and contains(whole[key], value) for key, value in part.items())


def read_totals(client, viewset=OPPORTUNITIES, **parameters):
    """(how many rows, Total value) that the list says for these parameters."""
    context = client.get(viewset.url("list"), parameters).context
    assert not context["filterset"].form.errors
    return context["page"].exact_count, dict(context["page"].totals).get("Total value")


def figure(client, what, rows, **parameters):
    """(what it comes to, of how many rows): the dashboard's figure that leads to these rows."""
    page = client.get(reverse("crm:dashboard"), parameters)
    return figures(page)[what, f"{OPPORTUNITIES.url('list')}?{rows}"]


if DATA.is_dir():

    def test_the_totals_of_the_published_rows_are_counted_as_they_are_published():
        """The count that the generated rows are held to is right of rows whose totals others have counted."""
        data = read_data_set()
        assert data.totals["won_value"] == 10_005_534
        assert data.totals["stage"]["Won"]["count"] == 4_238
        counted = pipeline.count_totals(data.files["sales_pipeline"])
        assert contains(data.totals, counted)


def test_total_sales_are_those_of_the_rows(maven, known):
    won = known["stage"]["Won"]["count"]
    assert won > 1_000
    assert figure(maven, "value", "kind=won") == (known["won_value"], won)
    assert read_totals(maven, kind="won") == (won, known["won_value"])


def test_open_ones_are_all_there_and_none_of_them_has_a_value(maven, known):
    number = known["stage"]["Prospecting"]["count"] + known["stage"]["Engaging"]["count"]
    assert figure(maven, "value", "kind=open") == (0, number)
    assert figure(maven, "number", "kind=open&value=none") == (number, number)
    assert read_totals(maven, kind="open", value="none") == (number, 0)


def test_the_win_rate_and_the_sales_cycle_are_those_of_the_rows(maven, known):
    assert figure(maven, "rate", "kind=won&kind=lost")[0] == round(100 * known["win_rate_won_over_closed"])
    days = round(known["cycle_days_won"]["mean"])
    assert figure(maven, "days", "kind=won") == (days, known["stage"]["Won"]["count"])


@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_each_quarter_has_its_won_value(maven, data, quarter):
    month = 3 * quarter - 2
    first = datetime.date(data.year, month, 1)
    last = datetime.date(data.year + month // 10, (month + 2) % 12 + 1, 1) - datetime.timedelta(1)
    totals = data.totals["by_close_quarter"][f"{data.year}-Q{quarter}"]
    rows = f"kind=won&close_date_after={first}&close_date_before={last}"
    period = {"period": "custom", "from": first, "to": last}
    assert figure(maven, "value", rows, **period) == (totals["won_value"], totals["won"])
    rows = f"close_date_after={first}&close_date_before={last}&kind=lost"
    assert figure(maven, "number", rows, **period) == (totals["lost"], totals["lost"])


def test_each_month_with_a_sale_has_its_won_value_though_the_last_was_years_ago(maven, known):
    page = figures(maven.get(reverse("crm:dashboard")))
    results = {
        address.partition("close_date_after=")[2][:7]: exact
        for (subject, address), (exact, _) in page.items()
        if subject == "value" and "kind=won&close_date_after" in address and exact < known["won_value"]
    }
    totals = {month: totals["won_value"] for month, totals in known["by_close_month"].items()}
    assert {month: exact for month, exact in results.items() if exact} == totals


def test_the_word_won_finds_those_that_are_won(maven, known):
    won = known["stage"]["Won"]["count"]
    page = maven.get(OPPORTUNITIES.url("list"), {"q": "won"})
    assert page.context["page"].exact_count == won
    ((offer, number),) = page.context["suggestions"]
    assert (offer.text, number) == ("Status: Won", won)
    assert (
        maven.get(f"{OPPORTUNITIES.url('list')}?{offer.parameters.urlencode()}").context["page"].exact_count
        == won
    )


def test_a_companys_name_finds_its_opportunities(maven, data):
    totals = data.totals["by_account"][data.account]
    assert read_totals(maven, q=data.account.lower()) == (totals["opps"], totals["won_value"])
    assert read_totals(maven, q=f"{data.account.upper()} won") == (totals["won"], totals["won_value"])
    assert read_totals(maven, COMPANIES, q=data.account.lower())[0] == 1


def test_none_without_a_company_is_lost(maven, known):
    number = known["by_account"]["(no account)"]["opps"]
    assert read_totals(maven, company="none") == (number, 0)
    assert read_totals(maven)[0] == known["rows"]["sales_pipeline"]
    pages, rest = divmod(number, 100)
    assert rest
    last = maven.get(OPPORTUNITIES.url("list"), {"company": "none", "per_page": 100, "page": pages + 1})
    assert len(last.context["page"].records) == rest


def test_each_agent_has_their_won_value(maven, known):
    with activate(owners_workspace()):
        names = {member.pk: member.user.name for member in Membership.objects.all()}
    page = figures(maven.get(reverse("crm:dashboard")))
    results = {
        names[int(address.partition("assignee=")[2].partition("&")[0])]: exact
        for (subject, address), (exact, _) in page.items()
        if subject == "value" and "assignee=" in address
    }
    assert results == {
        name: totals["won_value"] for name, totals in known["by_agent"].items() if totals["opps"]
    }


LISTS = [
    (viewset, parameters, 14 if "q" in parameters else 12)
    for viewset in ENTITIES
    for parameters in (
        {},
        {"q": "COMPANY won"},
        {"q": "e"},
        {"sort": "-name", "page": 3},
        {"q": "nothing at all"},
    )
]


@pytest.mark.parametrize(("viewset", "parameters", "most"), LISTS)
def test_lists_keep_to_their_queries(maven, data, viewset, parameters, most):
    if "q" in parameters:
        parameters = {"q": parameters["q"].replace("COMPANY", data.account.lower())}
    assert queries_of(maven, viewset.url("list"), parameters) <= most


@pytest.mark.parametrize("viewset", [*ENTITIES, *SETTINGS], ids=lambda viewset: viewset.route)
def test_pages_of_one_row_keep_to_their_queries(maven, viewset):
    with activate(owners_workspace()):
        row = viewset.model.objects.order_by("pk").first()
    existing = {route.name for route in viewset.urls()}
    for action in ("detail", "row", "update"):
        if row and viewset.name(action) in existing:
            assert queries_of(maven, viewset.url(action, row.pk)) <= 12, action
    assert queries_of(maven, viewset.url("list")) <= 12


@pytest.mark.usefixtures("fastpath")
@pytest.mark.parametrize("name", ["dashboard", *(f"chart-{name}" for name in CHARTS)])
def test_the_dashboard_and_its_charts_keep_to_their_queries(maven, name):
    maven.get(OPPORTUNITIES.url("list"))  # the settings are at hand
    assert queries_of(maven, reverse(f"crm:{name}"), {"stages": "all"}) <= 14
