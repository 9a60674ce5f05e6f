"""Pairs of stored and typed text: each is found by the search box, list, combobox, and text filters."""

import datetime

import pytest
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from crm.models import Company, Opportunity, Person, Record, Tag
from crm.models.concerns.searchable import get_line_label
from crm.search import MORE
from crm.tests import factories
from crm.viewsets import COMPANIES, ENTITIES, OPPORTUNITIES, PEOPLE, TAGS
from crud.filters.filters import TextFilter
from crud.parsing.text import clean_line
from crud.search import normalize_text, parse_terms

# (stored in one line of text, typed into a search)
PAIRS = [
    ("Pat O’Brien", "O'Brien"),
    ("Pat O'Brien", "O’Brien"),
    ("Pat O'Brien", "o‘brien"),
    ("Pat O'Brien", "OʼBrien"),
    ("Five Star Roofing", "“star roofing”"),
    ("Five Star Roofing", "„star roofing“"),
    ("Five Star Roofing", "«star roofing»"),
    ("Five Star Roofing", "« star roofing »"),
    ("Five Star Roofing", "＂star roofing＂"),
    ("Five  Star\u00a0Roofing", '"star roofing"'),
    ("Roof 12″ wide", '12"'),
    ("Baden-Baden", "Baden–Baden"),
    ("Baden–Baden", "baden-baden"),
    ("Baden\u2011Baden", "baden-baden"),
    ("Baden-Baden", "baden\u2011baden"),
    ("Baden−Baden", "baden—baden"),
    ("Łukasz", "lukasz"),
    ("Lukasz", "łukasz"),
    ("Søren", "soren"),
    ("Soren", "SØREN"),
    ("Ørsted", "orsted"),
    ("Æther", "aether"),
    ("Aether", "æther"),
    ("Œuvre", "oeuvre"),
    ("Straße", "strasse"),
    ("Strasse", "straße"),
    ("STRASSE", "STRAẞE"),
    ("Đặng", "dang"),
    ("Þór", "thor"),
    ("Guðrún", "gudrun"),
    ("Işıl", "ışıl"),
    ("Işıl", "IŞIL"),
    ("Işıl", "isil"),
    ("ışıl", "Işıl"),
    ("IŞIL", "ışıl"),
    ("İzmir", "izmir"),
    ("izmir", "İZMİR"),
    ("Zoë", "Zoe\u0308"),
    ("Zoe\u0308", "zoë"),
    ("ＡＣＭＥ", "acme"),
    ("acme", "ＡＣＭＥ"),
    ("ハート", "ﾊｰﾄ"),
    ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
    ("Acme", "Ac\u200bme"),
    ("Ac\u00adme", "acme"),
    ("Acme", "\u202aacme\u202c"),
    ("\ufeffAcme", "acme"),
    ("می\u200cخواهم", "میخواهم"),
    ("Acme", "acme,"),
    ("Acme", "(Acme)"),
    ("Acme", "‘Acme’"),
    ("Acme", "Acme;"),
    ("Acme Inc", "Acme Inc."),
    ("Acme Roof", "Acme – Roof"),
    ("Acme Roof", "Acme — Roof"),
    ("Acme Roof", "Roof ‑ Acme"),
    ("٣٤ Roofs", "34"),
    ("Grows 35 % a year", "35%"),
    ("Grows 35% a year", "35 %"),
    ("Grows 35\u202f% a year", "35 %"),
    ("Tom & Jerry", "Tom & Jerry"),
    ("C++ #1", "c++ #1"),
    ("100% Wolle", "100% Wolle"),
    ("a_b", "a_b"),
    ("back\\slash", "back\\slash"),
]
NAUGHTY = [
    "%", "_", "\\", "'", '"', "''", "-", "--", "-- -", '-"', "“", "”“", "‘", "()", "<>", "[]", ";", ":", ",.",
    "*", "?", "$", "€", "/", "://", "https://", "http:///", "mailto:", "tel:", "mailto:?", "@", "a@", "@b",
    "\u200b", "\u202e", "\ufeff\u00ad", "\u0301", "\ud7ff", "\U0010ffff", "\x01", "\x02", "\x1f", "\n", "\t",
    "31 February 2026", "May 99, 2026", "00/00/0000", "99/99/9999", "0000-00-00", "99999-1-1", "٣١ May ٢٠٢٦",
    "1" * 300, '"' * 200, "-" * 200, "https://" + "a." * 90, "x" * 199, "👩‍👩‍👧", "ﷺ" * 60, "' OR 1=1 --",
]  # fmt: skip


@pytest.mark.parametrize(("stored", "typed"), PAIRS, ids=ascii)
def test_what_is_typed_is_found_by_search_boxes_lists_and_comboboxes(workspace, stored, typed):
    person, company = factories.person(name=stored), factories.company(name="Other", city=stored)
    deal = factories.opportunity(name=stored)
    deal.tags.add(stored[:60])
    tag = Tag.objects.get()
    assert Person.objects.search(typed).get() == person
    assert Company.objects.search(typed).get() == company
    assert Opportunity.objects.search(typed).get() == deal
    assert Tag.objects.search(typed).get() == tag
    if len(parse_terms(typed)) == 1:
        assert not Person.objects.search(f"-{typed}").exists()


