"""Two people at once, a second press of Save, a row gone meanwhile: nothing is lost, nothing there twice."""

import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from crm.models import Company, ContactType, Opportunity, Person, Stage
from crm.tests import factories
from crm.tests.submitted_forms import Form, fill_in, send
from crm.viewsets import COMPANIES, OPPORTUNITIES, PEOPLE
from crud.models import EditConflict
from crud.views.edit import CreateView
from workspaces.tenancy.scope import activate


def open_form(client, row, viewset, **typed):
    """The form of a row, opened; to be sent later."""
    address = viewset.url("update", row.pk)
    page = client.get(address)
    return lambda: send(client, page, address, **typed)


def test_an_edit_over_another_one_shows_both_texts_and_loses_neither(sign_in, workspace):
    lead = ContactType.objects.get(name="Lead")
    acme = factories.company(name="Acme", city="Austin")
    client = sign_in(workspace)
    send_mine = open_form(client, acme, COMPANIES, city="Berlin", tags="vip", contact_type=lead.pk)
    fill_in(client, COMPANIES.url("update", acme.pk), city="Cologne", tags="north")
    page = send_mine()
    text = page.content.decode()
    assert page.status_code == 409
    assert [(field.name, theirs, mine) for field, theirs, mine in page.context["differing"]] == [
        ("city", "Cologne", "Berlin")
    ]
    assert "You (in another tab) changed this field while you were editing it" in text
    assert Form(page).values["city"] == "Berlin"
    acme.refresh_from_db()
    assert acme.city == "Cologne"
    assert send(client, page, COMPANIES.url("update", acme.pk)).status_code == 302
    acme.refresh_from_db()
    assert (acme.city, acme.contact_type) == ("Berlin", lead)
    assert {str(tag) for tag in acme.tags.all()} == {"vip", "north"}


def test_a_conflict_makes_nothing_on_the_spot(sign_in, workspace):
    roof = factories.opportunity()
    client = sign_in(workspace)
    send_mine = open_form(client, roof, OPPORTUNITIES, company="New one", value="6")
    fill_in(client, OPPORTUNITIES.url("update", roof.pk), value="5")
    page = send_mine()
    assert page.status_code == 409 and not Company.objects.exists()
    send(client, page, OPPORTUNITIES.url("update", roof.pk))
    assert Opportunity.objects.get().company.name == "New one"


@pytest.mark.parametrize("version", ["", "x", "0", "-1", "9" * 40, str(2**63 - 1), None])
def test_an_edit_without_a_right_version_is_a_conflict(sign_in, workspace, version):
    acme = factories.company(name="Acme")
    assert (
        fill_in(
            sign_in(workspace), COMPANIES.url("update", acme.pk), name="Other", version=version
        ).status_code
        == 409
    )
    assert Company.objects.get().name == "Acme"


def test_a_step_of_what_is_gone_is_not_found(sign_in, workspace):
    roof = factories.opportunity()
    address = OPPORTUNITIES.url("detail", roof.pk + 1) + "move/"
    step = {"stage": roof.stage_id or "", "status": roof.status_id, "version": "1"}
    assert sign_in(workspace).post(address, step).status_code == 404


def test_a_row_deleted_meanwhile_is_restored_with_what_was_typed(sign_in, workspace):
    acme = factories.company(name="Acme")
    client = sign_in(workspace)
    send_mine = open_form(client, acme, COMPANIES, city="Berlin")
    client.post(COMPANIES.url("delete", acme.pk))
    page = send_mine()
    assert page.status_code == 409 and "Sales Staff deleted this" in page.content.decode()
    assert Form(page).values["city"] == "Berlin"
    assert send(client, page, COMPANIES.url("update", acme.pk), restore="1").status_code == 302
    assert Company.objects.get().city == "Berlin"


def test_a_row_erased_meanwhile_may_be_saved_anew(sign_in, workspace):
    acme = factories.company(name="Acme")
    client = sign_in(workspace)
    send_mine = open_form(client, acme, COMPANIES, city="Berlin")
    acme.delete()
    acme.trash_entry.erase()
    page = send_mine()
    assert page.status_code == 404
    assert send(client, page, COMPANIES.url("update", acme.pk)).status_code == 302
    assert Company.objects.get().city == "Berlin"


def test_a_form_sent_twice_makes_one_row(sign_in, workspace):
    client = sign_in(workspace)
    page = client.get(OPPORTUNITIES.url("create"))
    typed_text = {
        "name": "Roof",
        "company": "Acme",
        "tags": "vip",
        "stage": Stage.objects.last().pk,
        "value": "1,000",
    }
    first, second = (send(client, page, OPPORTUNITIES.url("create"), **typed_text) for _ in range(2))
    assert first.url == second.url
    assert Opportunity.objects.count() == Company.objects.count() == 1


