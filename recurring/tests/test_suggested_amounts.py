"""An operation is offered on a profile's page exactly where it is accepted."""

from datetime import UTC, date, datetime, timedelta

import pytest

from recurring.forms import OPERATIONS
from recurring.lifecycle import operations
from recurring.models import RevenuePause
from recurring.tests import factories
from recurring.tests.factories import address, build_operation_form
from recurring.viewsets import PROFILES

TODAY = date(2026, 6, 15)
LAST_YEAR, YESTERDAY, TOMORROW = date(2025, 1, 1), date(2026, 6, 14), date(2026, 6, 16)


def ended(row, day=YESTERDAY):
    operations.end(row, day)


def paused(row, first=date(2026, 6, 1), last=None):
    operations.pause(row, first, last)


def fixed_end_past(row):
    row.end = YESTERDAY
    row.save()
    row.renew_standing()


def starts(day, **more):
    return {"start": day, **more}


# {state: (what the profile is entered with, what is done to it then)}
STATES = {
    "live": (starts(LAST_YEAR), []),
    "upcoming": (starts(date(2026, 7, 1)), []),
    "upcoming, with an ending": (starts(date(2026, 7, 1)), [lambda row: ended(row, date(2027, 1, 1))]),
    "ended": (starts(LAST_YEAR), [ended]),
    "ended today": (starts(LAST_YEAR), [lambda row: ended(row, TODAY)]),
    "notice given": (starts(LAST_YEAR), [lambda row: ended(row, date(2026, 9, 30))]),
    "paused": (starts(LAST_YEAR), [paused]),
    "paused until a day": (starts(LAST_YEAR), [lambda row: paused(row, last=date(2026, 7, 1))]),
    "with a planned pause": (starts(LAST_YEAR), [lambda row: paused(row, date(2026, 7, 1))]),
    "with a planned pause of per month": (
        starts(LAST_YEAR),
        [lambda row: paused(row, date(2026, 7, 1), date(2026, 7, 31))],
    ),
    "paused, with another pause planned": (
        starts(LAST_YEAR),
        [
            lambda row: paused(row, last=date(2026, 6, 30)),
            lambda row: paused(row, date(2026, 8, 1), date(2026, 8, 31)),
        ],
    ),
    "paused and ended": (starts(LAST_YEAR), [paused, ended]),
    "paused, notice given": (starts(LAST_YEAR), [paused, lambda row: ended(row, date(2026, 9, 30))]),
    "ended before a planned pause": (
        starts(LAST_YEAR),
        [lambda row: paused(row, date(2026, 7, 1)), ended],
    ),
    "fixed end in the past": (starts(LAST_YEAR, end=YESTERDAY, renewal="manual"), []),
    "fixed end long past": (starts(LAST_YEAR, end=date(2025, 6, 30), renewal="manual"), []),
    "fixed end to come": (starts(LAST_YEAR, end=date(2026, 12, 31), renewal="manual"), []),
    "fixed end past, paused": (starts(LAST_YEAR, renewal="manual"), [paused, fixed_end_past]),
    "term over": (starts(LAST_YEAR, term_months=12, renewal="manual"), []),
    "term running": (starts(date(2026, 1, 1), term_months=12, renewal="manual"), []),
    "renews by itself": (starts(LAST_YEAR, term_months=12, renewal="automatic"), []),
}


@pytest.fixture
def profile_in(workspace, time_machine):
    time_machine.move_to(datetime(2026, 6, 15, 12, tzinfo=UTC))

    def make_profile(state):
        entered, completed = STATES[state]
        row = factories.profile(100, **entered)
        for act in completed:
            act(row)
        return row

    return make_profile


def filled_in(client, row, act):
    """Return the values the form proposes, with the least that has to be typed."""
    form = client.get(address(row, act)).context["form"]
    values = {name: form.initial.get(name, field.initial) for name, field in form.fields.items()}
    values |= {"kind": "client"} if "kind" in form.fields else {}
    changed = {"amount": {"amount": "321"}, "category": {"category": "Hosting"}}.get(act, {})
    if act in changed and values["from_date"] == row.start:
        changed |= {"from_date": row.start + timedelta(1)}  # it begins with an amount already
    values |= changed
    return {name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize("state", STATES)
def test_what_is_offered_is_accepted_and_nothing_else(sign_in, workspace, profile_in, subtests, state):
    client = sign_in(workspace)
    for act in OPERATIONS:
        with subtests.test(act=act):
            row = profile_in(state)
            offered_items = dict(client.get(PROFILES.url("detail", row.pk)).context["acts"])
            response = client.post(
                address(row, act), build_operation_form(row, **filled_in(client, row, act))
            )
            accepted = response.status_code == 302
            assert accepted == (act in offered_items), response.context and response.context["form"].errors
            if not accepted:
                assert response.context["form"].errors and response.status_code == 200


@pytest.mark.parametrize("state", ["ended", "paused and ended", "ended before a planned pause"])
@pytest.mark.parametrize(
    ("act", "day"), [("resume", "2026-06-10"), ("resume", "2026-06-20"), ("pause", "2026-05-01")]
)
def test_what_has_ended_is_neither_paused_nor_resumed(sign_in, workspace, profile_in, state, act, day):
    client, row = sign_in(workspace), profile_in(state)
    state_before = list(RevenuePause.objects.values_list("pk", "superseded_at"))
    response = client.post(address(row, act), build_operation_form(row, from_date=day))
    assert "It ended on Jun 14, 2026" in str(response.context["form"].errors)
    assert list(RevenuePause.objects.values_list("pk", "superseded_at")) == state_before


def test_to_resume_a_planned_pause_is_to_cancel_it(sign_in, workspace, profile_in):
    client, row = sign_in(workspace), profile_in("with a planned pause")
    page = client.get(PROFILES.url("detail", row.pk)).content.decode()
    assert "Cancel planned pause" in page and ">Resume" not in page
    form = client.get(address(row, "resume"))
    assert "Cancel planned pause" in form.content.decode() and "Jul 1, 2026" in form.content.decode()
    response = client.post(address(row, "resume"), build_operation_form(row), follow=True)
    assert not RevenuePause.objects.live().exists()
    assert "Saved: cancel planned pause" in response.content.decode()


def test_the_pause_that_is_on_is_resumed_not_the_one_to_come(sign_in, workspace, profile_in):
    client, row = sign_in(workspace), profile_in("paused, with another pause planned")
    client.post(address(row, "resume"), build_operation_form(row, from_date="2026-06-15"))
    remaining = RevenuePause.objects.live().values_list("from_date", "to_date")
    assert set(remaining) == {(date(2026, 6, 1), YESTERDAY), (date(2026, 8, 1), date(2026, 8, 31))}


def test_it_is_not_resumed_after_its_last_day(sign_in, workspace, profile_in):
    client, row = sign_in(workspace), profile_in("paused, notice given")
    response = client.post(address(row, "resume"), build_operation_form(row, from_date="2026-10-01"))
    assert "It ends on Sep 30, 2026" in str(response.context["form"].errors)