@pytest.mark.parametrize(("stored", "typed"), PAIRS, ids=ascii)
def test_text_filters_find_what_search_boxes_find(workspace, stored, typed):
    company = factories.company(name="Other", city=stored, state="Elsewhere")
    factories.company(name=stored, city="Elsewhere", state=stored)
    filtered = COMPANIES.get_filterset()({"city": typed}, Company.objects.all()).qs
    assert filtered.get() == company
    person = factories.person(name="Other", title=stored)
    factories.person(name=stored)
    assert PEOPLE.get_filterset()({"title": typed}, Person.objects.all()).qs.get() == person


ADA = {"name": "Ada", "email": "Ada.L@Example.org"}


@pytest.mark.parametrize(
    "typed",
    [
        "ada.l@example.org",
        "Ada <ada.l@example.org>",
        '"Ada" <Ada.L@example.org>',
        "<ada.l@example.org>",
        "ada.l@example.org;",
        "ada.l@example.org,",
        "(ada.l@example.org)",
        "mailto:ada.l@example.org",
        "mailto:<ada.l@example.org>",
        "<mailto:ada.l@example.org>",
        "'ada.l@example.org'",
        "mailto:ada.l@example.org?subject=Hi",
        "ada.l＠example.org",
        "ada.l@\u200bexample.org",
    ],
)
def test_email_addresses_are_found_as_they_are_pasted(workspace, typed):
    ada = factories.person(**ADA)
    factories.person(name="Ada", email="ada.other@example.org")
    assert Person.objects.search(typed).get() == ada
    by_email = PEOPLE.get_filterset()({"email": typed.removeprefix("Ada ").removeprefix('"Ada" ')})
    assert by_email.qs.get() == ada


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("https://example.com", "https://www.example.com/path?x"),
        ("https://example.com", "http://example.com/"),
        ("https://example.com", "www.example.com"),
        ("https://example.com", "example.com/about#team"),
        ("https://example.com", "HTTPS://EXAMPLE.COM:443/x"),
        ("https://www.example.com/about/", "https://www.example.com/about/"),
        ("https://example.com/about", "https://example.com"),
        ("https://sub.example.com", "<https://sub.example.com/>,"),
    ],
)
def test_websites_are_found_by_whole_urls(workspace, stored, typed):
    company = factories.company(work_website=stored)
    factories.company(work_website="https://example.org")
    assert Company.objects.search(typed).get() == company


@pytest.mark.parametrize(
    "typed",
    [
        "https://www.linkedin.com/company/acme",
        "https://www.linkedin.com/company/acme/",
        "https://www.linkedin.com/company/acme/about/?viewAsMember=true",
        "linkedin.com/company/acme/",
        "https://de.linkedin.com/company/acme",
    ],
)
def test_linkedin_pages_are_found_by_whole_urls(workspace, typed):
    acme = factories.company(linkedin="https://www.linkedin.com/company/acme")
    factories.company(linkedin="https://www.linkedin.com/company/globex")
    assert Company.objects.search(typed).get() == acme


