"""The lists as one meets them in a browser: found, narrowed, sorted, paged, opened, exported."""

import csv
import io
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.cruds import COMPANIES, ENTITIES, OPPORTUNITIES, PEOPLE
from crm.models import Company, ContactType, Opportunity, Person, Source, Stage, Status
from crud import paging
from workspaces.models import Membership

from . import make

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "table"}


@pytest.fixture
def sales(sign_in, workspace):
    """A browser in which somebody of the sales staff is signed in."""
    return sign_in(workspace)


@contextmanager
def at_most(number):
    """The block takes no more queries than these, those apart that begin and end transactions."""
    with CaptureQueriesContext(connection) as context:
        yield
    asked = [query["sql"] for query in context.captured_queries]
    asked = [sql for sql in asked if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(asked) <= number, "\n".join(asked)


def page(sales, crud=OPPORTUNITIES, **parameters):
    return sales.get(crud.url("list"), parameters).content.decode()


def names(sales, crud=OPPORTUNITIES, **parameters):
    """What the list shows, in order."""
    return [line["record"].name for line in sales.get(crud.url("list"), parameters).context["table"].lines()]


# Search


TYPED = [
    ("roof", True),
    ("ROOF", True),
    ("r", True),
    ("rö", True),
    ("zurich roof", True),
    ('"flat roof"', True),
    ('"roof flat"', False),
    ("-roof", False),
    ("roof -zurich", False),
    ("roof -paris", True),
    ("100%", True),
    ("1%t", False),
    ("0%", True),
    ("_", False),
    ("12000", True),
    ("12,000", True),
    ("urgent", False),
    ("open", True),
    ("won", False),
    ("demo", True),
    ("referral", True),
    ("petra", True),
    ("vip", True),
    ("nov", True),
]


def test_a_search_reads_what_people_read(sales, subtests):
    company = make.company(name="Zürich AG")
    opportunity = make.opportunity(
        name="A flat roof, 100% tight",
        company=company,
        contact=make.person(name="Pétra Öst"),
        value=12_000,
        stage=Stage.objects.get(name="Demo"),
        source=Source.objects.get(name="Referral"),
        close_date=date(2026, 11, 3),
    )
    opportunity.tags.add("VIP")
    for typed, is_found in TYPED:
        with subtests.test(typed=typed):
            assert (names(sales, q=typed) == ["A flat roof, 100% tight"]) is is_found


def test_phones_are_found_by_their_digits(sales):
    make.company(name="Acme", work_phone="+1 (555) 010-0199")
    for typed in ["5550100199", "555 010", "(555) 010-0199"]:
        assert names(sales, COMPANIES, q=typed) == ["Acme"], typed


def test_people_are_found_by_their_company_and_companies_by_their_people(sales):
    acme = make.company(name="Acme")
    make.person(name="Petra", company=acme)
    assert names(sales, PEOPLE, q="acme") == ["Petra"]
    assert names(sales, COMPANIES, q="petra") == ["Acme"]
    assert "matched: People" in page(sales, COMPANIES, q="petra")
    assert "matched: Name, People" in page(sales, COMPANIES, q="acme petra")


def test_a_renamed_status_is_found_by_its_new_name_at_once(sales):
    make.opportunity(name="Roof")
    status = Status.objects.get(name="Open")
    status.name = "In the works"
    status.save()
    assert names(sales, q="works") == ["Roof"]
    assert names(sales, q="open") == []


def test_a_row_says_why_it_was_found_and_where(sales):
    make.person(
        name="Petra", description="Met her at the fair in Linz, where it rained for three days on end."
    )
    found = page(sales, PEOPLE, q="rained")
    assert "matched: Description: " in found
    assert "<mark>rained</mark>" in found
    assert "<mark>Pet</mark>ra" in page(sales, PEOPLE, q="pet")


def test_what_the_plus_opens_shows_everything_and_what_is_connected(sales):
    acme = make.company(name="Acme", work_website="acme.example", email_domain="acme.example")
    acme.tags.add("VIP")
    petra = make.person(name="Petra", company=acme, email="petra@acme.example")
    make.opportunity(name="Roof", company=acme, contact=petra)
    make.opportunity(name="Door", company=acme)
    text = sales.get(COMPANIES.url("row", acme.pk), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in text
    for label in ["Contact type", "Work phone", "LinkedIn", "Last change"]:
        assert f"<dt>{label}</dt>" in text
    assert f'<a href="{PEOPLE.url("list")}?company={acme.pk}">1 person</a>' in text
    assert f'<a href="{OPPORTUNITIES.url("list")}?company={acme.pk}">2 opportunities</a>' in text
    assert f'href="{COMPANIES.url("list")}?tags={acme.tags.first().pk}"' in text
    assert "—" in text
    text = sales.get(PEOPLE.url("row", petra.pk)).content.decode()
    assert "<html" in text, "without scripts it is a page"
    assert 'href="mailto:petra@acme.example"' in text
    assert f"?contact={petra.pk}" in text


def test_what_the_plus_opens_has_the_words_marked(sales):
    petra = make.person(name="Petra", description="Likes roofs")
    link = f"{PEOPLE.url('row', petra.pk)}?q=roofs"
    assert link in page(sales, PEOPLE, q="roofs")
    assert "<mark>roofs</mark>" in sales.get(link).content.decode()


def test_the_names_of_choices_are_offered_as_exact_filters(sales):
    make.opportunity(name="Opening campaign", kind="won")
    for _ in range(2):
        make.opportunity(name="Roof")
    response = sales.get(OPPORTUNITIES.url("list"), {"q": "open roof"})
    [(offer, number)] = response.context["offers"]
    assert (offer.text, number) == ("Status is Open", 2)
    assert offer.parameters.dict() == {"q": "roof", "status": str(make.status().pk)}
    assert len(names(sales, **offer.parameters.dict())) == number


def test_an_offer_knows_names_of_several_words(sales):
    make.opportunity(source=Source.objects.get(name="Chamber of Commerce"))
    assert "Source is Chamber of Commerce" in page(sales, q="chamber OF commerce")


# Filters


def test_filters_go_by_the_names_of_fields(sales):
    member, demo = sales.member, Stage.objects.get(name="Demo")
    roof = make.opportunity(
        name="Roof", stage=demo, value=5, priority=4, assignee=member, close_date=date(2026, 3, 1)
    )
    roof.tags.add("VIP")
    make.opportunity("won", name="Door", value=None, close_date=date(2026, 4, 1))
    tag = roof.tags.first().pk
    for parameters in [
        {"stage": demo.pk},
        {"kind": "open"},
        {"status": roof.status_id},
        {"tags": tag},
        {"tags": [tag, tag]},
        {"assignee": "me"},
        {"assignee": member.pk},
        {"priority": 4},
        {"value_max": 5},
        {"value_min": "1"},
        {"close_date_before": "2026-03-31"},
        {"close_date_after": "2026-02-01", "close_date_before": "2026-03-01"},
    ]:
        assert names(sales, **parameters) == ["Roof"], parameters
    for parameters in [
        {"stage": "none"},
        {"tags": "none"},
        {"assignee": "none"},
        {"value": "none"},
        {"kind": ["won", "lost"]},
        {"close_date_after": "2026-03-02"},
    ]:
        assert names(sales, **parameters) == ["Door"], parameters
    assert len(names(sales, stage=["none", demo.pk])) == 2
    assert len(names(sales, value="none", value_min=5)) == 2


def test_people_and_opportunities_of_a_company(sales):
    acme = make.company(name="Acme")
    make.person(name="Petra", company=acme)
    make.person(name="Luis")
    assert names(sales, PEOPLE, company=acme.pk) == ["Petra"]
    assert "Company: <b>Acme</b>" in page(sales, PEOPLE, company=acme.pk)
    assert names(sales, PEOPLE, company="none") == ["Luis"]


def test_companies_by_country_and_city(sales):
    make.company(name="Acme", country="AT", city="Graz")
    make.company(name="Bluefin")
    for parameters in [{"country": "AT"}, {"city": "gra"}]:
        assert names(sales, COMPANIES, **parameters) == ["Acme"]
    assert names(sales, COMPANIES, country="none") == ["Bluefin"]
    assert "Country is Austria" in page(sales, COMPANIES, q="austria")


def test_a_day_is_the_users_own(sales, workspace):
    workspace.time_zone = "Pacific/Auckland"
    workspace.save()
    roof = make.opportunity(name="Roof")
    # 30 November, 11:30 in UTC is already December there.
    moment = timezone.now().replace(2026, 11, 30, 11, 30)
    Opportunity.objects.filter(pk=roof.pk).update(created_at=moment)
    assert names(sales, created_at_after="2026-12-01") == ["Roof"]
    assert names(sales, created_at_before="2026-11-30") == []


def test_each_filter_in_use_is_named_and_can_be_taken_away(sales):
    make.opportunity(stage=Stage.objects.get(name="Demo"))
    demo = Stage.objects.get(name="Demo").pk
    found = page(sales, stage=demo, value_min=5, value_max=5000, q="opp")
    assert "Stage: <b>Demo</b>" in found
    assert "Value: <b>5 – 5,000</b>" in found
    assert f'href="?q=opp&amp;stage={demo}"' in found or f'href="?stage={demo}&amp;q=opp"' in found


NOT_UNDERSTOOD = [
    ({"stage": "999999"}, "Stage: There is no “999999” to choose (any more)."),
    ({"kind": "open' OR 1=1"}, "to choose (any more)"),
    ({"value_min": "many"}, "Value: Enter a whole number."),
    ({"value_max": "9" * 30}, "Value: Ensure this value is less than or equal to"),
    ({"value": "maybe"}, "“maybe” is not understood here"),
    ({"close_date_after": "2026-02-30"}, "Close date: Enter a day as year-month-day"),
    ({"created_at_before": "9999-12-31"}, "Created: Ensure this value is less than"),
    ({"company": "77777"}, "Company: That company is not there (any more)."),
    ({"q": "x" * 300}, "Search: Ensure this value has at most 200 characters"),
]


def test_what_is_not_understood_is_said_and_has_a_way_out(sales, subtests):
    make.opportunity(name="Roof")
    for parameters, sentence in NOT_UNDERSTOOD:
        with subtests.test(parameters=parameters):
            response = sales.get(OPPORTUNITIES.url("list"), parameters)
            text = response.content.decode()
            assert response.status_code == 200
            assert sentence in text
            assert "Show all opportunities" in text
            assert 'id="row-' not in text


def test_the_form_of_all_filters_shows_what_is_chosen(sales):
    demo = Stage.objects.get(name="Demo")
    Stage.objects.filter(pk=demo.pk).update(is_retired=True)
    text = sales.get(
        OPPORTUNITIES.url("filters"), {"stage": demo.pk, "q": "x", "value_min": "7"}
    ).content.decode()
    assert f'<option value="{demo.pk}" selected>Demo (retired)</option>' in text
    assert 'name="q" value="x"' in text
    assert 'name="value_min" value="7"' in text


# Sorting and paging


SORTS = [
    (crud, name)
    for crud in ENTITIES
    for name in crud.columns
    if crud.get_table().base_columns[name].orderable
]


@pytest.mark.parametrize(("crud", "name"), SORTS, ids=lambda one: getattr(one, "route", one))
def test_every_column_sorts_both_ways_and_blanks_come_last(sales, crud, name):
    low, high = make.company(name="acme"), make.company(name="Bluefin")
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
    one = {Person: make.person, Company: make.company, Opportunity: make.opportunity}[crud.model]
    a, b, last = [one(**{name: value}).pk for value in ascending]
    is_blank = ascending[2] in ("", None)
    up, down = ([pk for pk in ids(sales, crud, sort) if pk in (a, b, last)] for sort in (name, f"-{name}"))
    assert up == [a, b, last]
    assert down == ([b, a, last] if is_blank else [last, b, a])


def ids(sales, crud, sort):
    response = sales.get(crud.url("list"), {"sort": sort})
    direction = "descending" if sort.startswith("-") else "ascending"
    assert f'aria-sort="{direction}"' in response.content.decode()
    return [line["pk"] for line in response.context["table"].lines()]


def test_countries_sort_by_name(sales):
    for code in ["CH", "DE", "AT"]:  # Switzerland, Germany, Austria
        make.company(name=code, country=code)
    assert names(sales, COMPANIES, sort="country") == ["AT", "DE", "CH"]


def test_open_opportunities_come_first_then_the_latest_changed(sales):
    make.opportunity("won", name="Won")
    make.opportunity(name="Old")
    make.opportunity(name="New")
    assert names(sales) == ["New", "Old", "Won"]


def test_no_row_is_on_two_pages(sales):
    for _ in range(60):
        make.opportunity(value=1)
    for sort in ["value", "-value", "priority", ""]:
        seen = [name for number in (1, 2, 3) for name in names(sales, sort=sort, page=number)]
        assert len(seen) == len(set(seen)) == 60, sort


PAGES = [
    ({"page": "2"}, 26, 5),
    ({"page": "99"}, 26, 5),
    ({"page": "999999999999999999999999"}, 1, 25),
    ({"page": "-1"}, 1, 25),
    ({"page": "zwei"}, 1, 25),
    ({"per_page": "50"}, 1, 30),
    ({"per_page": "7"}, 1, 25),
    ({"sort": "'"}, 1, 25),
    ({"sort": "-tags"}, 1, 25),
    ({"sort": "workspace__name"}, 1, 25),
]


def test_pages_are_lenient(sales, subtests):
    for _ in range(30):
        make.opportunity()
    for parameters, first, rows in PAGES:
        with subtests.test(parameters=parameters):
            shown = sales.get(OPPORTUNITIES.url("list"), parameters).context["page"]
            assert (shown.first_row, len(shown.rows), shown.found) == (first, rows, 30)


def test_counting_ends_where_nobody_reads_on(sales, monkeypatch):
    monkeypatch.setattr(paging, "MOST_COUNTED", 50)
    for _ in range(60):
        make.opportunity(value=10)
    text = page(sales)
    assert "over 50" in text
    assert "Sum up the whole result" in text
    assert sales.get(OPPORTUNITIES.url("list"), {"page": 3}).context["page"].number == 2
    summed = page(sales, totals=1)
    assert "<b>600</b>" in summed
    assert "<b>60</b> opportunities" in summed
    part = sales.get(
        OPPORTUNITIES.url("list"), {"totals": 1}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="totals"
    )
    assert "<b>600</b>" in part.content.decode()
    assert "<table" not in part.content.decode()


def test_the_foot_sums_the_whole_result_exactly(sales):
    for _ in range(30):
        make.opportunity(value=2**63 - 1, win_percent=50)
    make.opportunity("won", value=3)
    text = page(sales)
    assert f"Σ value <b>{30 * (2**63 - 1) + 3:,}</b>" in text
    assert f"Σ weighted value <b>{(30 * (2**63 - 1) * 50 + 300 + 50) // 100:,}</b>" in text
    assert "Σ value <b>3</b>" in page(sales, kind="won")


def test_the_count_says_of_how_many(sales):
    make.opportunity(name="Roof")
    make.opportunity(name="Door")
    assert sales.get(OPPORTUNITIES.url("list"), {"q": "roof"}).context["number_of_all"] == 2
    assert "1 of 2" in page(sales, q="roof")


def test_htmx_gets_the_table_and_what_depends_on_it(sales):
    make.opportunity(name="Roof")
    response = sales.get(OPPORTUNITIES.url("list"), {"q": "roof", "sort": "name"}, **HTMX)
    text = response.content.decode()
    assert "<html" not in text
    assert 'id="count" hx-swap-oob="innerHTML"' in text
    assert '<input type="hidden" name="sort" value="name">' in text
    assert "HX-Target" in response["Vary"]


def test_only_what_is_kept_may_be_acted_on(sign_in, workspace):
    make.opportunity(name="Roof")
    reader = sign_in(workspace, "reader")
    text = page(reader)
    for absent in ["Add opportunity", "/edit/", "/delete/", 'name="ids"']:
        assert absent not in text, absent
    Opportunity.objects.all().delete()
    text = page(reader)
    assert "No opportunities yet." in text
    assert "Sales staff add them" in text


def test_an_empty_list_says_why(sales):
    assert "No opportunities yet." in page(sales)
    make.opportunity(name="Roof")
    text = page(sales, q="Opne", stage="none")
    assert "Nothing matches “Opne” within the filters." in text
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
    rows = [make.opportunity() for _ in range(ticked)]
    before = f"{OPPORTUNITIES.url('list')}?q=opp&page=2"
    response = sales.get(
        OPPORTUNITIES.url("selection"),
        {"do": do, "ids": [row.pk for row in rows]},
        HTTP_REFERER=f"http://testserver{before}",
    )
    if action:
        args = [rows[0].pk] if action != "delete-many" else []
        assert response.url.startswith(OPPORTUNITIES.url(action, *args))
    else:
        assert response.url == before
        assert "Tick " in sales.get(response.url).content.decode()


# Export


def exported(sales, crud=OPPORTUNITIES, **parameters):
    response = sales.get(crud.url("list"), {"export": "csv", **parameters})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return response, list(csv.reader(io.StringIO(text)))


def test_the_export_is_what_the_list_shows(sales):
    make.opportunity(name="=1+1", value=1200, company=make.company(name="Acme"))
    make.opportunity("won", name="Door", close_date=date(2026, 11, 3))
    response, (head, *rows) = exported(sales, kind="open", sort="name")
    assert f"opportunities-{timezone.localdate():%Y-%m-%d}.csv" in response["Content-Disposition"]
    assert head == [
        "Name",
        "Company",
        "Stage",
        "Value",
        "Win %",
        "Status",
        "Close date",
        "Priority",
        "Assignee",
    ]
    assert rows == [["'=1+1", "Acme", "", "1200", "0", "Open", "", "Normal", ""]]
    _, (_, door) = exported(sales, kind="won")
    assert door[6] == "2026-11-03"


def test_all_fields_can_be_exported(sales):
    make.company(name="Acme", zip="01234", country="AT").tags.add("VIP")
    _, (head, row) = exported(sales, COMPANIES, export="all")
    assert dict(zip(head, row, strict=True)) | {"Zip": "01234", "Country": "Austria", "Tags": "VIP"} == dict(
        zip(head, row, strict=True)
    )


def test_an_export_reads_some_rows_at_a_time(sales, monkeypatch):
    monkeypatch.setattr("crud.exports.AT_ONCE", 10)
    for _ in range(35):
        make.opportunity(company=make.company())
    response = sales.get(OPPORTUNITIES.url("list"), {"export": "csv"})
    chunks = list(response.streaming_content)
    assert len(chunks) == 1 + 4
    assert b"".join(chunks).count(b"\r\n") == 36


# Options


def test_options_for_comboboxes(sales):
    for number in range(30):
        make.person(name=f"Petra {number:02}", company=make.company(name="Acme"))
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
        row = make.opportunity(
            name=f"Roof {place}",
            company=make.company(),
            contact=make.person(),
            stage=stages[place % 5],
            source=sources[place % 4],
            assignee=sales.member,
        )
        row.tags.add(f"tag {place % 7}")
    sales.get(OPPORTUNITIES.url("list"))
    for crud in ENTITIES:
        with at_most(most):
            sales.get(crud.url("list"), {"q": q} if q else {})
    with at_most(12):
        chosen = {"stage": stages[0].pk, "source": sources[0].pk, "company": row.company_id, "kind": "open"}
        sales.get(OPPORTUNITIES.url("list"), chosen)
    with at_most(12):
        sales.get(OPPORTUNITIES.url("row", row.pk))
    with at_most(12):
        sales.get(COMPANIES.url("row", row.company_id))


# Bad input


@pytest.mark.parametrize("name", ["q", "city", "country", "assignee", "created_at_after", "sort", "page"])
def test_nul_is_no_error_of_ours(sales, name):
    for typed in ("\x00", "a\x00b", "\x00\x00 open"):
        for action in ("list", "filters", "options"):
            assert sales.get(COMPANIES.url(action), {name: typed}).status_code in (200, 400), typed


def test_a_leaver_can_still_be_filtered_by(sales):
    leaver = sales.member
    make.opportunity(name="Roof", assignee=leaver)
    Membership.objects.filter(pk=leaver.pk).update(has_crm_access=True)
    assert names(sales, assignee=leaver.pk, created_at_after=str(timezone.localdate() - timedelta(1))) == [
        "Roof"
    ]