def test_a_form_changed_after_it_was_sent_changes_the_row_it_made(sign_in, workspace):
    client = sign_in(workspace)
    page = client.get(PEOPLE.url("create"))
    send(client, page, PEOPLE.url("create"), name="Ada")
    second_answer = send(client, page, PEOPLE.url("create"), name="Ada Lovelace")
    assert (
        "already saved" in second_answer.content.decode()
        and Form(second_answer).values["name"] == "Ada Lovelace"
    )
    send(client, second_answer, PEOPLE.url("create"))
    assert Person.objects.get().name == "Ada Lovelace"


@pytest.mark.parametrize("key", ["", "x", None])
def test_a_form_without_a_key_is_saved_all_the_same(sign_in, workspace, key):
    client = sign_in(workspace)
    for _ in range(2):
        assert fill_in(client, PEOPLE.url("create"), name="Ada", submission=key).status_code == 302
    assert Person.objects.count() == 2


def test_a_deleted_rows_form_makes_a_new_one(sign_in, workspace):
    client = sign_in(workspace)
    page = client.get(PEOPLE.url("create"))
    send(client, page, PEOPLE.url("create"), name="Ada")
    Person.objects.get().delete()
    send(client, page, PEOPLE.url("create"), name="Ada")
    assert Person.objects.count() == 1


def test_a_twin_that_was_quicker_by_a_blink_is_found(sign_in, workspace, monkeypatch):
    key = uuid.uuid4()
    client = sign_in(workspace)
    factories.person(name="Ada", submission=key)
    captured = CreateView.made_by
    calls = []
    monkeypatch.setattr(
        CreateView, "made_by", lambda view, key: captured(view, key) if calls else calls.append(key)
    )
    answer = fill_in(client, PEOPLE.url("create"), name="Ada", submission=str(key))
    assert answer.status_code == 302 and Person.objects.count() == 1


def test_a_save_over_a_version_not_seen_raises(workspace):
    acme = factories.company(name="Acme")
    mine, theirs = Company.objects.get(), Company.objects.get()
    theirs.city = "Berlin"
    theirs.save(update_fields=["city"])
    mine.name = "Other"
    for options in ({}, {"update_fields": ["name"]}, {"force_update": True}):
        with pytest.raises(EditConflict), transaction.atomic():
            mine.save(**options)
    assert mine.version == acme.version and Company.objects.get().city == "Berlin"


def test_a_row_with_an_id_of_its_own_is_inserted(workspace):
    Company(pk=77, name="Acme").save()
    assert Company.objects.get().pk == 77


def test_a_limited_save_keeps_what_else_is_changed_for_the_next(workspace):
    acme = factories.company(name="Acme")
    factories.person(company=acme, name="Ada")
    acme.name, acme.city = "Other", "Berlin"
    acme.save(update_fields=["city"])
    acme.save()
    assert Person.objects.search("other").exists()


# At the very same time, on connections of their own


@contextmanager
def several_at_once(workspace, folder):
    """run(function, arguments): the answers, all begun together, each on a connection of its own."""
    if connection.vendor == "sqlite":
        # In memory, as in tests, nobody waits for a lock: have a file, as in production.
        connection.ensure_connection()
        with closing(sqlite3.connect(folder / "socius.sqlite3")) as file:
            connection.connection.backup(file)
            # As `migrate` leaves it; else each would want to switch it over, alone, at the same time.
            file.execute("PRAGMA journal_mode=WAL")
        memory, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], folder / "socius.sqlite3"

    def run(function, arguments):
        start = Barrier(len(arguments))

        def one(argument):
            start.wait(30)
            try:
                with activate(workspace):
                    return function(argument)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(arguments)) as threads:
            return list(threads.map(one, arguments))

    try:
        yield run
    finally:
        if connection.vendor == "sqlite":
            connection.settings_dict["NAME"] = memory


def press_save(cookies, address, typed):
    """The status of the answer to a form that is sent."""
    client = Client()
    client.cookies = cookies
    return client.post(address, typed).status_code


@pytest.mark.django_db(transaction=True)
def test_four_presses_at_once_make_one_row(sign_in, workspace, tmp_path):
    client, address = sign_in(workspace), OPPORTUNITIES.url("create")
    typed_text = {**Form(client.get(address)).values, "name": "Roof", "company": "Acme"}
    with several_at_once(workspace, tmp_path) as run:
        assert run(lambda _: press_save(client.cookies, address, typed_text), range(4)) == [302] * 4
        assert run(lambda model: model.objects.count(), [Opportunity, Company]) == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_once_one_is_saved_and_the_other_told(sign_in, workspace, tmp_path):
    client, address = sign_in(workspace), COMPANIES.url("update", factories.company(name="Acme").pk)
    typed_text = Form(client.get(address)).values
    with several_at_once(workspace, tmp_path) as run:
        answers = run(
            lambda city: press_save(client.cookies, address, {**typed_text, "city": city}),
            ["Austin", "Berlin"],
        )
    assert sorted(answers) == [302, 409]
