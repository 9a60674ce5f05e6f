"""Audit trail: each write records user, field, time, source, old and new value."""

import datetime
import re
import uuid
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.handlers.base import BaseHandler
from django.core.signals import request_finished
from django.db import DatabaseError, close_old_connections, connection, models, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.demo.workspaces import erase_demo
from crm.models import Company, Opportunity, Person, Stage, Tag
from crm.tests import factories
from crm.tests.test_viewsets import build_fields
from crm.viewsets import ENTITIES, OPPORTUNITIES, PEOPLE, SETTINGS
from manage import main
from recurring import viewsets as recurring_viewsets
from recurring.models import ClosedMonth, ExchangeRate, RevenueCategory
from recurring.tests import factories as recurring
from tests.contract.test_url_permissions import rows
from tests.support.edit_forms import post_edit
from workspaces.audit.triggers import sync
from workspaces.audit.triggers.immutability import ENTRIES
from workspaces.audit.views import AUDIT_TRAIL
from workspaces.models import AuditEntry, Invitation, Membership, User
from workspaces.tenancy.scope import activate

Action = AuditEntry.Action
WATCHED = [model for model in apps.get_models() if getattr(model, "audited", None)]
MAKE = {
    Company: factories.company,
    RevenueCategory: lambda: recurring.category("Licenses"),
    Tag: factories.tag,
}


def last(**filters):
    return AuditEntry.objects.filter(**filters).first()


def read_entry(entry):
    return entry.action, entry.label, entry.changes


def one_of_each():
    """Return {model: instance}, in the active workspace."""
    all_items = rows()
    for name in ("company", "opportunity", "revenueprofile"):
        all_items[name].tags.add("vip")
    month = datetime.date(2026, 1, 1)
    ExchangeRate.objects.create(month=month, currency="EUR", rate=Decimal("1.1"))
    ClosedMonth.objects.create(month=month, currency="USD", figures={"mrr": "1"})
    return {model: model._base_manager.order_by("pk").first() for model in WATCHED}


def another(field, row):
    """Return a value for the field that differs from its current one."""
    old = getattr(row, field.attname)
    if field.is_relation:
        target = field.related_model._base_manager.exclude(pk=old).first()
        if target is None and not field.null:
            target = MAKE[field.related_model]()
        return target and target.pk
    if field.choices:
        return next(value for value, _ in field.flatchoices if value not in (old, ""))
    if isinstance(field, models.BooleanField):
        return not old
    if isinstance(field, models.DateTimeField):
        return (old or timezone.now()) + datetime.timedelta(days=400)
    if isinstance(field, models.DateField):
        days = datetime.timedelta(days=400 if field.name in ("end", "to_date") else -400)
        return (old or datetime.date(2026, 6, 1)) + days
    if isinstance(field, models.JSONField):
        return {"mrr": "2"}
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, (models.IntegerField, models.DecimalField)):
        return (old or 0) + 1
    return f"{old}x"[-(field.max_length or 100) :]


def test_every_field_of_every_kind_is_told_old_and_new(workspace):
    """Uses an UPDATE of many rows, which bypasses all of our Python code."""
    number = 0
    for model, row in one_of_each().items():
        all_items = model._base_manager.filter(pk=row.pk)
        for field in model.audited.fields(model):
            all_items.update(**{field.attname: another(field, row)})
            state_before, row, entry = row, all_items.get(), last()
            sides = [entry.read(field.name, side) for side in entry.changes.pop(field.name)]
            assert sides == [getattr(state_before, field.attname), getattr(row, field.attname)], field
            assert sides[0] != sides[1] and not entry.changes, field
            assert (entry.action, entry.part_id or entry.object_id) == (Action.CHANGED, row.pk), field
            number += 1
    assert number > 100


def test_no_kind_of_a_workspace_is_unwatched_without_a_reason():
    unwatched = {model.__name__ for model in apps.get_models() if getattr(model, "audited", WATCHED) is None}
    assert unwatched == {"AuditEntry", "StageChange", "Trashed"}
    assert len(WATCHED) >= 20


def test_what_only_the_program_keeps_is_not_told(workspace):
    row = factories.opportunity()
    number = AuditEntry.objects.count()
    Opportunity.objects.update(search_text="other", version=9, updated_at=timezone.now(), name_key="other")
    row.delete()
    Opportunity.trash.update(deleted_at=timezone.now())
    number += 1  # the entry for the move to the trash
    assert AuditEntry.objects.count() == number


