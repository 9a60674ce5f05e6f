from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Company, ContactType, Tag
from crm.tests import factories
from crm.tests.submitted_forms import Form, fill_in, get_field_error, get_statements
from crm.viewsets import COMPANIES
from workspaces.models import Membership, User


def new(client, **typed):
    return fill_in(client, COMPANIES.url("create"), **{"name": "Acme", **typed})


def test_every_field_is_kept(sign_in, workspace):
    client = sign_in(workspace)
    lead = ContactType.objects.get(name="Lead")
    answer = new(
        client,
        contact_type=lead.pk,
        work_phone="+1 555 010 0199",
        email_domain="@Acme.com",
        work_website="acme.com",
        address="1 Main St\r\nFloor 2",
        city="Austin",
        state="TX",
        zip="01234",
        country="US",
        linkedin="acme",
        assignee=client.member.pk,
        tags="vip, north",
    )
    acme = Company.objects.get()
    assert answer.url.endswith(f"#row-{acme.pk}")
    assert (acme.contact_type, acme.assignee, acme.country.code, acme.zip) == (
        lead,
        client.member,
        "US",
        "01234",
    )
    assert (acme.email_domain, acme.work_website) == ("acme.com", "https://acme.com")
    assert acme.linkedin == "https://www.linkedin.com/company/acme"
    assert [tag.name for tag in acme.tags.order_by("name_key")] == ["north", "vip"]
    page = client.get(COMPANIES.url("detail", acme.pk)).content.decode()
    assert "@acme.com" in page and 'href="https://acme.com"' in page and 'href="tel:+15550100199"' in page
    for word in ("vip", "austin", "0100199", "united states", "lead", "acme.com"):
        assert Company.objects.search(word).get() == acme, word


WRONG = [
    ("name", "", "required"),
    ("work_phone", "call me", "Enter a phone number"),
    ("email_domain", "http://[", "Enter a domain"),
    ("work_website", "javascript:alert(1)", "Enter a URL"),
    ("linkedin", "example.com/acme", "LinkedIn URL or handle"),
    ("country", "XX", "Choose one of the available options"),
    ("contact_type", "999999", "Choose one of the available options"),
    ("assignee", "9" * 30, "Choose one of the available options"),
    ("tags", "x" * 61, "is too long. Tags can have"),
    ("zip", "1" * 21, "at most 20"),
    ("city", "x" * 101, "at most 100"),
    ("address", "x" * 501, "at most 500"),
]


def test_what_is_wrong_is_said_at_the_field_and_kept(sign_in, workspace, subtests):
    client = sign_in(workspace)
    for field, typed_text, answer in WRONG:
        with subtests.test(field=field):
            page = new(client, **{"state": "TX", field: typed_text})
            assert answer in get_field_error(page, field)
            assert 'value="TX"' in page.content.decode()
            if field not in ("country", "contact_type", "assignee"):
                assert Form(page).values[field] == typed_text
            assert not Company.objects.exists()


def test_a_company_of_the_same_name_is_warned_of_and_saved(sign_in, workspace):
    factories.company(name="ACME, Inc.", city="Austin")
    client = sign_in(workspace)
    page = client.get(new(client).url).content.decode()
    assert Company.objects.count() == 2
    assert "Another company has this name" in page and "(Austin)" in page


def test_a_company_of_the_same_domain_is_warned_of_while_one_types(sign_in, workspace):
    factories.company(name="Initech", email_domain="acme.com")
    page = (
        sign_in(workspace).get("/w/acme/crm/companies/twins/", {"email_domain": "@ACME.com"}).content.decode()
    )
    assert "also another company’s domain" in page and ">Initech</a>" in page


