import re

from django.urls import reverse

from crm.models import Opportunity, Stage
from crm.tests import factories
from crm.tests.list_pages import at_most
from tests.support.pages import page_html


def search_page(sales, q):
    response = sales.get(reverse("crm:search"), {"q": q})
    assert response.status_code == 200
    return {
        result.viewset.route: (result.number, [str(row) for row, *_ in result.hits])
        for result in response.context["results"]
    }


def test_everything_is_searched_and_hits_by_name_come_first(sign_in, workspace):
    sales = sign_in(workspace)
    acme = factories.company(name="Acme", city="Linz")
    petra = factories.person(name="Petra", company=acme)
    factories.opportunity(name="Roof", company=acme, contact=petra)
    factories.opportunity(name="Acme's door")
    assert search_page(sales, "acme") == {
        "people": (1, ["Petra"]),
        "companies": (1, ["Acme"]),
        "opportunities": (2, ["Acme's door", "Roof"]),
    }
    assert search_page(sales, "linz") == {"companies": (1, ["Acme"])}
    assert search_page(sales, "nobody") == search_page(sales, "") == {}


def test_the_first_hits_lead_to_all(sign_in, workspace):
    for number in range(8):
        factories.opportunity(name=f"Roof {number}", stage=Stage.objects.first())
    sales = sign_in(workspace)
    assert search_page(sales, "qualification")["opportunities"][0] == 8
    page = page_html(sales.get(reverse("crm:search"), {"q": "qualification"}))
    assert "matched: Stage" in page
    assert re.search(rf'{reverse("crm:opportunity-list")}\?q=qualification">\s*See all 8', page)


def test_searching_everything_takes_few_queries(sign_in, workspace):
    sales = sign_in(workspace)
    for number in range(20):
        company = factories.company(name=f"Roof {number}")
        factories.opportunity(company=company, contact=factories.person(company=company)).tags.add("VIP")
        company.tags.add("VIP")
    assert Opportunity.objects.search("roof").count() == 20
    search_page(sales, "roof")  # the first visit also writes down which workspace it was to
    with at_most(24):  # the frame's, one that counts, and at most five for each kind
        search_page(sales, "roof")


def test_pasted_addresses_phones_and_amounts_are_found(sign_in, workspace):
    acme = factories.company(name="Acme", work_phone="+49 89 1234-56", email_domain="straße.de")
    factories.person(name="Petra", email="petra@straße.de")
    factories.opportunity(name="Roof", company=acme, value=1_234_567)
    sales = sign_in(workspace)
    for typed_text, route in {
        "P. Öst <petra@xn--strae-oqa.de>": "people",
        "https://xn--strae-oqa.de/": "companies",
        "0049 89 123456": "companies",
        "$1,234,567.00": "opportunities",
    }.items():
        assert route in search_page(sales, typed_text), typed_text


def test_a_company_is_found_by_an_address_in_its_domain(sign_in, workspace):
    factories.company(name="Domain", email_domain="its-domain.example")
    factories.company(name="Site", work_website="https://www.its-domain.example/contact")
    factories.company(name="Ümlaut", work_website="https://bücher.example")
    factories.company(
        name="Other", email_domain="not-its-domain.example", work_website="its-domain.example.org"
    )
    factories.company(name="Free", email_domain="gmail.com")
    sales = sign_in(workspace)
    for typed_text in (
        "info@its-domain.example",
        "Ada <Ada@ITS-domain.example>",
        "mailto:a@its-domain.example",
    ):
        assert search_page(sales, typed_text) == {"companies": (2, ["Domain", "Site"])}, typed_text
    assert search_page(sales, "x@xn--bcher-kva.example") == {"companies": (1, ["Ümlaut"])}
    assert search_page(sales, "ada@gmail.com") == search_page(sales, "ada@its-domain.example.net") == {}
    page = sales.get(reverse("crm:search"), {"q": "info@its-domain.example"}).content.decode()
    assert "matched: Email domain" in page and "matched: Work website" in page