@pytest.mark.parametrize("viewset", ENTITIES, ids=lambda viewset: viewset.route)
def test_what_is_done_to_a_record_is_told_of_who_did_it_and_from_where(sign_in, workspace, viewset):
    client = sign_in(workspace)
    client.defaults["REMOTE_ADDR"] = "203.0.113.7"
    client.post(viewset.url("create"), build_fields(viewset))
    row = viewset.model.objects.get()
    assert (last().action, last().label) == (Action.ADDED, "Ziegler & Söhne")
    assert last().changes["name"] == [None, "Ziegler & Söhne"]
    client.post(viewset.url("update", row.pk), build_fields(viewset, name="Anders", version=row.version))
    assert read_entry(last()) == (Action.CHANGED, "Anders", {"name": ["Ziegler & Söhne", "Anders"]})
    client.post(viewset.url("delete", row.pk))
    assert read_entry(last()) == (Action.TRASHED, "Anders", {})
    viewset.model.trash.get().trash_entry.restore()
    assert read_entry(last()) == (Action.RESTORED, "Anders", {})
    *by_us, by_program = AuditEntry.objects.filter(object_id=row.pk, kind=viewset.model._meta.label_lower)[
        ::-1
    ]
    assert {(entry.user_id, entry.actor, entry.address) for entry in by_us} == {
        (client.member.user_id, "Sales Staff", "203.0.113.7")
    }
    assert len({entry.request for entry in by_us}) == 3 and all(entry.request for entry in by_us)
    assert (by_program.user_id, by_program.actor, by_program.address) == (None, "", None)


@pytest.mark.parametrize("viewset", SETTINGS, ids=lambda viewset: viewset.route)
def test_what_an_admin_sets_up_is_told(sign_in, workspace, viewset):
    client = sign_in(workspace, "admin")
    form = {"name": "Neu", "color": "red", "kind": "open", "win_percent": "5", "submission": uuid.uuid4()}
    client.post(viewset.url("create"), form)
    row = viewset.model.objects.get(name="Neu")
    client.post(viewset.url("update", row.pk), form | {"name": "Neuer", "version": row.version})
    assert read_entry(last()) == (Action.CHANGED, "Neuer", {"name": ["Neu", "Neuer"]})
    client.post(viewset.url("retire", row.pk))
    assert set(last().changes) == {"is_retired"}
    client.post(viewset.url("delete", row.pk))
    assert (last().action, last().label, last().changes["name"]) == (Action.DELETED, "Neuer", ["Neuer", None])
    assert last().user_id == client.member.user_id


def test_parts_are_told_in_the_history_of_their_record(workspace):
    row = factories.company(name="Acme")
    row.tags.set(["vip"])
    row.tags.set([])
    profile = recurring.profile(company=row)
    results = AuditEntry.objects.about(row)
    assert [(item.action, item.part, item.label) for item in results][:2] == [
        (Action.DELETED, "crm.taggedcompany", "Acme"),
        (Action.ADDED, "crm.taggedcompany", "Acme"),
    ]
    assert results[0].changes == {"tag": [Tag.objects.get().pk, None]}
    assert "recurring.revenueterm" in {item.part for item in AuditEntry.objects.about(profile)}


def test_a_bulk_deletion_is_told_row_by_row_by_no_further_statement(workspace, django_assert_max_num_queries):
    Person.objects.bulk_create(Person(name=f"P {number}") for number in range(300))
    with django_assert_max_num_queries(1):
        Person.objects.all().update(deleted_at=timezone.now())
    assert AuditEntry.objects.filter(action=Action.TRASHED).count() == 300


# Entries are immutable


def test_what_a_command_does_is_told_as_its_doing(workspace, monkeypatch):
    def work(arguments):
        with activate(workspace):
            factories.company(name="Bakery")

    monkeypatch.setattr("django.core.management.execute_from_command_line", work)
    main(["manage.py", "tidy", "--of=secrets"])
    entry = last(kind="crm.company")
    assert (entry.who, entry.user_id, entry.address) == ("Command: tidy", None, None)
    assert entry in AuditEntry.objects.search("tidy")
    factories.company(name="Butcher")
    assert last(kind="crm.company").who == ""


