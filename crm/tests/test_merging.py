"""Two people edit one record: disjoint changes are merged, overlaps are shown, nothing is taken back."""

import pytest
from django.test import Client
from django.urls import reverse

from conftest import ROLES
from crm.models import Company, Opportunity, Person, Stage, Status
from crm.tests import factories
from crm.tests.submitted_forms import Form, fill_in, send
from crm.tests.test_integrity import open_form
from crm.viewsets import COMPANIES, OPPORTUNITIES, PEOPLE, STAGES
from workspaces.models import Membership, User
from workspaces.tenancy.scope import activate


@pytest.fixture
def teammate(client, workspace):
    """A second member of the workspace, with a browser of their own."""
    user = User.objects.create_user("tess@acme.example", name="Tess Teammate")
    with activate(workspace):
        Membership.objects.create(user=user, **ROLES["admin and sales staff"])
    browser = Client()
    browser.force_login(user)
    return browser


def notices(page):
    return [str(message) for message in page.context["messages"]]


def test_fields_that_only_others_changed_stay_as_they_saved_them(sign_in, workspace, teammate):
    acme = factories.company(name="Acme", city="Austin", zip="1")
    client = sign_in(workspace)
    send_mine = open_form(client, acme, COMPANIES, zip="2")
    fill_in(teammate, COMPANIES.url("update", acme.pk), city="Berlin")
    answer = send_mine()
    assert answer.status_code == 302
    acme.refresh_from_db()
    assert (acme.city, acme.zip) == ("Berlin", "2")
    assert "Tess Teammate changed City in the meantime." in notices(client.get(acme.get_absolute_url()))


def test_ones_own_other_tab_is_named_so(sign_in, workspace):
    acme = factories.company(name="Acme", city="Austin")
    client = sign_in(workspace)
    send_mine = open_form(client, acme, COMPANIES, zip="2")
    fill_in(client, COMPANIES.url("update", acme.pk), city="Berlin", state="BE")
    send_mine()
    page = client.get(acme.get_absolute_url())
    assert "You (in another tab) changed City and State in the meantime." in notices(page)


def test_only_overlaps_are_shown_and_saving_again_changes_nothing_else(sign_in, workspace, teammate):
    acme = factories.company(name="Acme", city="Austin", zip="1")
    client = sign_in(workspace)
    send_mine = open_form(client, acme, COMPANIES, city="Cologne")
    fill_in(teammate, COMPANIES.url("update", acme.pk), city="Berlin", zip="9", tags="north")
    page = send_mine()
    text = page.content.decode()
    assert page.status_code == 409
    assert [(field.name, theirs, mine) for field, theirs, mine in page.context["differing"]] == [
        ("city", "Berlin", "Cologne")
    ]
    assert "Tess Teammate changed this field while you were editing it" in text
    assert "Tess Teammate changed Zip and Tags in the meantime." in notices(page)
    assert Form(page).values["city"] == "Cologne" and Form(page).values["zip"] == "9"
    assert send(client, page, COMPANIES.url("update", acme.pk)).status_code == 302
    acme.refresh_from_db()
    assert (acme.city, acme.zip, [str(tag) for tag in acme.tags.all()]) == ("Cologne", "9", ["north"])


def test_a_third_change_during_the_conflict_is_merged_too(sign_in, workspace, teammate):
    acme = factories.company(name="Acme", city="Austin", zip="1")
    client = sign_in(workspace)
    send_mine = open_form(client, acme, COMPANIES, city="Cologne")
    fill_in(teammate, COMPANIES.url("update", acme.pk), city="Berlin")
    page = send_mine()
    fill_in(teammate, COMPANIES.url("update", acme.pk), zip="9")
    assert send(client, page, COMPANIES.url("update", acme.pk)).status_code == 302
    acme.refresh_from_db()
    assert (acme.city, acme.zip) == ("Cologne", "9")


def test_the_same_value_typed_by_both_is_no_conflict(sign_in, workspace, teammate):
    acme = factories.company(name="Acme", city="Austin")
    send_mine = open_form(sign_in(workspace), acme, COMPANIES, city="Berlin")
    fill_in(teammate, COMPANIES.url("update", acme.pk), city="Berlin")
    assert send_mine().status_code == 302


