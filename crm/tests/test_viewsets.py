"""What every kind can do, derived from ENTITIES: a new kind is held to it from its first day."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Trashed
from crm.tests import factories
from crm.viewsets import ENTITIES

ids = {"ids": lambda viewset: viewset.route}
each_kind = pytest.mark.parametrize("viewset", ENTITIES, **ids)


def build_fields(viewset, **differences):
    """What somebody types into the form of the kind, at the least."""
    least = {"name": "Ziegler & Söhne", "submission": uuid.uuid4()}
    if viewset.route == "opportunities":
        least |= {"status": factories.status().pk, "win_percent": "10", "priority": "2"}
    return least | differences


def create_rows(viewset, number=1):
    maker = getattr(factories, viewset.model._meta.model_name)
    return [maker() for _ in range(number)]


@each_kind
def test_a_row_is_added_found_changed_deleted_and_restored(sign_in, workspace, viewset):
    client = sign_in(workspace)
    client.post(viewset.url("create"), build_fields(viewset))
    row = viewset.model.objects.get()
    assert row.created_by == client.member

    assert "Ziegler" in client.get(viewset.url("list"), {"q": "ziegler sohne"}).content.decode()
    assert "Ziegler" in client.get(viewset.url("row", row.pk)).content.decode()

    client.post(viewset.url("update", row.pk), build_fields(viewset, name="Anders", version=row.version))
    row.refresh_from_db()
    assert (row.name, row.version, row.updated_by) == ("Anders", 2, client.member)

    client.post(viewset.url("delete", row.pk))
    assert not viewset.model.objects.exists()
    assert client.get(viewset.url("detail", row.pk)).status_code == 404
    Trashed.objects.get().restore()
    assert client.get(viewset.url("detail", row.pk)).status_code == 200


@each_kind
def test_a_form_sent_twice_makes_one_row(sign_in, workspace, viewset):
    client, form = sign_in(workspace), build_fields(viewset)
    first, second = client.post(viewset.url("create"), form), client.post(viewset.url("create"), form)
    assert first.url == second.url
    assert viewset.model.objects.count() == 1


@each_kind
def test_a_form_without_a_name_says_so_and_keeps_what_was_typed(sign_in, workspace, viewset):
    other_item = {"opportunities": "value", "companies": "city", "people": "title"}[viewset.route]
    form = build_fields(viewset, name="", **{other_item: "4321"})
    page = sign_in(workspace).post(viewset.url("create"), form).content.decode()
    assert "This field is required." in page
    assert "4321" in page
    assert not viewset.model.objects.exists()


@each_kind
def test_every_column_sorts_both_ways_and_blanks_come_last(sign_in, workspace, viewset):
    client = sign_in(workspace)
    blank, full = create_rows(viewset, 2)
    columns = [column for column in viewset.get_table()(data=[]).columns if column.orderable]
    assert columns
    for column in columns:
        for sort in (column.name, f"-{column.name}"):
            page = client.get(viewset.url("list"), {"sort": sort})
            assert {row.record for row in page.context["table"].rows} == {blank, full}, sort
            assert b"aria-sort" in page.content, sort


@each_kind
@pytest.mark.parametrize("action", ["list", "detail", "row"])
def test_queries_do_not_grow_with_the_rows(sign_in, workspace, viewset, action):
    client, row = sign_in(workspace), create_rows(viewset)[0]
    address = viewset.url(action) if action == "list" else viewset.url(action, row.pk)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few_items = queries()
    company = row if viewset.route == "companies" else factories.company()
    for number in range(12):
        person = factories.person(company=company)
        contact = row if viewset.route == "people" else person
        tagged = factories.opportunity(
            company=company, contact=contact, stage=factories.models.Stage.objects.first()
        )
        tagged.tags.add(f"tag {number}")
        create_rows(viewset)
    assert queries() <= max(few_items + 2, 12), (
        "one more kind of related row may cost a query, one more row may not"
    )
