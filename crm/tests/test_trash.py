import pytest
from django.urls import reverse

from crm.models import Company, Opportunity, Person, Stage, StageChange, Trashed, trash
from crm.tests import factories
from crm.tests.submitted_forms import send
from crm.viewsets import COMPANIES, PEOPLE
from tests.support.pages import page_html


def entry(row):
    return Trashed.objects.get(kind=row._meta.label_lower, row_id=row.pk)


def page(client, name="crm:trashed-list", *args):
    return page_html(client.get(reverse(name, args=args)))


@pytest.fixture
def acme(workspace):
    """A company with two people and an opportunity, whose contact is one of them."""
    acme = factories.company(name="Acme")
    ada, _ = factories.person(name="Ada", company=acme), factories.person(name="Bob", company=acme)
    factories.opportunity(name="Roof", company=acme, contact=ada)
    return acme


def test_the_page_says_what_is_connected(sign_in, workspace, acme):
    text = page_html(sign_in(workspace).get(COMPANIES.url("delete", acme.pk)))
    assert "2 people, 1 opportunity" in text and "These records will be kept, without this company" in text


def test_who_was_with_a_company_stays_and_returns_to_it(sign_in, workspace, acme):
    client = sign_in(workspace)
    client.post(COMPANIES.url("delete", acme.pk))
    assert not Company.objects.exists()
    assert [row.company for row in [*Person.objects.all(), *Opportunity.objects.all()]] == [None] * 3
    assert not Person.objects.search("acme").exists() and not Opportunity.objects.search("acme").exists()
    entry(acme).restore()
    assert {row.company for row in [*Person.objects.all(), *Opportunity.objects.all()]} == {acme}
    assert Person.objects.search("acme").count() == 2 and Company.objects.search("ada").get() == acme


def test_who_found_another_company_stays_there(workspace, acme):
    acme.delete()
    ada = Person.objects.get(name="Ada")
    ada.company = factories.company(name="Initech")
    ada.save()
    entry(acme).restore()
    assert Person.objects.get(name="Ada").company.name == "Initech"


def test_undo_takes_back_a_whole_deletion(sign_in, workspace):
    client = sign_in(workspace)
    rows = [factories.person(name=f"Person {n}") for n in range(3)]
    factories.person(name="Other").delete()
    answer = client.post(PEOPLE.url("delete-many"), {"ids": [row.pk for row in rows]})
    text = client.get(answer.url).content.decode()
    undo = reverse("crm:trashed-undo", args=[entry(rows[0]).pk])
    assert f'action="{undo}"' in text
    client.post(undo)
    assert set(Person.objects.all()) == set(rows) and Trashed.objects.count() == 1


def test_a_second_press_of_delete_says_so(sign_in, workspace, acme):
    client = sign_in(workspace)
    client.post(COMPANIES.url("delete", acme.pk))
    answer = client.post(COMPANIES.url("delete", acme.pk))
    assert (
        answer.url == COMPANIES.url("list") and "Already deleted" in client.get(answer.url).content.decode()
    )


def test_deleting_leads_back_to_the_list_as_it_was_but_not_to_the_deleted_page(sign_in, workspace):
    client, rows = sign_in(workspace), [factories.person() for _ in range(2)]
    back = f"{PEOPLE.url('list')}?q=person"
    assert client.post(PEOPLE.url("delete", rows[0].pk), {"next": back}).url == back
    own_value = PEOPLE.url("detail", rows[1].pk)
    assert client.post(PEOPLE.url("delete", rows[1].pk), {"next": own_value}).url == PEOPLE.url("list")


def test_a_person_is_gone_from_the_search_for_their_company_and_returns(workspace, acme):
    ada = Person.objects.get(name="Ada")
    ada.delete()
    assert not Company.objects.search("ada").exists() and not Opportunity.objects.search("ada").exists()
    entry(ada).restore()
    assert Company.objects.search("ada").exists() and Opportunity.objects.search("ada").exists()


@pytest.mark.parametrize("first", ["Ada", "Acme"])
def test_both_deleted_both_are_connected_again_in_whichever_order(workspace, acme, first):
    ada = Person.objects.get(name="Ada")
    ada.delete()
    acme.delete()
    rows = sorted([ada, acme], key=lambda row: row.name != first)
    entry(rows[0]).restore()
    assert ada != rows[0] or Person.objects.get(name="Ada").company is None
    entry(rows[1]).restore()
    assert Person.objects.get(name="Ada").company == acme


def test_a_person_restored_without_their_company_can_be_seen(sign_in, workspace, acme):
    ada = Person.objects.get(name="Ada")
    ada.delete()
    acme.delete()
    entry(ada).restore()
    client = sign_in(workspace)
    for action in ("detail", "row", "update"):
        assert client.get(PEOPLE.url(action, ada.pk)).status_code == 200
    assert not Person.objects.search("acme").exists()