def test_retired_entries_stay_on_who_has_them_and_are_not_offered_to_others(sign_in, workspace):
    lead = ContactType.objects.get(name="Lead")
    acme = factories.company(name="Acme", contact_type=lead)
    lead.retire()
    client = sign_in(workspace)
    page = client.get(COMPANIES.url("update", acme.pk)).content.decode()
    assert "Lead (archived)" in page
    fill_in(client, COMPANIES.url("update", acme.pk), city="Austin")
    acme.refresh_from_db()
    assert (acme.city, acme.contact_type) == ("Austin", lead)
    assert "Lead" not in client.get(COMPANIES.url("create")).content.decode()
    assert get_field_error(new(client, contact_type=lead.pk), "contact_type")


def test_assignees_are_sales_staff_and_who_it_is_so_far(sign_in, workspace):
    def member(name, **marks):
        return Membership.objects.create(
            user=User.objects.create_user(f"{name}@acme.example", name=name), **marks
        )

    remaining, reader, seller = member("Lena"), member("Rita", is_sales_staff=False), member("Sam")
    acme = factories.company(name="Acme", assignee=remaining)
    remaining.deactivated_at = "2026-01-01T00:00Z"
    remaining.save()
    client = sign_in(workspace)
    page = client.get(COMPANIES.url("update", acme.pk)).content.decode()
    assert "Lena (inactive)" in page and "Sam" in page and "Rita" not in page
    assert get_field_error(new(client, assignee=reader.pk), "assignee")
    assert get_field_error(new(client, assignee=remaining.pk), "assignee")
    assert new(client, name="Other", assignee=seller.pk).status_code == 302


def test_tags_are_one_whatever_the_case_and_a_comma_may_be_in_them(sign_in, workspace):
    factories.tag(name="VIP")
    client = sign_in(workspace)
    new(client, tags='vip, "big, very", Vip')
    acme = Company.objects.get()
    assert sorted(tag.name for tag in acme.tags.all()) == ["VIP", "big, very"]
    fill_in(client, COMPANIES.url("update", acme.pk), city="Austin")
    assert acme.tags.count() == 2
    fill_in(client, COMPANIES.url("update", acme.pk), tags="VIP")
    assert not Company.objects.search("very").exists() and Company.objects.search("vip").exists()
    assert Tag.objects.count() == 2


def test_the_page_shows_people_and_opportunities_with_their_numbers(sign_in, workspace):
    acme = factories.company(name="Acme", contact_type=ContactType.objects.first())
    acme.tags.set(["vip"])
    for n in range(11):
        factories.opportunity(company=acme, contact=factories.person(name=f"Person {n}", company=acme))
    client = sign_in(workspace)
    with CaptureQueriesContext(connection) as context:
        page = client.get(COMPANIES.url("detail", acme.pk)).content.decode()
    assert len(get_statements(context)) <= 12, get_statements(context)
    assert "All 11 people" in page and "All 11 opportunities" in page
    assert f"/crm/people/?company={acme.pk}" in page and f"/crm/opportunities/?company={acme.pk}" in page
    assert (
        f"/crm/people/new/?company={acme.pk}" in page and f"/crm/opportunities/new/?company={acme.pk}" in page
    )


def test_a_free_mail_domain_is_saved_with_a_warning(sign_in, workspace):
    client = sign_in(workspace)
    factories.company(name="Initech", email_domain="gmail.com")
    page = client.post(COMPANIES.url("create"), {"name": "Acme", "email_domain": "@GMail.com"}, follow=True)
    text = page.content.decode()
    assert Company.objects.get(name="Acme").email_domain == "gmail.com"
    assert "gmail.com is a public email provider" in text
    assert "another company’s domain" not in text, "that says nothing of who is the same"
    typed_text = client.get("/w/acme/crm/companies/twins/", {"email_domain": "gmail.com"}).content.decode()
    assert "gmail.com is a public email provider" in typed_text and "Initech" not in typed_text


def test_companies_of_names_without_letters_are_no_duplicates(sign_in, workspace):
    factories.company(name="!!!")
    client = sign_in(workspace)
    for name in ("???", "★"):
        page = client.get("/w/acme/crm/companies/twins/", {"name": name}).content.decode()
        assert "Another company has this name" not in page