def attempts():
    entry = f"UPDATE {ENTRIES} SET"
    yield f"{entry} label = 'nothing'"
    yield f"{entry} label = '', changes = '{{}}', search_text = ''"
    yield f"{entry} user_id = NULL"
    yield f"{entry} at = '2020-01-01'"
    yield f"DELETE FROM {ENTRIES}"
    if connection.vendor == "sqlite":
        yield f"INSERT OR REPLACE INTO {ENTRIES} SELECT * FROM {ENTRIES}"
        yield f"UPDATE OR REPLACE {ENTRIES} SET id = id + 1"
    else:
        yield f"TRUNCATE {ENTRIES}"
        yield f"INSERT INTO {ENTRIES} SELECT * FROM {ENTRIES} ON CONFLICT (id) DO UPDATE SET label = ''"


def is_refused(statement):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)
    except DatabaseError as error:
        return "stay as they are" in str(error)
    return False


def test_nobody_changes_or_deletes_entries(workspace):
    factories.company()
    state_before = list(AuditEntry.objects.values())
    assert [statement for statement in attempts() if not is_refused(statement)] == []
    assert list(AuditEntry.objects.values()) == state_before


def test_without_its_guards_each_of_the_attempts_gets_through(workspace):
    """Canary: the attempts fail because of the guards only."""
    factories.company()
    with transaction.atomic():
        with connection.cursor() as cursor:
            existing = sync.pairs(cursor, sync.TRIGGERS[connection.vendor])
            sync.DROP[connection.vendor](cursor, existing)
        assert not any(is_refused(statement) for statement in attempts())
        transaction.set_rollback(True)


def test_what_is_deleted_for_good_leaves_only_that_it_was(sign_in, workspace):
    client = sign_in(workspace, "admin and sales staff")
    ada = factories.person(name="Ada Lovelace", email="ada@example.com")
    kept_values = factories.person(name="Grace Hopper")
    company = factories.company(name="Lovelace Ltd")
    company.tags.add("vip")
    for row in (ada, company):
        client.post(f"/w/acme/crm/{'people' if row is ada else 'companies'}/{row.pk}/delete/")
        client.post(f"/w/acme/crm/trash/{row.trash_entry.pk}/erase/")
        results = AuditEntry.objects.about(row)
        assert {Action.ADDED, Action.TRASHED, Action.ERASED} <= {item.action for item in results}
        assert results.filter(action=Action.ERASED).get().user_id == client.member.user_id
        assert not results.exclude(label="", changes={}, search_text="").exists()
    assert not AuditEntry.objects.filter(search_text__contains="lovelace").exists()
    assert AuditEntry.objects.about(kept_values).get().label == "Grace Hopper"


def test_a_workspace_that_goes_takes_its_entries_along(workspace, other_workspace):
    factories.company()
    erase_demo(workspace)
    with activate(workspace):
        assert not AuditEntry.objects.exists()
    with activate(other_workspace):
        assert AuditEntry.objects.exists()


def test_triggers_are_put_back_where_they_are_missing_and_left_where_they_are_right(
    db, django_assert_num_queries
):
    def there():
        with connection.cursor() as cursor:
            return sorted(sync.pairs(cursor, sync.TRIGGERS[connection.vendor]))

    whole = there()
    with connection.cursor() as cursor:
        sync.DROP[connection.vendor](cursor, whole[3:5])
    assert there() != whole
    sync.sync_triggers("default")
    assert there() == whole
    with django_assert_num_queries(5 if connection.vendor == "postgresql" else 4):
        sync.sync_triggers("default")


# Sign-ins and exports


def test_a_sign_in_is_told_in_every_workspace_of_who_signs_in(client, workspace, other_workspace):
    user = User.objects.create_user("zoe@acme.example", "a few good words", name="Zoë")
    for place in (workspace, other_workspace):
        with activate(place):
            Membership.objects.create(user=user)
    sign_in = {"login": "Zoe@acme.example", "password": "wrong"}
    client.post("/accounts/login/", sign_in, REMOTE_ADDR="198.51.100.9")
    client.post("/accounts/login/", sign_in | {"login": "nobody@acme.example"})
    client.post("/accounts/login/", sign_in | {"password": "a few good words"}, REMOTE_ADDR="198.51.100.9")
    client.post("/accounts/logout/")
    for place in (workspace, other_workspace):
        with activate(place):
            results = AuditEntry.objects.filter(kind="workspaces.membership").exclude(action=Action.ADDED)
            assert [(item.action, item.label, item.user_id) for item in results][::-1] == [
                (Action.SIGN_IN_FAILED, "Zoë", None),
                (Action.SIGNED_IN, "Zoë", user.pk),
                (Action.SIGNED_OUT, "Zoë", user.pk),
            ]
            assert {item.address for item in results[1:]} == {"198.51.100.9"}