def test_renamed_while_in_the_trash_it_is_found_by_the_new_name(workspace, acme):
    ada = Person.objects.get(name="Ada")
    ada.delete()
    acme.name = "Globex"
    acme.save()
    entry(ada).restore()
    assert Person.objects.search("globex ada").get() == ada and not Person.objects.search("acme ada").exists()


def test_the_history_of_an_opportunity_outlives_its_deletion(workspace):
    roof = factories.opportunity()
    roof.stage = Stage.objects.first()
    roof.save()
    roof.delete()
    entry(roof).restore()
    assert StageChange.objects.get().opportunity == roof


def test_an_edit_begun_before_does_not_undo_the_detachment(sign_in, workspace, acme):
    client, ada = sign_in(workspace), Person.objects.get(name="Ada")
    address = PEOPLE.url("update", ada.pk)
    form = client.get(address)
    acme.delete()
    assert send(client, form, address, title="Countess").status_code == 302
    ada.refresh_from_db()
    assert (ada.title, ada.company) == ("Countess", None)


def test_the_trash_lists_what_and_who(sign_in, workspace, acme):
    client = sign_in(workspace)
    client.post(COMPANIES.url("delete", acme.pk))
    text = page(client)
    assert "Acme" in text and "Company" in text and "Sales Staff" in text and "Restore" in text
    assert "for good" not in text


def test_its_list_takes_as_many_queries_for_many(sign_in, workspace, django_assert_max_num_queries):
    for viewset in (factories.company, factories.person, factories.opportunity):
        for _ in range(5):
            viewset().delete()
    client = sign_in(workspace, "admin")
    client.get(reverse("crm:dashboard"))  # the first request of a process looks for snapshots of yesterday
    with django_assert_max_num_queries(8):
        page(client)
    for captured in ("x", "0", "99", "9" * 30):
        assert client.get(reverse("crm:trashed-list"), {"page": captured}).status_code == 200


def test_admins_erase_one_or_all_after_being_asked(sign_in, workspace, acme):
    roof = Opportunity.objects.get()
    roof.tags.set(["vip"])
    for row in (roof, acme, *Person.objects.all()):
        row.delete()
    client = sign_in(workspace, "admin")
    address = reverse("crm:trashed-erase", args=[entry(acme).pk])
    assert "won’t be able to restore" in client.get(address).content.decode() and Company.trash.exists()
    client.post(address)
    assert not Company.with_trash.exists()
    client.post(reverse("crm:trashed-empty"))
    assert Trashed.objects.count() == 3, "not without what the page showed"
    last = Trashed.objects.order_by("-pk")[0].pk
    assert "Delete 3 records permanently" in page(client, "crm:trashed-empty")
    factories.person(name="Late").delete()
    client.post(reverse("crm:trashed-empty"), {"last": last})
    assert [row.name for row in Trashed.objects.all()] == ["Late"]
    assert Person.with_trash.count() == 1 and not Opportunity.with_trash.exists()


@pytest.mark.parametrize("name", ["crm:trashed-erase", "crm:trashed-empty"])
def test_sales_staff_do_not_erase(sign_in, workspace, acme, name):
    acme.delete()
    args = [entry(acme).pk] if name.endswith("erase") else []
    assert sign_in(workspace).post(reverse(name, args=args), {"last": 99999}).status_code == 403
    assert Company.trash.exists()


def test_readers_look_and_restore_nothing(sign_in, workspace, acme):
    acme.delete()
    client = sign_in(workspace, "reader")
    assert "Acme" in page(client) and "Restore" not in page(client)
    assert client.post(reverse("crm:trashed-restore", args=[entry(acme).pk])).status_code == 403


def test_what_is_restored_already_is_not_found(sign_in, workspace, acme):
    acme.delete()
    client, address = sign_in(workspace), reverse("crm:trashed-restore", args=[entry(acme).pk])
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 404


def test_many_are_detached_in_batches(workspace, monkeypatch):
    monkeypatch.setattr(trash, "AT_ONCE", 2)
    acme, other_item = factories.company(name="Acme"), factories.company(name="Other")
    for company in (acme, other_item):
        for _ in range(5):
            factories.person(company=company)
    Company.objects.all().delete()
    assert not Person.objects.exclude(company=None).exists()
    for row in (acme, other_item):
        entry(row).restore()
    assert acme.people.count() == other_item.people.count() == 5


def test_bulk_deletion_costs_the_same_for_many(workspace, django_assert_max_num_queries):
    for _ in range(30):
        factories.person(company=factories.company())
    with django_assert_max_num_queries(16):
        Company.objects.all().delete()
