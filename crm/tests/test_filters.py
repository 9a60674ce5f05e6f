"""Lists narrowed: by what is typed into the search box, and by filters."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import ContactType, Opportunity, Source, Stage, Status, Tag
from crm.tests import factories
from crm.tests.list_pages import names, page
from crm.viewsets import COMPANIES, OPPORTUNITIES, PEOPLE
from tests.support.pages import page_html
from workspaces.models import Membership

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
    company = factories.company(name="Zürich AG")
    opportunity = factories.opportunity(
        name="A flat roof, 100% tight",
        company=company,
        contact=factories.person(name="Pétra Öst"),
        value=12_000,
        stage=Stage.objects.get(name="Demo"),
        source=Source.objects.get(name="Referral"),
        close_date=date(2026, 11, 3),
    )
    opportunity.tags.add("VIP")
    for typed_text, is_found in TYPED:
        with subtests.test(typed=typed_text):
            assert (names(sales, q=typed_text) == ["A flat roof, 100% tight"]) is is_found


def test_phones_are_found_by_their_digits(sales):
    factories.company(name="Acme", work_phone="+1 (555) 010-0199")
    for typed_text in ["5550100199", "555 010", "(555) 010-0199"]:
        assert names(sales, COMPANIES, q=typed_text) == ["Acme"], typed_text


def test_people_are_found_by_their_company_and_companies_by_their_people(sales):
    acme = factories.company(name="Acme")
    factories.person(name="Petra", company=acme)
    assert names(sales, PEOPLE, q="acme") == ["Petra"]
    assert names(sales, COMPANIES, q="petra") == ["Acme"]
    assert "matched: People" in page(sales, COMPANIES, q="petra")
    assert "matched: People" in page(sales, COMPANIES, q="acme petra")


def test_a_renamed_status_is_found_by_its_new_name_at_once(sales):
    factories.opportunity(name="Roof")
    status = Status.objects.get(name="Open")
    status.name = "In the works"
    status.save()
    assert names(sales, q="works") == ["Roof"]
    assert names(sales, q="open") == []


def test_a_row_says_why_it_was_found_and_where(sales):
    factories.person(
        name="Petra", description="Met her at the fair in Linz, where it rained for three days on end."
    )
    results = page(sales, PEOPLE, q="rained")
    assert "matched: Description: " in results
    assert "<mark>rained</mark>" in results
    assert "<mark>Pet</mark>ra" in page(sales, PEOPLE, q="pet")


def test_what_the_plus_opens_shows_everything_and_what_is_connected(sales):
    acme = factories.company(name="Acme", work_website="acme.example", email_domain="acme.example")
    acme.tags.add("VIP")
    petra = factories.person(name="Petra", company=acme, email="petra@acme.example")
    factories.opportunity(name="Roof", company=acme, contact=petra)
    factories.opportunity(name="Door", company=acme)
    text = page_html(sales.get(COMPANIES.url("row", acme.pk), HTTP_HX_REQUEST="true"))
    assert "<html" not in text
    for label in ["Contact type", "Work phone", "LinkedIn", "Last updated"]:
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
    petra = factories.person(name="Petra", description="Likes roofs")
    link = f"{PEOPLE.url('row', petra.pk)}?q=roofs"
    assert link in page(sales, PEOPLE, q="roofs")
    assert "<mark>roofs</mark>" in sales.get(link).content.decode()


def test_the_names_of_choices_are_offered_as_exact_filters(sales):
    factories.opportunity(name="Opening campaign", kind="won")
    for _ in range(2):
        factories.opportunity(name="Roof")
    response = sales.get(OPPORTUNITIES.url("list"), {"q": "open roof"})
    [(offer, number)] = response.context["suggestions"]
    assert (offer.text, number) == ("Status: Open", 2)
    assert offer.parameters.dict() == {"q": "roof", "status": str(factories.status().pk)}
    assert len(names(sales, **offer.parameters.dict())) == number


def test_an_offer_tells_how_many_rows_it_leads_to(sales, subtests):
    """Most are among what the search found, but not those of a priority."""
    for place in range(6):
        row = factories.opportunity(
            kind=("open", "won", "lost")[place % 3],
            name=f"Roof {place}, urgent" if place else "High roof",
            priority=place % 4 + 1,
            stage=Stage.objects.all()[place % 2],
            source=Source.objects.get(name="Referral") if place % 2 else None,
        )
        row.tags.add(("Roof", "VIP")[place % 2])
        factories.company(
            name=f"Roof {place}", country=("DE", "FR")[place % 2], contact_type=ContactType.objects.first()
        )
    urgent = Status.objects.create(name="Urgent", kind="open", position=9)
    factories.opportunity(name="Roof", status=urgent, priority=1)
    typed_text = {
        "opportunities": ["won roof", "roof", "urgent", "high", "roof high", "vip referral", "-won open"],
        "companies": ["germany", "france roof", str(ContactType.objects.first())],
    }
    for viewset in (OPPORTUNITIES, COMPANIES):
        for text in typed_text[viewset.route]:
            offers = sales.get(viewset.url("list"), {"q": text, "per_page": 100}).context["suggestions"]
            assert offers, text
            for offer, number in offers:
                with subtests.test(text, offer=offer.text):
                    assert len(names(sales, viewset, **dict(offer.parameters.lists()))) == number


def test_an_offer_knows_names_of_several_words(sales):
    factories.opportunity(source=Source.objects.get(name="Chamber of Commerce"))
    assert "Source: Chamber of Commerce" in page(sales, q="chamber OF commerce")


def test_of_thousands_of_tags_only_those_asked_for_are_read(sales):
    vip, *other_items = [
        Tag.objects.create(name=name) for name in ("VIP", *(f"Tag {place}" for place in range(20)))
    ]
    row = factories.opportunity(name="Roof")
    row.tags.add(vip)
    factories.opportunity(name="vip lounge")
    for parameters in ({"q": "vip roof"}, {"tags": [vip.pk, "none"]}, {"tags": 10**17}, {"tags": "x"}):
        with CaptureQueriesContext(connection) as captured:
            text = page(sales, **parameters)
        of_tags = [query["sql"] for query in captured.captured_queries if 'FROM "crm_tag"' in query["sql"]]
        assert all(" IN (" in sql or '"id" = ' in sql for sql in of_tags), of_tags
        assert not any(other_item.name in text for other_item in other_items)
    assert "Tags: VIP" in page(sales, q="vip roof")
    assert names(sales, tags=[vip.pk]) == ["Roof"]
    assert "VIP, No tags" in page(sales, tags=[vip.pk, "none"])
    assert "This value no longer exists: “x”" in page(sales, tags="x")
    with_all = sales.get(OPPORTUNITIES.url("filters")).content.decode()
    assert all(tag.name in with_all for tag in (vip, *other_items))


# Filters


def test_what_has_no_tags_is_not_looked_for_in_a_list_of_all_tagged(workspace):
    """Of 400,000 that PostgreSQL cannot keep at hand it makes one for each row: the page never came."""
    rows = OPPORTUNITIES.get_filterset()({"tags": ["none"]}, queryset=Opportunity.objects.all()).qs
    assert "NOT EXISTS" in str(rows.query).replace("(", "")


def test_filters_go_by_the_names_of_fields(sales):
    member, demo = sales.member, Stage.objects.get(name="Demo")
    roof = factories.opportunity(
        name="Roof", stage=demo, value=5, priority=4, assignee=member, close_date=date(2026, 3, 1)
    )
    roof.tags.add("VIP")
    factories.opportunity("won", name="Door", value=None, close_date=date(2026, 4, 1))
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
    acme = factories.company(name="Acme")
    factories.person(name="Petra", company=acme)
    factories.person(name="Luis")
    assert names(sales, PEOPLE, company=acme.pk) == ["Petra"]
    assert "Company: <b>Acme</b>" in page(sales, PEOPLE, company=acme.pk)
    assert names(sales, PEOPLE, company="none") == ["Luis"]


def test_companies_by_country_and_city(sales):
    factories.company(name="Acme", country="AT", city="Graz")
    factories.company(name="Bluefin")
    for parameters in [{"country": "AT"}, {"city": "gra"}]:
        assert names(sales, COMPANIES, **parameters) == ["Acme"]
    assert names(sales, COMPANIES, country="none") == ["Bluefin"]
    assert "Country: Austria" in page(sales, COMPANIES, q="austria")


def test_a_day_is_the_users_own(sales, workspace):
    workspace.time_zone = "Pacific/Auckland"
    workspace.save()
    roof = factories.opportunity(name="Roof")
    # 30 November, 11:30 in UTC is already December there.
    moment = timezone.now().replace(2026, 11, 30, 11, 30)
    Opportunity.objects.filter(pk=roof.pk).update(created_at=moment)
    assert names(sales, created_at_after="2026-12-01") == ["Roof"]
    assert names(sales, created_at_before="2026-11-30") == []


def test_each_filter_in_use_is_named_and_can_be_taken_away(sales):
    factories.opportunity(stage=Stage.objects.get(name="Demo"))
    demo = Stage.objects.get(name="Demo").pk
    results = page(sales, stage=demo, value_min=5, value_max=5000, q="opp")
    assert "Stage: <b>Demo</b>" in results
    assert "Value: <b>5 – 5,000</b>" in results
    assert f'href="?q=opp&amp;stage={demo}"' in results or f'href="?stage={demo}&amp;q=opp"' in results


def test_numbers_and_days_are_read_as_in_the_form(sales):
    factories.opportunity(name="Roof", value=1000, close_date=date(2026, 12, 31))
    factories.opportunity(name="Tiles", value=999, close_date=date(2026, 12, 30))
    for typed_text in ("1000", "1,000", "$1,000", "1 000", "１０００", "١٠٠٠"):
        assert names(sales, value_min=typed_text) == ["Roof"], typed_text
    for typed_text in ("2026-12-31", "12/31/2026", "31.12.2026", "31 Dec 2026", "Dec 31, 2026"):
        assert names(sales, close_date_after=typed_text) == ["Roof"], typed_text


def test_both_ends_say_what_is_wrong_with_them(sales):
    text = page(sales, value_min="TBD", value_max="1.000")
    assert "Value: Enter a whole number, such as 12,000." in text
    assert "Value: Did you mean 1 or 1,000?" in text


def test_a_percentage_may_be_typed_with_its_sign(sales):
    factories.opportunity(name="Roof", win_percent=35)
    factories.opportunity(name="Tiles", win_percent=20)
    assert names(sales, win_percent_min="30 %", win_percent_max="35%") == ["Roof"]


def test_what_was_typed_into_a_day_stays_to_be_seen(sales):
    form = page_html(sales.get(OPPORTUNITIES.url("filters"), {"close_date_after": "12/31/26"}))
    assert '<input type="text" name="close_date_after" value="12/31/26"' in form
    assert '<input type="date" max="9999-12-31" name="close_date_before" value=""' in form


NOT_UNDERSTOOD = [
    ({"stage": "999999"}, "Stage: This value no longer exists: “999999”."),
    ({"kind": "open' OR 1=1"}, "no longer exists"),
    ({"value_min": "many"}, "Value: Enter a whole number, such as 12,000."),
    ({"value_min": "1.000"}, "Value: Did you mean 1 or 1,000?"),
    ({"value_min": "TBD"}, "Value: Enter a whole number, such as 12,000."),
    ({"value_max": "NaN"}, "Value: Enter a whole number, such as 12,000."),
    ({"value_min": "35 %"}, "Value: Enter a whole number, such as 12,000."),
    ({"win_percent_min": "+"}, "Win %: Enter a whole number"),
    ({"win_percent_min": "$35"}, "Win %: Enter a whole number"),
    ({"value_min": "5,000", "value_max": "5"}, "Value: The range ends before it starts: 5,000 to 5."),
    ({"value": "none", "value_min": "-1", "value_max": "-2"}, "Value: The range ends before it starts"),
    ({"win_percent_min": "70 %", "win_percent_max": "60 %"}, "Win %: The range ends before it starts"),
    ({"close_date_after": "2026-03-02", "close_date_before": "2026-03-01"}, "Close date: The range ends"),
    ({"created_at_after": "2026-03-02", "created_at_before": "1 Mar 2026"}, "Created: The range ends before"),
    ({"close_date_after": "12/31/26"}, "Close date: Did you mean 2026?"),
    ({"close_date_before": "0026-12-31"}, "Close date: Did you mean 2026?"),
    ({"created_at_after": "0001-01-01"}, "Created: Did you mean 2001?"),
    ({"value_max": "9" * 30}, "Value: Enter at most 9,223,372,036,854,775,807."),
    ({"value": "maybe"}, "“maybe” isn’t valid here"),
    ({"close_date_after": "2026-02-30"}, "Close date: Enter a valid date, such as 2026-05-31."),
    ({"created_at_before": "9999-12-31"}, "Created: Enter a date in 2100 or earlier."),
    ({"company": "77777"}, "Company: This company no longer exists."),
    ({"q": "x" * 300}, "Search: Ensure this value has at most 200 characters"),
]


def test_what_is_not_understood_is_said_and_has_a_way_out(sales, subtests):
    factories.opportunity(name="Roof")
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
    text = page_html(sales.get(OPPORTUNITIES.url("filters"), {"stage": demo.pk, "q": "x", "value_min": "7"}))
    assert f'<option value="{demo.pk}" selected>Demo (archived)</option>' in text
    assert 'name="q" value="x"' in text
    assert 'name="value_min" value="7"' in text


def test_a_leaver_can_still_be_filtered_by(sales):
    leaver = sales.member
    factories.opportunity(name="Roof", assignee=leaver)
    Membership.objects.filter(pk=leaver.pk).update(has_crm_access=True)
    assert names(sales, assignee=leaver.pk, created_at_after=str(timezone.localdate() - timedelta(1))) == [
        "Roof"
    ]


@pytest.mark.parametrize("name", ["q", "city", "country", "assignee", "created_at_after", "sort", "page"])
def test_nul_is_no_error_of_ours(sales, name):
    for typed_text in ("\x00", "a\x00b", "\x00\x00 open"):
        for action in ("list", "filters", "options"):
            assert sales.get(COMPANIES.url(action), {name: typed_text}).status_code in (200, 400), typed_text


WIN_PERCENTS = [
    ({"min": 60}, {"Full", "Won at 70"}),
    ({"min": 100, "max": 100}, {"Full", "Won at 70"}),
    ({"max": 50}, {"Half", "Lost at 70", "Abandoned at 70"}),
    ({"max": 0}, {"Lost at 70", "Abandoned at 70"}),
    ({"min": 60, "max": 80}, set()),
    ({"min": 101}, set()),
    ({"max": -1}, set()),
    ({"min": 10**18}, set()),
    ({"min": -5, "max": 200}, {"Half", "Full", "Won at 70", "Lost at 70", "Abandoned at 70"}),
]


@pytest.mark.parametrize(("bounds", "expected"), WIN_PERCENTS)
def test_win_percent_is_compared_as_the_list_shows_it(sales, bounds, expected):
    factories.opportunity(name="Half", win_percent=50)
    factories.opportunity(name="Full", win_percent=100)
    for kind in ("won", "lost", "abandoned"):
        factories.opportunity(kind, name=f"{kind.title()} at 70", win_percent=70)
    typed_text = {f"win_percent_{end}": number for end, number in bounds.items()}
    assert set(names(sales, **typed_text)) == expected
    assert set(names(sales, **typed_text, q="a -zzz")) == {name for name in expected if "a" in name.lower()}