@pytest.mark.parametrize(
    "typed",
    [
        "2026-09-30", "Sep 30, 2026", "30 Sep 2026", "Sept. 30, 2026", "September 30, 2026",
        "30 September 2026", "September 30th 2026", "30th September, 2026", "09/30/2026", "30/09/2026",
        "30.09.2026", "sep", "2026",
        '"Sep 30, 2026"', '"30 Sep 2026"', "30 Sep", "2026-09", "roof Sep 30, 2026",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en-us", "en-gb"])
def test_dates_are_found_as_they_are_shown_in_every_language(workspace, language, typed):
    with translation.override(language):
        deal = factories.opportunity(name="Roof", close_date=datetime.date(2026, 9, 30))
    other_item = {"close_date": datetime.date(2030, 1, 3), "expected_close": datetime.date(2031, 1, 9)}
    factories.opportunity(name="Roof", **other_item)
    with translation.override("en-us"):
        assert Opportunity.objects.search(typed).get() == deal
    assert Opportunity.objects.search("roof -2026-09-30").count() == 1


@pytest.mark.parametrize(
    "typed",
    [
        "$12,000",
        "12,000",
        "12000",
        "$12000",
        "$ 12,000",
        "US$12,000",
        "€12,000",
        "12,000 €",
        "12.000",
        "12 000",
    ],
)
def test_amounts_are_found_as_they_are_shown(workspace, typed):
    deal = factories.opportunity(value=12_000)
    factories.opportunity(value=1_200)
    assert Opportunity.objects.search(typed).get() == deal


@pytest.mark.parametrize("typed", ["35%", "35 %", "35"])
def test_a_win_percent_is_found_with_and_without_its_sign(workspace, typed):
    deal = factories.opportunity(win_percent=35, value=None)
    factories.opportunity(win_percent=53, value=None)
    assert Opportunity.objects.search(typed).get() == deal


def test_a_phone_is_found_without_the_zero_in_brackets(workspace):
    company = factories.company(work_phone="+49 (0) 89 1234-56")
    for typed_text in ("+49 89 123456", "tel:+4989123456", "+49‑89‑1234‑56", "(0) 89"):
        assert Company.objects.search(typed_text).get() == company


def test_the_pages_find_what_is_pasted_and_say_why(sign_in, workspace):
    client = sign_in(workspace)
    factories.company(name="O’Brien & Søns", city="Łódź", work_website="https://obrien.example")
    factories.person(name="Işıl Øst", title="Straßenbau", email="isil@example.org")
    factories.opportunity(name="Roof “Alpha” – Łódź", close_date=datetime.date(2026, 5, 31))
    for viewset, typed_text, why in [
        (COMPANIES, "O'Brien", ""),
        (COMPANIES, "lodz", "City"),
        (COMPANIES, "https://www.obrien.example/contact?x=1", "Work website"),
        (PEOPLE, "ISIL", ""),
        (PEOPLE, "strassenbau", "Title"),
        (PEOPLE, "Isil Ost <isil@example.org>;", ""),
        (OPPORTUNITIES, "roof-alpha -nothing", None),
        (OPPORTUNITIES, "31 May 2026", "Close date"),
    ]:
        page = client.get(viewset.url("list"), {"q": typed_text})
        assert page.status_code == 200
        if why is None:
            continue
        shown_text = [str(line["record"]) for line in page.context["table"].lines()]
        assert shown_text == [str(viewset.model.objects.get())]
        options = client.get(viewset.url("options"), {"q": typed_text}).content.decode()
        assert "option" in options
        everywhere = client.get(reverse("crm:search"), {"q": typed_text}).context["results"]
        assert viewset.route in {hits.viewset.route for hits in everywhere}
        assert why in page.content.decode()


@pytest.mark.parametrize("typed", NAUGHTY, ids=lambda text: ascii(text[:20]))
def test_no_text_breaks_a_search_or_a_text_filter(sign_in, workspace, typed):
    (
        factories.company(name="Acme", city="Linz"),
        factories.person(name="Ada"),
        factories.opportunity(),
        factories.tag(name="VIP"),
    )
    client = sign_in(workspace, "admin and sales staff")
    for viewset, filtered in ((COMPANIES, "city"), (PEOPLE, "title"), (OPPORTUNITIES, "q")):
        for parameters in ({"q": typed}, {filtered: typed}):
            assert client.get(viewset.url("list"), parameters).status_code == 200
        assert client.get(viewset.url("options"), {"q": typed}).status_code == 200
    assert client.get(TAGS.url("list"), {"q": typed}).status_code == 200
    assert client.get(reverse("crm:search"), {"q": typed}).status_code == 200


@pytest.mark.parametrize("typed", [text for text in NAUGHTY if "\n" not in text and len(text) <= 60])
def test_odd_names_find_themselves(workspace, typed):
    if not clean_line(typed).strip() or not normalize_text(typed):
        return
    person = factories.person(name=typed)
    assert person in Person.objects.search(typed) or typed.startswith("-")


@given(st.text(max_size=60))
def test_a_term_of_a_word_is_part_of_the_word(text):
    for word in text.split():
        for term in parse_terms(f"x{word}"):
            assert term.text in normalize_text(f"x{word}")


def test_a_label_of_search_text_is_never_found(workspace):
    factories.company(city="Linz")
    for place in range(len(Company.filtered_texts)):
        assert parse_terms(get_line_label(place)) == []
        assert parse_terms(f"{get_line_label(place)}linz") == parse_terms("linz")
    assert not COMPANIES.get_filterset()({"state": "linz"}).qs.exists()


def test_every_text_filter_is_of_a_field_with_a_line_of_its_own():
    viewsets = [viewset for viewset in (*ENTITIES, *MORE) if issubclass(viewset.model, Record)]
    assert {viewset.model._meta.app_label for viewset in viewsets} == {"crm", "recurring"}
    for viewset in viewsets:
        texts = {
            name
            for name, item in viewset.get_filterset().base_filters.items()
            if isinstance(item, TextFilter)
        }
        assert texts == {*viewset.model.filtered_texts}, viewset.route
        assert {*viewset.model.filtered_texts} <= {*viewset.model.searched}


def test_a_very_long_text_is_searched_for_by_its_beginning(workspace):
    company = factories.company(name="Acme")
    for text in ("x" * 200_000, "%" * 60_000, "\\" * 60_000):
        assert not Company.objects.search(text).exists()
    assert Company.objects.search("Acme " * 50_000).get() == company
