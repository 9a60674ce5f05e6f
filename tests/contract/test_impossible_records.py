"""Records that reference the trash, possible by SQL only: pages work and show "—" for them.

All such references are created, one at a time, so that a new model's are included.
"""

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from crm.models import Opportunity, Person, Trashed
from crm.models.trash import references_to_records
from crm.tests import factories
from crm.viewsets import COMPANIES, OPPORTUNITIES, PEOPLE
from recurring.models import RevenueProfile
from recurring.tests import factories as revenue
from recurring.viewsets import PROFILES

VIEWSETS = {viewset.model: viewset for viewset in (COMPANIES, PEOPLE, OPPORTUNITIES, PROFILES)}
REFERENCES = [
    (model, field.name)
    for model in apps.get_models()
    if getattr(model, "is_business_data", False)
    for field in references_to_records(model)
]


def create_record(model):
    """Create an instance of the model with "needle" in its name and all references set."""
    company = factories.company(name="Acme needle")
    person = factories.person(name="Ada needle", company=company)
    sale = factories.opportunity(name="Roof needle", company=company, contact=person)
    profile = revenue.profile(company=company, name="Care needle", opportunity=sale)
    return {Person: person, Opportunity: sale, RevenueProfile: profile}[model]


def plant(record, field):
    """Move the referenced record into the trash, bypassing the product."""
    target = getattr(record, field)
    with connection.cursor() as cursor:
        table = target._meta.db_table
        cursor.execute(f"UPDATE {table} SET deleted_at = CURRENT_TIMESTAMP WHERE id = %s", [target.pk])  # noqa: S608
    Trashed.objects.create(kind=target._meta.label_lower, row_id=target.pk, name=str(target))
    return target


def pages(viewset, record):
    names = "list", "create", "filters"
    yield from (viewset.url(name) for name in names)
    yield f"{viewset.url('list')}?q=needle"
    yield from (f"{viewset.url('list')}?sort={sign}{name}" for name in viewset.columns for sign in ("", "-"))
    yield from (viewset.url(name, record.pk) for name in ("detail", "row", "update", "delete"))
    yield f"{reverse('crm:search')}?q=needle"
    yield reverse("crm:dashboard")
    yield reverse("crm:trashed-list")
    yield reverse("recurring:graphs")


@pytest.mark.parametrize(("model", "field"), REFERENCES)
def test_every_page_works_and_shows_nothing_for_it(sign_in, workspace, model, field):
    record, viewset = create_record(model), VIEWSETS[model]
    target = plant(record, field)
    client = sign_in(workspace, "admin and sales staff")
    for url in pages(viewset, record):
        assert client.get(url).status_code == 200, url
    record = model.objects.get(pk=record.pk)
    assert str(record) and getattr(record, field) is None
    assert getattr(record, f"{field}_id") == target.pk, "reading it changes nothing"
    exported = client.get(f"{viewset.url('list')}?export=csv")
    assert record.name in b"".join(exported.streaming_content).decode()


REFUSED = {"erase": "can’t be deleted because these records need it", "empty": "stayed in the trash because"}


@pytest.mark.parametrize(("model", "field"), REFERENCES)
@pytest.mark.parametrize("way", ["erase", "empty"])
def test_what_it_points_at_can_be_erased_or_a_sentence_says_why_not(sign_in, workspace, model, field, way):
    record = create_record(model)
    target = plant(record, field)
    client = sign_in(workspace, "admin")
    entry = Trashed.objects.get()
    if way == "erase":
        response = client.post(reverse("crm:trashed-erase", args=[entry.pk]))
    else:
        response = client.post(reverse("crm:trashed-empty"), {"last": entry.pk})
    assert response.status_code == 302
    text = client.get(response.url).content.decode()
    is_gone = not type(target).with_trash.filter(pk=target.pk).exists()
    if (field == "company" and model is not RevenueProfile) or field != "company":
        assert is_gone or REFUSED[way] in text
    else:
        assert not is_gone and REFUSED[way] in text


def test_a_client_is_erased_after_its_impossible_profile(sign_in, workspace):
    profile = create_record(RevenueProfile)
    company = plant(profile, "company")
    client, entry = sign_in(workspace, "admin and sales staff"), Trashed.objects.get()
    assert client.post(PROFILES.url("delete", profile.pk)).status_code == 302
    last = Trashed.objects.order_by("-pk")[0].pk
    assert client.post(reverse("crm:trashed-empty"), {"last": last}).status_code == 302
    assert not type(company).with_trash.filter(pk=company.pk).exists()
    assert not Trashed.objects.filter(pk=entry.pk).exists()


@pytest.mark.parametrize(("model", "field"), REFERENCES)
def test_restored_it_points_at_nothing_that_is_in_the_trash(sign_in, workspace, model, field):
    record = create_record(model)
    for name in ("revenue_profiles", "opportunities"):  # references that would block the deletion
        for other_item in getattr(record, name, model.objects.none()).all():
            other_item.delete()
    record.delete()
    target = plant(record, field)
    client = sign_in(workspace)
    entry = Trashed.objects.get(kind=model._meta.label_lower, row_id=record.pk)
    response = client.post(reverse("crm:trashed-restore", args=[entry.pk]), {"confirmed": 1})
    assert response.status_code == 302
    row = model.objects.filter(pk=record.pk).first()
    if model._meta.get_field(field).null:
        assert getattr(row, f"{field}_id") is None
    else:
        assert row is None and "is in the trash too" in client.get(response.url).content.decode()
    assert target.pk


def test_there_are_references_to_plant():
    assert len(REFERENCES) >= 5
    assert {model for model, _ in REFERENCES} == {Person, Opportunity, RevenueProfile}
