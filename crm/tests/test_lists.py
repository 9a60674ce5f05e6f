"""The lists as one meets them in a browser: sorted, paged, summed up, ticked."""

import itertools
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Company, ContactType, Opportunity, Person, Source, Stage, Status
from crm.tests import factories
from crm.tests.list_pages import at_most, names, page
from crm.viewsets import COMPANIES, ENTITIES, OPPORTUNITIES, PEOPLE
from crud.pagination import strategies
from workspaces.models import Membership

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "table"}


# Sorting and paging


SORTS = [
    (viewset, name)
    for viewset in ENTITIES
    for name in viewset.columns
    if viewset.get_table().base_columns[name].orderable
]


@pytest.mark.parametrize(("viewset", "name"), SORTS, ids=lambda one: getattr(one, "route", one))
def test_every_column_sorts_both_ways_and_blanks_come_last(sales, viewset, name):
    low, high = factories.company(name="acme"), factories.company(name="Bluefin")
    first, second = Membership.objects.order_by("user__name")[:2]
    statuses, stages = list(Status.objects.all()), list(Stage.objects.all())
    ascending = {
        "name": ["a", "B", "ç"],
        "company": [low, high, None],
        "email": ["A@x.example", "b@x.example", ""],
        "title": ["Buyer", "chief", ""],
        "contact_type": [*ContactType.objects.all()[:2], None],
        "city": ["Graz", "linz", ""],
        "country": ["AT", "ZA", ""],
        "work_phone": ["1234", "5678", ""],
        "assignee": [first, second, None],
        "stage": [*stages[:2], None],
        "value": [0, 1, None],
        "win_percent": [0, 1, 2],
        "status": statuses[:3],
        "close_date": [date(2026, 1, 1), date(2026, 1, 2), None],
        "priority": [1, 3, 4],
    }[name]
    one = {Person: factories.person, Company: factories.company, Opportunity: factories.opportunity}[
        viewset.model
    ]
    a, b, last = [one(**{name: value}).pk for value in ascending]
    is_blank = ascending[2] in ("", None)
    up, down = ([pk for pk in ids(sales, viewset, sort) if pk in (a, b, last)] for sort in (name, f"-{name}"))
    assert up == [a, b, last]
    assert down == ([b, a, last] if is_blank else [last, b, a])


def ids(sales, viewset, sort):
    response = sales.get(viewset.url("list"), {"sort": sort})
    direction = "descending" if sort.startswith("-") else "ascending"
    assert f'aria-sort="{direction}"' in response.content.decode()
    return [line["pk"] for line in response.context["table"].lines()]


def test_countries_sort_by_name(sales):
    for code in ["CH", "DE", "AT"]:  # Switzerland, Germany, Austria
        factories.company(name=code, country=code)
    assert names(sales, COMPANIES, sort="country") == ["AT", "DE", "CH"]


def test_open_opportunities_come_first_then_the_latest_changed(sales):
    factories.opportunity("won", name="Won")
    factories.opportunity(name="Old")
    factories.opportunity(name="New")
    assert names(sales) == ["New", "Old", "Won"]


def test_no_row_is_on_two_pages(sales):
    for _ in range(60):
        factories.opportunity(value=1)
    for sort in ["value", "-value", "priority", ""]:
        seen_values = [name for number in (1, 2, 3) for name in names(sales, sort=sort, page=number)]
        assert len(seen_values) == len(set(seen_values)) == 60, sort


PAGES = [
    ({"page": "2"}, 26, 5),
    ({"page": "99"}, 26, 5),
    ({"page": "999999999"}, 26, 5),
    ({"page": "999999999999999999999999"}, 1, 25),
    ({"page": "-1"}, 1, 25),
    ({"page": "zwei"}, 1, 25),
    ({"per_page": "50"}, 1, 30),
    ({"per_page": "7"}, 1, 25),
    ({"sort": "'"}, 1, 25),
    ({"sort": "-tags"}, 1, 25),
    ({"sort": "workspace__name"}, 1, 25),
]


@pytest.mark.parametrize("narrowed", [{}, {"kind": "open"}, {"value_min": "1"}, {"q": "opp"}], ids=str)
def test_pages_are_lenient(sales, subtests, narrowed):
    for _ in range(30):
        factories.opportunity()
    for parameters, first, rows in PAGES:
        with subtests.test(parameters=parameters):
            shown_text = sales.get(OPPORTUNITIES.url("list"), {**narrowed, **parameters}).context["page"]
            assert (shown_text.first_row, len(shown_text.records), shown_text.count) == (first, rows, 30)