def test_tags_of_both_are_kept(sign_in, workspace, teammate):
    acme = factories.company(name="Acme")
    fill_in(teammate, COMPANIES.url("update", acme.pk), tags="old, gone")
    send_mine = open_form(sign_in(workspace), acme, COMPANIES, tags="old, mine")
    fill_in(teammate, COMPANIES.url("update", acme.pk), tags="old, gone, theirs")
    assert send_mine().status_code == 302
    acme.refresh_from_db()
    assert {str(tag) for tag in acme.tags.all()} == {"old", "mine", "theirs"}


def test_a_long_note_of_another_is_not_taken_back(sign_in, workspace, teammate):
    ada = factories.person(name="Ada", description="first line\nsecond line\n" * 200)
    send_mine = open_form(sign_in(workspace), ada, PEOPLE, title="Countess")
    fill_in(teammate, PEOPLE.url("update", ada.pk), description="short")
    assert send_mine().status_code == 302
    ada.refresh_from_db()
    assert (ada.title, ada.description) == ("Countess", "short")


def test_relations_are_compared_by_id(sign_in, workspace, teammate):
    first, second = factories.company(name="First"), factories.company(name="Second")
    ada = factories.person(name="Ada", company=first)
    send_mine = open_form(sign_in(workspace), ada, PEOPLE, title="Countess")
    fill_in(teammate, PEOPLE.url("update", ada.pk), company="Second")
    assert send_mine().status_code == 302
    ada.refresh_from_db()
    assert (ada.title, ada.company) == ("Countess", second)


def test_a_company_deleted_meanwhile_is_not_made_again(sign_in, workspace, teammate):
    ada = factories.person(name="Ada", company=factories.company(name="Acme"))
    send_mine = open_form(sign_in(workspace), ada, PEOPLE, title="Countess")
    teammate.post(COMPANIES.url("delete", ada.company_id))
    assert send_mine().status_code == 302
    ada.refresh_from_db()
    assert (ada.title, ada.company) == ("Countess", None) and not Company.objects.exists()


def test_rules_between_fields_hold_for_the_merged_record(sign_in, workspace, teammate):
    roof = factories.opportunity(name="Roof", value=12_000)
    won = Status.objects.get(kind="won")
    send_mine = open_form(sign_in(workspace), roof, OPPORTUNITIES, value="15,000")
    fill_in(teammate, OPPORTUNITIES.url("update", roof.pk), status=won.pk)
    assert send_mine().status_code == 302
    roof.refresh_from_db()
    assert (roof.value, roof.status) == (15_000, won) and roof.close_date == workspace.today()


def test_a_number_written_in_another_way_is_not_a_change(sign_in, workspace, teammate):
    roof = factories.opportunity(name="Roof", value=12_000)
    send_mine = open_form(sign_in(workspace), roof, OPPORTUNITIES, value="12000", priority="3")
    fill_in(teammate, OPPORTUNITIES.url("update", roof.pk), value="13,000")
    assert send_mine().status_code == 302
    assert Opportunity.objects.get().value == 13_000


def test_a_step_is_merged_with_what_others_changed(sign_in, workspace, teammate):
    roof = factories.opportunity(name="Roof", value=12_000)
    client, demo = sign_in(workspace), Stage.objects.get(name="Demo")
    page = client.get(roof.get_absolute_url())
    fill_in(teammate, OPPORTUNITIES.url("update", roof.pk), value="15,000")
    step = {**Form(page, "moves").values, "stage": demo.pk}
    assert client.post(OPPORTUNITIES.url("detail", roof.pk) + "move/", step).status_code == 302
    roof.refresh_from_db()
    assert (roof.value, roof.stage, roof.win_percent) == (15_000, demo, demo.win_percent)


