import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Company, Person
from crm.tests import factories
from crm.tests.submitted_forms import fill_in, get_field_error, get_statements, send
from crm.viewsets import OPPORTUNITIES, PEOPLE


def new(client, **typed):
    return fill_in(client, PEOPLE.url("create"), **{"name": "Ada", **typed})


def test_every_field_is_kept_as_typed(sign_in, workspace):
    new(
        sign_in(workspace),
        name="  Ada  Lovelace ",
        email="Ada@Example.com",
        title="Countess",
        description="a\r\nb",
    )
    ada = Person.objects.get()
    assert (ada.name, ada.email, ada.title, ada.description) == (
        "Ada Lovelace",
        "Ada@Example.com",
        "Countess",
        "a\nb",
    )


WRONG = [
    ({"name": "  "}, "name", "required"),
    ({"name": "x" * 201}, "name", "at most 200 characters (it has 201)"),
    ({"name": "a\x00b"}, "name", "Null characters"),
    ({"email": "ada@"}, "email", "valid email"),
    ({"email": f"{'a' * 250}@example.com"}, "email", "at most 254"),
    ({"description": "x" * 20_001}, "description", "at most 20000"),
    ({"company": "x" * 201}, "company", "at most 200 characters (this has 201)"),
    ({"company": "a\x00b"}, "company", "Null characters"),
]


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_is_kept(sign_in, workspace, subtests):
    client = sign_in(workspace)
    for typed_text, field, answer in WRONG:
        with subtests.test(typed=typed_text):
            page = new(client, title="Countess", **typed_text)
            assert answer in get_field_error(page, field)
            assert 'value="Countess"' in page.content.decode()
            assert not Person.objects.exists() and not Company.objects.exists()


def test_a_company_that_is_typed_is_found_whatever_the_case(sign_in, workspace):
    acme = factories.company(name="Ácme")
    new(sign_in(workspace), company="ÁCME")
    assert Person.objects.get().company == acme and Company.objects.count() == 1


def test_an_unknown_company_is_made_on_the_spot(sign_in, workspace):
    client = sign_in(workspace)
    page = client.get(new(client, company="Acme").url).content.decode()
    assert Person.objects.get().company == Company.objects.get(name="Acme")
    assert "Also added the company" in page
    assert Person.objects.search("acme").exists() and Company.objects.search("ada").exists()


def test_of_two_companies_of_a_name_the_user_is_asked_which(sign_in, workspace):
    factories.company(name="Acme", city="Austin")
    berlin = factories.company(name="Acme", city="Berlin")
    client = sign_in(workspace)
    page = new(client, company="acme", title="Buyer")
    assert "More than one company is named “acme”" in get_field_error(page, "company")
    assert "Austin" in page.content.decode() and 'value="Buyer"' in page.content.decode()
    send(client, page, PEOPLE.url("create"), company__which=berlin.pk)
    assert Person.objects.get().company == berlin and Company.objects.count() == 2


def test_an_answer_about_one_name_is_none_about_another(sign_in, workspace):
    first, _ = factories.company(name="Acme"), factories.company(name="Acme")
    client = sign_in(workspace)
    page = new(client, company="acme")
    send(client, page, PEOPLE.url("create"), company="Initech", company__which=first.pk)
    assert Person.objects.get().company.name == "Initech"


def test_a_similar_name_is_asked_about_and_may_be_new(sign_in, workspace):
    factories.company(name="Acme, Inc.")
    client = sign_in(workspace)
    page = new(client, company="ACME")
    assert "but there are similar ones" in get_field_error(page, "company")
    send(client, page, PEOPLE.url("create"), company__which="new")
    assert Person.objects.get().company.name == "ACME"


def test_the_id_that_a_script_picked_counts_only_while_it_agrees_with_the_text(
    sign_in, workspace, other_workspace
):
    acme, initech = factories.company(name="Acme"), factories.company(name="Initech")
    new(sign_in(workspace), company="Initech", company__id=acme.pk)
    assert Person.objects.get().company == initech


@pytest.mark.parametrize("picked", ["999999", "x", "9" * 40, "-1", "²"])
def test_an_id_that_is_none_is_passed_over(sign_in, workspace, picked):
    acme = factories.company(name="Acme")
    new(sign_in(workspace), company="Acme", company__id=picked)
    assert Person.objects.get().company == acme


def test_unchanged_text_keeps_the_company_among_its_namesakes(sign_in, workspace):
    factories.company(name="Acme")
    mine = factories.company(name="Acme")
    ada = factories.person(company=mine)
    fill_in(sign_in(workspace), PEOPLE.url("update", ada.pk), title="Countess", company__id="")
    ada.refresh_from_db()
    assert (ada.company, ada.title) == (mine, "Countess")