def test_a_failed_sign_in_takes_the_same_statements_whether_or_not_the_address_is_known(workspace):
    """Covers the time until the response is sent, so that timing does not reveal which accounts exist."""
    user = User.objects.create_user("zoe@acme.example", "a few good words")
    Membership.objects.create(user=user)
    handler, state_before, state_after = BaseHandler(), {}, {}
    handler.load_middleware()
    request_finished.disconnect(close_old_connections)  # keep the test's connection
    for address in ("zoe@acme.example", "nobody@acme.example"):
        form = {"login": address, "password": "wrong"}
        request = RequestFactory().post("/accounts/login/", form)
        request._dont_enforce_csrf_checks = True
        with CaptureQueriesContext(connection) as state_before[address]:
            response = handler.get_response(request)
        assert response.status_code == 200
        with CaptureQueriesContext(connection) as state_after[address]:
            response.close()
    request_finished.connect(close_old_connections)
    beginnings = [[query["sql"][:30] for query in captured] for captured in state_before.values()]
    assert beginnings[0] == beginnings[1]
    assert [ENTRIES in str(captured.captured_queries) for captured in state_after.values()] == [True, False]


def test_a_changed_password_and_a_changed_right_are_told(sign_in, workspace):
    client = sign_in(workspace, "admin")
    user = client.member.user
    user.set_password("a few good words")
    user.save()
    client.force_login(user)
    answers = {
        "oldpassword": "a few good words",
        "password1": "some better words",
        "password2": "some better words",
    }
    client.post("/accounts/password/change/", answers)
    assert last(action=Action.SECURED).changes == {"what": [None, "Password changed"]}
    client.force_login(User.objects.get(pk=user.pk))
    other_item = Membership.objects.create(user=User.objects.create_user("mira@acme.example", name="Mira"))
    client.post("/accounts/reauthenticate/", {"password": "some better words"})
    post_edit(
        client,
        f"/w/acme/members/{other_item.pk}/",
        {"is_admin": "on", "is_sales_staff": "on", "has_crm_access": "on"},
    )
    assert read_entry(last()) == (Action.CHANGED, "Mira", {"is_admin": [False, True]})
    post_edit(
        client,
        "/w/acme/members/workspace/",
        {"name": "Acme Inc", "currency": "USD", "time_zone": "UTC", "fiscal_year_start": 1},
    )
    assert (last().kind, last().changes["name"]) == ("workspaces.workspace", ["Acme", "Acme Inc"])


def test_an_invitation_is_told_when_sent_and_when_accepted(sign_in, workspace):
    client = sign_in(workspace, "admin")
    client.post("/w/acme/members/invite/", {"email": "new@acme.example", "is_sales_staff": "on"})
    assert (last().action, last().label) == (Action.ADDED, "new@acme.example")
    assert "nonce" not in last().changes
    new = User.objects.create_user("new@acme.example", name="Nina")
    guest = Client()
    guest.force_login(new)
    guest.post(f"/workspaces/join/{Invitation.objects.get().token}/")
    joined = last(kind="workspaces.membership")
    assert (joined.action, joined.label, joined.user_id) == (Action.ADDED, "Nina", new.pk)


def test_an_export_is_told_with_its_rows_and_filter(sign_in, workspace):
    client = sign_in(workspace, "reader")
    won = factories.opportunity(kind="won", name="Roof")
    factories.opportunity(name="Door")
    answer = client.get(OPPORTUNITIES.url("list"), {"export": "csv", "q": "roof", "status": won.status_id})
    assert b"Roof" in b"".join(answer.streaming_content)
    entry = last()
    assert (entry.action, entry.kind, entry.user_id) == (
        Action.EXPORTED,
        "crm.opportunity",
        client.member.user_id,
    )
    assert entry.changes == {"rows": [None, 1], "filter": [None, "Search: roof; Status: Won"]}


# Pages of the audit trail

