"""Countries: each can be chosen, and is found by the names that people use."""

import pytest
from django_countries import countries

from crm.models import Company
from crm.parsing.countries import ALIASES
from crm.tests import factories
from crm.tests.list_pages import names, page
from crm.tests.submitted_forms import fill_in
from crm.viewsets import COMPANIES
from tests.support.pages import page_html

NAMES = [
    ("Turkey", "TR"),
    ("Türkiye", "TR"),
    ("turkiye", "TR"),
    ("USA", "US"),
    ("usa", "US"),
    ("UK", "GB"),
    ("England", "GB"),
    ("Scotland", "GB"),
    ("Czech Republic", "CZ"),
    ("Holland", "NL"),
    ("Russia", "RU"),
    ("South Korea", "KR"),
    ("Ivory Coast", "CI"),
    ("Kosovo", "XK"),
    ("Deutschland", "DE"),
    ("Österreich", "AT"),
]


def test_kosovo_can_be_chosen(sales):
    fill_in(sales, COMPANIES.url("create"), name="Acme", country="XK")
    company = Company.objects.get()
    assert (company.country.code, company.country.name) == ("XK", "Kosovo")
    assert "Kosovo" in page(sales, COMPANIES)


@pytest.mark.parametrize(("name", "code"), NAMES)
def test_a_country_is_found_by_its_names(sales, name, code):
    factories.company(name="Acme", country=code)
    factories.company(name="Bluefin", country="NZ")
    for typed_text in (name, f'"{name}"', f"acme {name}", f"{name} acme"):
        assert names(sales, COMPANIES, q=typed_text) == ["Acme"], "by the search box"
    assert names(sales, COMPANIES, country=name) == ["Acme"], "by a URL"
    assert f"Country: {dict(countries)[code]}".replace("'", "&#x27;") in page(sales, COMPANIES, q=name)


def test_a_company_found_by_an_alias_says_so(sales):
    factories.company(name="Acme", country="NL")
    factories.company(name="Bluefin", country="CZ")
    assert "matched: Country<" in page(sales, COMPANIES, q="Holland")
    assert "matched: Country<" in page(sales, COMPANIES, q="Czech Republic")


def test_a_common_word_of_an_alias_finds_no_country(sales):
    factories.company(name="Acme", country="GB")
    factories.company(name="Great North Roofing", country="US")
    for word in ("great", "north", "the", "republic of", "roofing great"):
        assert "Acme" not in names(sales, COMPANIES, q=word)


def test_comboboxes_find_a_country_by_its_aliases(sales):
    for url in (COMPANIES.url("create"), COMPANIES.url("filters")):
        text = page_html(sales.get(url))
        assert '<option value="TR" data-aliases="Turkey, Turkiye">Türkiye</option>' in text
        assert 'data-aliases="Holland, The Netherlands, Nederland">Netherlands</option>' in text


def test_a_name_of_no_country_is_said_to_be_none(sales):
    text = page(sales, COMPANIES, country="Narnia")
    assert "This value no longer exists: “Narnia”" in text


def test_every_alias_is_of_a_country_that_can_be_chosen():
    assert {*ALIASES} <= {code for code, _ in countries}