def test_a_narrowed_list_is_what_is_left_of_the_whole_one(sales, subtests):
    """In whichever way it is read: page by page, counted and added up."""
    vip, member = factories.tag(), Membership.objects.first()
    for place in range(60):
        row = factories.opportunity(
            kind=("open", "won")[place % 7 == 0],
            name=f"{'Roof' if place % 2 else 'Door'} {place}",
            value=place,
            assignee=member if place % 5 else None,
        )
        if place % 3:
            row.tags.add(vip)
    all_items = list(Opportunity.objects.all())
    narrowed = {
        "kind=open": lambda row: row.is_open,
        f"tags={vip.pk}": lambda row: vip in row.tags.all(),
        "tags=none&kind=won": lambda row: not row.is_open and vip not in row.tags.all(),
        "assignee=none": lambda row: row.assignee is None,
        "value_min=20&kind=open": lambda row: row.value >= 20 and row.is_open,
        "q=roof": lambda row: "Roof" in row.name,
        f"q=roof&tags={vip.pk}": lambda row: "Roof" in row.name and vip in row.tags.all(),
        "q=won": lambda row: not row.is_open,
        "q=-roof": lambda row: "Roof" not in row.name,
        "q=nothing": lambda row: False,
        f"updated_by={member.pk}": lambda row: row.updated_by == member,
    }
    orders = {
        "": lambda row: 0,  # as they are
        "-value": lambda row: -row.value,
    }
    for (captured, is_in), (sort, key) in itertools.product(narrowed.items(), orders.items()):
        with subtests.test(captured, sort=sort):
            expected_items, seen_values = sorted(filter(is_in, all_items), key=key), []
            for number in range(1, len(expected_items) // 25 + 2):
                address = f"{OPPORTUNITIES.url('list')}?{captured}&sort={sort}&page={number}"
                shown_text = sales.get(address).context["page"]
                assert (shown_text.exact_count, shown_text.base_count) == (len(expected_items), 60)
                assert shown_text.totals[0][1] == sum(row.value for row in expected_items)
                seen_values += [row.pk for row in shown_text.records]
            assert seen_values == [row.pk for row in expected_items]


def test_counting_ends_where_nobody_reads_on(sales, monkeypatch):
    monkeypatch.setattr(strategies, "MAX_COUNTED_ROWS", 50)
    for _ in range(60):
        factories.opportunity(value=10)
    text = page(sales)
    assert "over 50" in text
    assert "Calculate totals" in text
    assert sales.get(OPPORTUNITIES.url("list"), {"page": 3}).context["page"].number == 2
    for narrowed in ({}, {"kind": "open"}, {"value_min": 1}):
        summed = page(sales, totals=1, **narrowed)
        assert "<b>600</b>" in summed
        assert "<b>60</b> opportunities" in summed
    assert "over 50 of over" in page(sales, kind="open")
    assert names(sales, kind="open", page=2) == names(sales, page=2)
    part = sales.get(
        OPPORTUNITIES.url("list"), {"totals": 1}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="totals"
    )
    assert "<b>600</b>" in part.content.decode()
    assert "<table" not in part.content.decode()


def test_what_a_search_finds_is_not_counted_once_more(sales, monkeypatch):
    monkeypatch.setattr(strategies, "MAX_COUNTED_ROWS", 50)
    for place in range(60):
        factories.opportunity(name=f"Roof {place}", value=10)
    factories.opportunity(name="Door")
    with CaptureQueriesContext(connection) as captured:
        text = page(sales, q="roof")
    assert "over 50 of over" in text and "Calculate totals" in text
    # For their ids, and in the list's order: no third time for their number.
    looks = [
        query
        for query in captured.captured_queries
        if "search_text" in query["sql"] and "roof" in query["sql"]
    ]
    assert len(looks) == 2
    summed = page(sales, q="roof", totals=1)
    assert "<b>600</b>" in summed and "<b>60</b> opportunities" in summed


def test_the_foot_sums_the_whole_result_exactly(sales):
    for _ in range(30):
        factories.opportunity(value=2**63 - 1, win_percent=50)
    factories.opportunity("won", value=3)
    text = page(sales)
    assert f"Total value <b>{30 * (2**63 - 1) + 3:,}</b>" in text
    assert f"Weighted value <b>{(30 * (2**63 - 1) * 50 + 300 + 50) // 100:,}</b>" in text
    assert "Total value <b>3</b>" in page(sales, kind="won")


def test_the_count_says_of_how_many(sales):
    factories.opportunity(name="Roof")
    factories.opportunity(name="Door")
    assert sales.get(OPPORTUNITIES.url("list"), {"q": "roof"}).context["page"].base_count == 2
    assert "1 of 2" in page(sales, q="roof")


def test_htmx_gets_the_table_and_what_depends_on_it(sales):
    factories.opportunity(name="Roof")
    response = sales.get(OPPORTUNITIES.url("list"), {"q": "roof", "sort": "name"}, **HTMX)
    text = response.content.decode()
    assert "<html" not in text
    assert 'id="count" hx-swap-oob="innerHTML"' in text
    assert '<input type="hidden" name="sort" value="name">' in text
    assert "HX-Target" in response["Vary"]


def test_only_what_is_kept_may_be_acted_on(sign_in, workspace):
    factories.opportunity(name="Roof")
    reader = sign_in(workspace, "reader")
    text = page(reader)
    for absent in ["Add opportunity", "/edit/", "/delete/", 'name="ids"']:
        assert absent not in text, absent
    Opportunity.objects.all().delete()
    text = page(reader)
    assert "No opportunities yet." in text
    assert "when your sales staff adds them" in text


def test_an_empty_list_says_why(sales):
    assert "No opportunities yet." in page(sales)
    factories.opportunity(name="Roof")
    text = page(sales, q="Opne", stage="none")
    assert "No opportunities match “Opne” within these filters." in text
    assert "Search without filters" in text


# Ticks


@pytest.mark.parametrize(
    ("do", "ticked", "action"),
    [
        ("detail", 1, "detail"),
        ("update", 1, "update"),
        ("delete", 2, "delete-many"),
        ("update", 2, None),
        ("detail", 0, None),
        ("delete", 0, None),
        ("garbage", 1, None),
    ],
)
def test_ticked_rows_lead_on_or_the_list_says_what_is_missing(sales, do, ticked, action):
    rows = [factories.opportunity() for _ in range(ticked)]
    state_before = f"{OPPORTUNITIES.url('list')}?q=opp&page=2"
    response = sales.get(
        OPPORTUNITIES.url("selection"),
        {"do": do, "ids": [row.pk for row in rows]},
        HTTP_REFERER=f"http://testserver{state_before}",
    )
    if action:
        args = [rows[0].pk] if action != "delete-many" else []
        assert response.url.startswith(OPPORTUNITIES.url(action, *args))
    else:
        assert response.url == state_before
        assert "then try again" in sales.get(response.url).content.decode()


# Options


def test_options_for_comboboxes(sales):
    for number in range(30):
        factories.person(name=f"Petra {number:02}", company=factories.company(name="Acme"))
    sales.get(PEOPLE.url("options"))  # the first request of a process looks for snapshots of yesterday
    with at_most(6):
        options = sales.get(PEOPLE.url("options"), {"q": "petra"}).json()["options"]
    assert len(options) == 20
    assert options[0] == {"id": Person.objects.get(name="Petra 00").pk, "text": "Petra 00", "hint": "Acme"}


# Budgets


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize(("q", "most"), [("", 12), ("open -nothing roof", 14)])
def test_queries_do_not_grow_with_rows(sales, number, q, most):
    stages, sources = list(Stage.objects.all()), list(Source.objects.all())
    for place in range(number):
        row = factories.opportunity(
            name=f"Roof {place}",
            company=factories.company(),
            contact=factories.person(),
            stage=stages[place % 5],
            source=sources[place % 4],
            assignee=sales.member,
        )
        row.tags.add(f"tag {place % 7}")
    sales.get(OPPORTUNITIES.url("list"))
    for viewset in ENTITIES:
        with at_most(most):
            sales.get(viewset.url("list"), {"q": q} if q else {})
    with at_most(12):
        chosen = {"stage": stages[0].pk, "source": sources[0].pk, "company": row.company_id, "kind": "open"}
        sales.get(OPPORTUNITIES.url("list"), chosen)
    with at_most(12):
        sales.get(OPPORTUNITIES.url("row", row.pk))
    with at_most(12):
        sales.get(COMPANIES.url("row", row.company_id))