EVERY = [*ENTITIES, *SETTINGS, *recurring_viewsets.ENTITIES, *recurring_viewsets.SETTINGS]


def test_every_record_leads_to_its_history(sign_in, workspace, django_assert_max_num_queries):
    client, all_items = sign_in(workspace, "admin and sales staff"), one_of_each()
    for viewset in EVERY:
        row = all_items[viewset.model]
        address = viewset.url("history", row.pk)
        assert f'href="{address}"' in client.get(viewset.url("detail", row.pk)).content.decode(), (
            viewset.route
        )
        with django_assert_max_num_queries(12):
            page = client.get(address).content.decode()
        assert "Added" in page and str(getattr(row, "name", "")) in page, viewset.route
        part = client.get(address, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part and "Added" in part


def test_the_entry_of_each_model_has_a_page_and_a_row(sign_in, workspace):
    client, records = sign_in(workspace, "admin and sales staff"), one_of_each()
    for model, record in records.items():
        for field in model.audited.fields(model)[:1]:
            model._base_manager.filter(pk=record.pk).update(**{field.attname: another(field, record)})
        for action in ("detail", "row"):
            answer = client.get(AUDIT_TRAIL.url(action, last().pk))
            assert answer.status_code == 200, (model, action)


def test_a_history_calls_everything_by_its_name_also_what_is_gone(sign_in, workspace):
    client = sign_in(workspace, "admin and sales staff")
    row = factories.opportunity(name="Roof", value=12000)
    row.tags.set(["vip"])
    row.stage, row.close_date, row.assignee = Stage.objects.last(), datetime.date(2026, 3, 9), client.member
    row.priority = Opportunity.Priority.URGENT
    row.save()
    Tag.objects.get().delete()
    page = client.get(OPPORTUNITIES.url("history", row.pk)).content.decode()
    messages_said = ["12,000", "Ready to close", "Mar 9, 2026", "Admin And Sales Staff", "Urgent", "vip"]
    assert [text for text in messages_said if text not in page] == []
    row.delete()
    assert "in the trash" in client.get(OPPORTUNITIES.url("history", row.pk)).content.decode()
    client.post(f"/w/acme/crm/trash/{row.trash_entry.pk}/erase/")
    assert client.get(OPPORTUNITIES.url("history", row.pk)).status_code == 404


def test_a_long_history_comes_by_parts(sign_in, workspace):
    row = factories.person(name="Ada")
    for number in range(30):
        Person.objects.update(title=f"Title {number}.")
    client = sign_in(workspace)
    first = client.get(PEOPLE.url("history", row.pk)).content.decode()
    assert "Title 29." in first and "Title 5." not in first
    older = re.search(r"\?before=\d+", first)[0]
    assert "Title 5." in client.get(PEOPLE.url("history", row.pk) + older).content.decode()


def test_admins_search_and_narrow_the_trail_of_their_workspace_alone(sign_in, workspace, other_workspace):
    with activate(other_workspace):
        factories.company(name="Zürich Theirs")
    factories.company(name="Zürich Ours")
    Company.objects.update(city="Łódź")
    client = sign_in(workspace, "admin")

    def find(**filters):
        page = client.get("/w/acme/audit/", filters)
        return [(entry.action, entry.label) for entry in page.context["table"].records]

    assert find(q="zurich") == [("changed", "Zürich Ours"), ("added", "Zürich Ours")]
    assert find(q="zurich company added") == [("added", "Zürich Ours")]
    assert find(action="changed", kind="crm.company") == [("changed", "Zürich Ours")]
    assert find(user=client.member.user_id) == [("signed_in", "Admin")]
    assert find(q="theirs") == []
    entry = AuditEntry.objects.filter(label="Zürich Ours").first()
    for suffix in ("", "row/"):
        page = client.get(f"/w/acme/audit/{entry.pk}/{suffix}").content.decode()
        assert "Łódź" in page and "City" in page
    exported = b"".join(client.get("/w/acme/audit/", {"export": "all"}).streaming_content).decode()
    assert "Zürich Ours" in exported and "Theirs" not in exported


def test_the_list_asks_no_more_the_longer_it_is(sign_in, workspace, django_assert_max_num_queries):
    client = sign_in(workspace, "admin")
    for _ in range(30):
        factories.company()
    with django_assert_max_num_queries(12):
        client.get("/w/acme/audit/")