def test_two_steps_from_the_same_page_are_a_conflict(sign_in, workspace, teammate):
    roof = factories.opportunity(name="Roof")
    client, (first, second) = sign_in(workspace), Stage.objects.exclude(pk=roof.stage_id)[:2]
    page = client.get(roof.get_absolute_url())
    fill_in(teammate, OPPORTUNITIES.url("update", roof.pk), stage=first.pk)
    step = {**Form(page, "moves").values, "stage": second.pk}
    answer = client.post(OPPORTUNITIES.url("detail", roof.pk) + "move/", step)
    assert answer.status_code == 409 and "Tess Teammate" in answer.content.decode()


def test_a_picklist_value_is_merged(sign_in, workspace, teammate):
    demo = Stage.objects.get(name="Demo")
    client = sign_in(workspace, "admin")
    send_mine = open_form(client, demo, STAGES, win_percent="44")
    fill_in(teammate, STAGES.url("update", demo.pk), name="Presentation")
    assert send_mine().status_code == 302
    demo.refresh_from_db()
    assert (demo.name, demo.win_percent) == ("Presentation", 44)


def test_a_value_replaced_meanwhile_does_not_come_back(sign_in, workspace, teammate):
    lead, demo = Stage.objects.all()[:2]
    roof = factories.opportunity(name="Roof", stage=lead)
    send_mine = open_form(sign_in(workspace), roof, OPPORTUNITIES, value="5")
    lead.replace_with(demo)
    assert send_mine().status_code == 302
    roof.refresh_from_db()
    assert (roof.stage, roof.value) == (demo, 5)


@pytest.mark.parametrize(
    "base", ["", "x", "[]", "{", '{"city": {}}', '{"city": null}', "9" * 5000, "[" * 5000]
)
def test_starting_values_that_cannot_be_read_take_nothing_back(sign_in, workspace, teammate, base):
    acme = factories.company(name="Acme", city="Austin")
    send_mine = open_form(sign_in(workspace), acme, COMPANIES, zip="2", base=base)
    fill_in(teammate, COMPANIES.url("update", acme.pk), city="Berlin")
    assert send_mine().status_code == 409
    acme.refresh_from_db()
    assert acme.city == "Berlin"


def test_what_is_wrong_is_said_with_the_merged_values_in_place(sign_in, workspace, teammate):
    ada = factories.person(name="Ada", title="Miss")
    send_mine = open_form(sign_in(workspace), ada, PEOPLE, email="no address")
    fill_in(teammate, PEOPLE.url("update", ada.pk), title="Countess")
    page = send_mine()
    assert page.status_code == 200 and Form(page).values["title"] == "Countess"
    assert "Tess Teammate changed Title in the meantime." in notices(page)
    assert Person.objects.get().email == ""


def test_a_value_that_was_dragged_leaves_another_order_as_it_is(sign_in, workspace):
    admin = sign_in(workspace, "admin")
    a, b, c, d = shown_text = list(Stage.objects.values_list("pk", flat=True))[:4]
    rest = list(Stage.objects.values_list("pk", flat=True))[4:]
    Stage.objects.put_in_order([b, a, c, d, *rest])  # by somebody else, meanwhile
    dragged = [a, b, d, c, *rest]
    assert shown_text != dragged
    admin.post(reverse("crm:stage-order"), {"ids": dragged, "moved": d})
    assert list(Stage.objects.values_list("pk", flat=True)) == [b, d, a, c, *rest]


@pytest.mark.parametrize("typed", [None, "Other"])
def test_a_company_renamed_meanwhile_is_still_meant(sign_in, workspace, teammate, typed):
    acme = factories.company(name="Acme")
    ada = factories.person(name="Ada", company=acme)
    changes = {"title": "Countess"} | ({"company": typed} if typed else {})
    send_mine = open_form(sign_in(workspace), ada, PEOPLE, **changes)
    fill_in(teammate, COMPANIES.url("update", acme.pk), name="Zebra")
    assert send_mine().status_code == 302
    ada.refresh_from_db()
    assert ada.title == "Countess"
    if typed:  # without scripts the id stays what it was, and the text counts
        assert ada.company.name == "Other"
    else:
        assert ada.company == acme and Company.objects.count() == 1
