"""A form takes what it asks for, and nothing else that is sent along."""

import datetime

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import override_settings

from tests.contract.test_url_permissions import rows
from tests.security.support.page_forms import PageForm, Quick, differences, read_all_rows
from workspaces.models import Membership, WorkspaceModel
from workspaces.tenancy.scope import activate

pytestmark = [pytest.mark.security, pytest.mark.usefixtures("quiet")]

OURS = [
    model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in ("workspaces", "crm", "recurring")
]
# Fields of a form that the page does not show: {column: why they may be sent}.
PROPOSED = {
    "color": "an entry that is added gets the first color that is free, or one that is sent along",
    "win_percent": "a stage proposes it when an opportunity is moved, and the form takes another one",
}
# A step takes what the page after it asks for, where the step calls for that.
OF_A_STEP = {"close_date", "loss_reason"}
LATE = datetime.datetime(2001, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)


def planted_for(field, theirs):
    """What an attacker would like to see in the column, as a value and as it is sent."""
    if field.is_relation:
        value = theirs.get(field.related_model, 987_654)
        return value, str(value)
    if isinstance(field, models.BooleanField):
        return None, None  # sent apart, on and off
    if field.choices:
        value = field.flatchoices[-1][0]
        return value, str(value)
    if isinstance(field, models.DateTimeField):
        return LATE, LATE.isoformat()
    if isinstance(field, models.DateField):
        return LATE.date(), LATE.date().isoformat()
    if isinstance(field, models.UUIDField):
        return None, None  # the form's own key, which it sends itself
    if isinstance(field, (models.IntegerField, models.DecimalField)):
        return 777, "777"
    if isinstance(field, models.JSONField):
        return ["planted"], '["planted"]'
    return "planted", "planted"


def columns(theirs):
    """{(table, column): what would be seen in it} of all tables of ours, and {name: what is sent}."""
    fields = [(model, field) for model in OURS for field in model._meta.concrete_fields]
    # Of columns of one name in several tables the choosiest says what is sent: others would take it, too.
    fields.sort(key=lambda pair: bool(pair[1].choices))
    sent_data, seen_values = {}, {}
    for _, field in fields:
        value, text = planted_for(field, theirs)
        if text is not None:
            sent_data |= dict.fromkeys({field.name, field.attname}, text)
            seen_values |= {(field.attname, text): str(value)}
    values = {
        (model._meta.label, field.attname): seen_values[field.attname, sent_data[field.attname]]
        for model, field in fields
        if field.attname in sent_data
    }
    return values, sent_data


def switches():
    """The names of all columns that are on or off."""
    fields = [field for model in OURS for field in model._meta.concrete_fields]
    return {field.attname for field in fields if isinstance(field, models.BooleanField)}


def bare(name):
    return name.removesuffix("_id").removesuffix("-id")


def send_and_compare(client, before, address, typed):
    """(status, differences) of what is sent, and then as if it had not been."""
    with transaction.atomic():
        answer = client.post(address, typed)
        changed = differences(before, read_all_rows())
        transaction.set_rollback(True)
    return answer.status_code, changed


def columns_of(changed):
    """{(table, column, value)} of what is not as it was."""
    return {
        (label, name, str(value))
        for (label, _), (old, new) in changed.items()
        for name, value in (new or {}).items()
        if value != (old or {}).get(name)
    }


def list_taken_fields(client, before, form, planted, sent):
    """(what shows that the form takes what it does not ask for, whether it was accepted)."""
    captured = (
        {bare(item.name) for item in form.fields} | {bare(name) for name, _ in form.buttons} | PROPOSED.keys()
    )
    captured |= OF_A_STEP if form.action.endswith("/move/") else set()
    typed_text = form.filled()
    plain, by_itself = send_and_compare(client, before, form.action, typed_text)
    results, wrong = set(), []
    for flip in ({}, dict.fromkeys(switches(), "on")):
        extra = {name: text for name, text in (sent | flip).items() if bare(name) not in captured}
        status, changed = send_and_compare(client, before, form.action, extra | typed_text)
        for label, name, value in columns_of(changed):
            if bare(name) not in captured and (planted.get((label, name)) == value or name in flip):
                results.add((label, name, value))
        if status != plain:  # refused for what it should not have looked at
            wrong.append(f"{form}: answers {status} and not {plain}")
    results -= columns_of(by_itself)
    return wrong + [
        f"{form}: {label}.{name} = {value}" for label, name, value in sorted(results)
    ], plain == 302


@pytest.fixture
def theirs(other_workspace):
    """{model: id} of rows that are not ours."""
    with activate(other_workspace):
        results = {type(row): row.pk for row in rows().values()}
        results |= {type(row).user.field.related_model: row.user_id for row in Membership.objects.all()}
    return results | {type(other_workspace): other_workspace.pk}


def test_no_form_takes_what_it_does_not_ask_for(theirs, site, reach):
    values, sent_data = columns(theirs)
    state_before, results, accepted = read_all_rows(), [], 0
    # What a form takes does not depend on where it is stored: one of the two is looked at whole.
    sample = site.posted[:: reach(3, 1 if connection.vendor == "sqlite" else 3)]
    for browser, form in sample:
        took, is_accepted = list_taken_fields(browser, state_before, form, values, sent_data)
        results += took
        accepted += is_accepted
    print(
        f"{len(sample)} forms, {len(sent_data)} names sent along, {accepted} accepted: {len(results)} taken"
    )
    assert results == []
    assert accepted > 0.6 * len(sample), "a form that refuses what is sent proves nothing"


@override_settings(WORKSPACE_URLCONF="tests.security.support.planted_defects")
def test_a_form_that_takes_every_field_is_seen(theirs, sign_in, workspace):
    """The canary."""
    client = Quick.like(sign_in(workspace, "admin"))
    results, _ = list_taken_fields(
        client, read_all_rows(), PageForm("/w/acme/planted/takes/", "post"), *columns(theirs)
    )
    assert any("workspaces.Workspace.slug" in line for line in results)


def test_every_row_of_ours_is_of_a_workspace_or_said_not_to_be():
    outside = {model.__name__ for model in OURS if not issubclass(model, WorkspaceModel)}
    assert outside <= {"User", "Workspace"}