def test_an_emptied_company_is_none(sign_in, workspace):
    ada = factories.person(company=factories.company(name="Acme"))
    fill_in(sign_in(workspace), PEOPLE.url("update", ada.pk), company="")
    ada.refresh_from_db()
    assert ada.company is None and not Person.objects.search("acme").exists()


def test_a_second_person_with_an_address_is_warned_of_and_saved(sign_in, workspace):
    factories.person(name="Bob", email="ADA@example.com")
    client = sign_in(workspace)
    page = client.get(new(client, email="ada@example.com").url).content.decode()
    assert Person.objects.count() == 2
    assert "Another person has this email address" in page and ">Bob</a>" in page


def test_the_warning_comes_while_one_types_and_not_about_oneself(sign_in, workspace):
    bob = factories.person(name="Bob", email="ada@example.com")
    client, address = sign_in(workspace), "/w/acme/crm/people/twins/"
    assert "Bob" in client.get(address, {"email": "ADA@example.com"}).content.decode()
    for typed_text in (
        {"email": "ada@example.com", "pk": bob.pk},
        {"email": "ada@"},
        {"pk": "9" * 30},
        {},
    ):
        page = client.get(address, typed_text)
        assert page.status_code == 200 and "Bob" not in page.content.decode()


def test_garbage_finds_no_twin(sign_in, workspace):
    factories.company(name="Acme")
    client = sign_in(workspace)
    for name in ("\u200b", "x" * 5000):
        assert client.get("/w/acme/crm/companies/twins/", {"name": name}).status_code == 200


def test_the_warning_does_not_return_at_every_later_edit(sign_in, workspace):
    factories.person(email="ada@example.com")
    ada = factories.person(email="ada@example.com")
    client = sign_in(workspace)
    page = client.get(fill_in(client, PEOPLE.url("update", ada.pk), title="x").url)
    assert "somebody else" not in page.content.decode()


def test_save_and_add_another_keeps_the_company_and_the_way_back(sign_in, workspace):
    acme = factories.company(name="Acme")
    client = sign_in(workspace)
    answer = fill_in(
        client, PEOPLE.url("create"), name="Ada", company="Acme", another="1", next="/w/acme/crm/people/?q=a"
    )
    assert f"company={acme.pk}" in answer.url
    answer = fill_in(client, answer.url, name="Bob")
    assert answer.url.startswith("/w/acme/crm/people/?q=a#row-")
    assert Person.objects.get(name="Bob").company == acme


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_leads_nowhere_else(sign_in, workspace, elsewhere):
    assert new(sign_in(workspace), next=elsewhere).url.startswith("/w/acme/crm/people/")


def test_prefilling_passes_over_what_is_not_there(sign_in, workspace, other_workspace):
    client = sign_in(workspace)
    for company in ("999", "x", "9" * 30, "-1", "\u200b"):
        assert client.get(PEOPLE.url("create"), {"company": company}).status_code == 200


def test_the_page_shows_what_belongs_to_a_person(sign_in, workspace):
    acme = factories.company(name="Acme")
    ada = factories.person(
        name="Ada", company=acme, email="ada@example.com", description="see https://example.com"
    )
    for _ in range(12):
        factories.opportunity(contact=ada, company=acme)
    client = sign_in(workspace, "reader")
    with CaptureQueriesContext(connection) as context:
        page = client.get(PEOPLE.url("detail", ada.pk)).content.decode()
    assert len(get_statements(context)) <= 12, get_statements(context)
    assert "All 12 opportunities" in page and f"{OPPORTUNITIES.url('list')}?contact={ada.pk}" in page
    assert 'href="mailto:ada@example.com"' in page and 'href="https://example.com"' in page
    assert PEOPLE.url("update", ada.pk) not in page and PEOPLE.url("delete", ada.pk) not in page


def test_people_of_the_company_chosen_are_offered_first(sign_in, workspace):
    acme = factories.company(name="Acme")
    factories.person(name="Ada A")
    factories.person(name="Ada B", company=acme)
    client = sign_in(workspace)

    def get_options(**parameters):
        answer = client.get(PEOPLE.url("options"), {"q": "ada", **parameters}).json()["options"]
        return [(row["text"], row["hint"]) for row in answer]

    assert get_options() == [("Ada A", ""), ("Ada B", "Acme")]
    assert get_options(near=acme.pk)[0] == ("Ada B", "Acme")
    assert len(get_options(near="x")) == len(get_options(near="9" * 30)) == 2
