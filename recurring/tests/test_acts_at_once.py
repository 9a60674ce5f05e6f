"""Two people act on one profile: an act asks first only where what it rests on has changed."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm.tests.factories import company
from crm.tests.submitted_forms import Form
from recurring.lifecycle import operations
from recurring.models import RevenueEnding, RevenueProfile
from recurring.tests import factories
from recurring.tests.factories import address


@pytest.fixture
def row(workspace, time_machine):
    time_machine.move_to(datetime(2026, 11, 15, 12, tzinfo=UTC))
    return factories.profile(100, name="Desk", start=date(2026, 1, 1))


ACTS_BESIDE = {
    "amount": {"from_date": "2026-04-01", "amount": "150", "unit": "month"},
    "pause": {"from_date": "2026-04-01"},
    "end": {"end": "2026-06-30", "kind": "client"},
}


def act_form(client, row, name):
    """What the browser sends of an act's form as it is opened, with what is typed into it."""
    return Form(client.get(address(row, name))).values | ACTS_BESIDE[name]


@pytest.mark.parametrize("name", ACTS_BESIDE)
def test_an_act_over_a_change_of_what_it_does_not_rest_on_is_done(sign_in, row, name):
    client = sign_in(row.workspace)
    form = act_form(client, row, name)
    other_item = RevenueProfile.objects.get(pk=row.pk)
    other_item.notes, other_item.name, other_item.notice_days = "Called today", "Desk 2", 30
    other_item.save()
    assert client.post(address(row, name), form).status_code == 302
    saved = RevenueProfile.objects.get(pk=row.pk)
    assert (saved.notes, saved.name, saved.notice_days) == ("Called today", "Desk 2", 30)
    assert saved.version == row.version + 2


OVERLAPS = {
    "a dated row": lambda row: operations.change_amount(
        row, date(2026, 3, 1), amount=Decimal(70), **LINE_BESIDE
    ),
    "a pause": lambda row: operations.pause(row, date(2026, 2, 1), date(2026, 2, 10)),
    "the client": lambda row: save_with(row, company=company(name="Another")),
    "the currency": lambda row: save_with(row, currency="EUR"),
    "the last day": lambda row: save_with(row, end=date(2027, 12, 31)),
}
LINE_BESIDE = {"unit": "month", "count": 1, "quantity": 1, "discount": 0}


def save_with(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


@pytest.mark.parametrize("what", OVERLAPS)
def test_an_act_over_a_change_of_what_it_rests_on_asks_first(sign_in, row, what):
    client = sign_in(row.workspace)
    form = act_form(client, row, "end")
    OVERLAPS[what](RevenueProfile.objects.get(pk=row.pk))
    answer = client.post(address(row, "end"), form)
    assert answer.status_code == 409 and not RevenueEnding.objects.exists()
    assert client.post(address(row, "end"), Form(answer).values).status_code == 302


@pytest.mark.parametrize("without", [["version"], ["version", "basis"]])
def test_an_act_without_the_version_seen_asks_first(sign_in, row, without):
    client = sign_in(row.workspace)
    form = {name: value for name, value in act_form(client, row, "end").items() if name not in without}
    assert client.post(address(row, "end"), form).status_code == 409
    assert not RevenueEnding.objects.exists()


@pytest.mark.parametrize("values", [{"end": "2025-01-01"}, {"preview": "1"}])
def test_a_refusal_or_preview_hides_nothing_that_others_did_meanwhile(sign_in, row, values):
    client = sign_in(row.workspace)
    form = act_form(client, row, "end")
    OVERLAPS["a dated row"](RevenueProfile.objects.get(pk=row.pk))
    shown_text = client.post(address(row, "end"), form | values)
    assert shown_text.status_code == 200
    second_answer = Form(shown_text).values | ACTS_BESIDE["end"]
    assert client.post(address(row, "end"), second_answer).status_code == 409
