"""What is done to a profile: each act a dated row, with its preview; bad input says so and writes nothing."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from crm.tests.submitted_forms import send
from recurring.models import RevenueCategory, RevenueEnding, RevenuePause, RevenueProfile, RevenueTerm
from recurring.reporting.dataset import DatasetFilters, RevenueDataset
from recurring.tests import factories
from recurring.tests.factories import address, build_operation_form
from tests.support.pages import page_html

DATED = RevenueTerm, RevenuePause, RevenueEnding


@pytest.fixture
def row(workspace, time_machine):
    time_machine.move_to(datetime(2026, 11, 15, 12, tzinfo=UTC))
    return factories.profile(100, name="Desk", start=date(2026, 1, 1))


def number_of_rows():
    return [model.objects.count() for model in DATED]


def do(client, row, act, **said):
    """Send an act's form; the profile then is as it is saved."""
    response = client.post(address(row, act), build_operation_form(row, **said))
    row.refresh_from_db()
    return response


def months(**chosen):
    """The MRR of each month of 2026, as the graphs have it."""
    ledger = RevenueDataset(DatasetFilters(**chosen)).ledger(date(2026, 1, 1), date(2026, 12, 1))
    return [int(month.closing) for month in ledger.months]


def test_an_amount_changes_from_its_day_on(sign_in, row):
    response = do(
        sign_in(row.workspace),
        row,
        "amount",
        from_date="2026-04-01",
        amount="150",
        unit="month",
        reason="upsell",
    )
    assert response.status_code == 302
    assert months() == [100] * 3 + [150] * 9
    assert (row.mrr, row.version) == (150, 2)
    assert row.updated_by is not None


def test_a_category_changes_from_its_day_on_and_a_new_one_is_made(sign_in, row):
    do(sign_in(row.workspace), row, "category", from_date="2026-04-01", category="Gardening")
    gardening = RevenueCategory.objects.get(name="Gardening")
    assert row.category == gardening
    assert months(categories=frozenset({gardening.pk})) == [0] * 3 + [100] * 9
    assert months() == [100] * 12


def test_paused_and_resumed_it_is_no_churn(sign_in, row):
    client = sign_in(row.workspace)
    do(client, row, "pause", from_date="2026-04-01", reason="Renovation")
    assert (row.state, row.mrr) == ("paused", 0)
    do(client, row, "resume", from_date="2026-06-01")
    assert months() == [100] * 3 + [0] * 2 + [100] * 7
    assert (row.state, row.mrr) == ("live", 100)
    assert RevenuePause.objects.live().get().to_date == date(2026, 5, 31)
    assert RevenuePause.objects.count() == 2, "the open pause stays to be looked back at"


def test_ended_and_undone_the_churn_is_gone(sign_in, row):
    client = sign_in(row.workspace)
    do(client, row, "end", end="2026-04-30", notice_date="2026-03-15", kind="client", reason="price")
    assert months() == [100] * 4 + [0] * 8
    assert row.state == "ended"
    do(client, row, "undo")
    assert months() == [100] * 12
    assert row.state == "live"
    assert RevenueEnding.objects.get().superseded_by.user.name == "Sales Staff"


def test_a_correction_supersedes_and_both_stay(sign_in, row):
    client, term = sign_in(row.workspace), RevenueTerm.objects.get()
    messages_said = {
        "from_date": "2026-01-01",
        "amount": "120",
        "unit": "month",
        "category": "Support",
        "note": "A slip",
    }
    response = client.post(
        reverse("recurring:revenueterm-correct", args=[term.pk]), build_operation_form(row, **messages_said)
    )
    assert response.status_code == 302
    assert months() == [120] * 12
    assert RevenueTerm.objects.count() == 2
    page = page_html(client.get(row.get_absolute_url()))
    assert "1 corrected or removed entry" in page
    assert "A slip" in page


def correct(client, row, day, **said):
    """Send the form that puts the amount of a day right."""
    term = RevenueTerm.objects.live().get(from_date=day)
    page = reverse("recurring:revenueterm-correct", args=[term.pk])
    same_items = {
        "from_date": f"{day}",
        "unit": "month",
        "category": term.category.name,
        "reason": term.reason,
    }
    response = client.post(page, build_operation_form(row, **same_items | said))
    row.refresh_from_db()
    return response


APRIL = date(2026, 4, 1)


def test_an_amount_goes_on_through_a_category_change_that_changed_nothing_else(sign_in, row):
    client = sign_in(row.workspace)
    do(client, row, "category", from_date="2026-04-01", category="Gardening", note="Moved")
    page = page_html(correct(client, row, row.start, amount="120", preview="1"))
    assert "The new amount also applies after these changes of category: Apr 1, 2026" in page
    assert months() == [100] * 12, "so far it was looked at only"
    correct(client, row, row.start, amount="120")
    gardening = RevenueCategory.objects.get(name="Gardening")
    assert months() == [120] * 12
    assert months(categories=frozenset({gardening.pk})) == [0] * 3 + [120] * 9
    assert [term.note for term in RevenueTerm.objects.filter(from_date=APRIL)] == ["Moved", "Moved"]
    do(client, row, "amount", from_date="2026-02-01", amount="150", unit="month")
    assert months() == [120] + [150] * 11
    february = RevenueTerm.objects.live().get(from_date=date(2026, 2, 1))
    client.post(
        reverse("recurring:revenueterm-correct", args=[february.pk]), build_operation_form(row, take_out="1")
    )
    assert months() == [120] * 12, "and back as it was"
    page = page_html(client.get(row.get_absolute_url()))
    assert "5 corrected or removed entries" in page


def test_a_category_change_moved_to_another_day_follows_what_is_agreed_there(sign_in, row):
    client = sign_in(row.workspace)
    do(client, row, "amount", from_date="2026-03-01", amount="150", unit="month")
    do(client, row, "category", from_date="2026-04-01", category="Gardening")
    correct(client, row, APRIL, amount="150", from_date="2026-02-01")
    assert months() == [100] * 2 + [150] * 10


def test_an_amount_that_was_agreed_anew_stays_whatever_becomes_of_those_before(sign_in, row):
    client = sign_in(row.workspace)
    do(client, row, "category", from_date="2026-04-01", category="Gardening")
    correct(client, row, APRIL, amount="130")  # by now it changed the amount as well
    do(client, row, "amount", from_date="2026-07-01", amount="150", unit="month")
    page = page_html(correct(client, row, row.start, amount="120", preview="1"))
    assert "goes on through" not in page
    correct(client, row, row.start, amount="120")
    assert months() == [120] * 3 + [130] * 3 + [150] * 6


def test_a_wrong_row_is_taken_out_but_not_the_first_amount(sign_in, row):
    client, first = sign_in(row.workspace), RevenueTerm.objects.get()
    do(client, row, "amount", from_date="2026-04-01", amount="1500", unit="month")
    wrong = RevenueTerm.objects.live().get(from_date=date(2026, 4, 1))
    for term, status in ((wrong, 302), (first, 200)):
        row.refresh_from_db()
        page = reverse("recurring:revenueterm-correct", args=[term.pk])
        assert client.post(page, build_operation_form(row, take_out="1")).status_code == status
    assert months() == [100] * 12


def test_what_is_to_be_taken_out_has_no_preview_of_what_cannot_be_read(sign_in, row):
    client = sign_in(row.workspace)
    do(client, row, "pause", from_date="2026-04-01", to_date="2026-04-30")
    row.refresh_from_db()
    page = reverse("recurring:revenuepause-correct", args=[RevenuePause.objects.get().pk])
    messages_said = {"from_date": "2026-04-01", "to_date": "soon", "preview": "1", "take_out": "1"}
    assert "to_date" in client.post(page, build_operation_form(row, **messages_said)).context["form"].errors
    assert RevenuePause.objects.live().exists()


def test_pauses_and_endings_are_put_right_too(sign_in, row):
    client = sign_in(row.workspace)
    do(client, row, "pause", from_date="2026-04-01", to_date="2026-04-30")
    do(client, row, "end", end="2026-09-30", kind="client")
    pause, ending = RevenuePause.objects.get(), RevenueEnding.objects.get()
    messages_said = {"from_date": "2026-05-01", "to_date": "2026-06-30"}
    client.post(
        reverse("recurring:revenuepause-correct", args=[pause.pk]), build_operation_form(row, **messages_said)
    )
    row.refresh_from_db()
    messages_said = {"end": "2026-10-31", "kind": "us"}
    client.post(
        reverse("recurring:revenueending-correct", args=[ending.pk]),
        build_operation_form(row, **messages_said),
    )
    assert months() == [100] * 4 + [0] * 2 + [100] * 4 + [0] * 2


def test_the_preview_shows_the_months_and_changes_nothing(sign_in, row):
    client = sign_in(row.workspace)
    state_before = number_of_rows()
    messages_said = {"end": "2026-04-30", "kind": "client", "preview": "1"}
    results = client.post(address(row, "end"), build_operation_form(row, **messages_said)).context["preview"]
    assert [(month.month, month.before, month.after) for month in results.months[:2]] == [
        (date(2026, 5, 1), 100, 0),
        (date(2026, 6, 1), 100, 0),
    ]
    assert results.goes_on
    assert number_of_rows() == state_before
    row.refresh_from_db()
    assert (row.version, row.state) == (1, "live")
    part = client.post(
        address(row, "end"),
        build_operation_form(row, **messages_said),
        headers={"HX-Request": "true", "HX-Target": "preview"},
    )
    assert "<html" not in part.content.decode() and "May 2026" in part.content.decode()


def test_the_preview_makes_no_category(sign_in, row):
    messages_said = {"from_date": "2026-04-01", "category": "Gardening", "preview": "1"}
    response = sign_in(row.workspace).post(
        address(row, "category"), build_operation_form(row, **messages_said)
    )
    assert "Support → Gardening" in response.content.decode()
    assert not RevenueCategory.objects.filter(name="Gardening").exists()


AMOUNT = {"amount": "150", "unit": "month"}


WRONG = [
    (
        "amount",
        {**AMOUNT, "from_date": "2026-01-01"},
        "from_date",
        "There is already an amount from Jan 1, 2026",
    ),
    ("amount", {**AMOUNT, "from_date": "2025-12-31"}, "from_date", "The first day is"),
    ("amount", {**AMOUNT, "from_date": "2026-02-31"}, "from_date", "a valid date"),
    ("amount", {**AMOUNT, "from_date": "3026-01-01"}, "from_date", "in 2100 or earlier"),
    ("amount", {**AMOUNT, "from_date": ""}, "from_date", "required"),
    (
        "amount",
        {"from_date": "2026-03-01", "amount": "100", "unit": "month"},
        "amount",
        "already the amount",
    ),
    ("amount", {**AMOUNT, "from_date": "2026-03-01", "amount": "-1"}, "amount", "Enter 0 or more"),
    (
        "amount",
        {**AMOUNT, "from_date": "2026-03-01", "amount": "1.0000000000001"},
        "amount",
        "at most 4 decimal places",
    ),
    (
        "amount",
        {**AMOUNT, "from_date": "2026-03-01", "reason": "mood"},
        "reason",
        "Choose one of the available options",
    ),
    ("category", {"from_date": "2026-03-01", "category": "support"}, "category", "already"),
    ("category", {"from_date": "2026-01-01", "category": "Hosting"}, "from_date", "already"),
    ("pause", {"from_date": "2026-05-01", "to_date": "2026-04-01"}, "to_date", "ends before it starts"),
    (
        "pause",
        {"from_date": "2026-07-10"},
        "from_date",
        "already paused from Jul 1, 2026 to Jul 31, 2026",
    ),
    ("pause", {"from_date": "2026-06-01"}, "from_date", "already paused"),
    ("pause", {"from_date": "2026-12-01"}, "from_date", "It ends on Nov 30, 2026"),
    ("resume", {"from_date": "2026-12-01"}, "from_date", "isn’t paused"),
    ("end", {"end": "2026-10-31", "kind": "client"}, "end", "It already ends on Nov 30, 2026"),
    ("end", {"end": "nonsense", "kind": "client"}, "end", "a valid date"),
]


def test_what_cannot_be_is_said_at_the_field_and_nothing_is_written(sign_in, row, subtests):
    client = sign_in(row.workspace)
    do(client, row, "pause", from_date="2026-07-01", to_date="2026-07-31")
    do(client, row, "end", end="2026-11-30", kind="client")
    state_before = number_of_rows()
    for act, messages_said, field, sentence in WRONG:
        with subtests.test(act=act, said=messages_said):
            response = do(client, row, act, **messages_said)
            assert response.status_code == 200
            assert sentence in response.context["form"].errors[field].as_text()
            assert number_of_rows() == state_before


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"end": "2025-12-31", "kind": "client"}, "end", "The first day is"),
        (
            {"end": "2026-03-31", "notice_date": "2026-04-01", "kind": "client"},
            "notice_date",
            "after the last day",
        ),
    ],
)
def test_an_ending_that_cannot_be_is_refused(sign_in, row, said, field, sentence):
    response = do(sign_in(row.workspace), row, "end", **said)
    assert sentence in response.context["form"].errors[field].as_text()
    assert not RevenueEnding.objects.exists()


def test_free_is_an_amount(sign_in, row):
    do(sign_in(row.workspace), row, "amount", from_date="2026-04-01", amount="0", unit="month")
    assert months() == [100] * 3 + [0] * 9


def test_the_first_amount_cannot_be_moved_away_from_the_first_day(sign_in, row):
    term = RevenueTerm.objects.get()
    messages_said = {"from_date": "2026-02-01", "amount": "100", "unit": "month", "category": "Support"}
    response = sign_in(row.workspace).post(
        reverse("recurring:revenueterm-correct", args=[term.pk]), build_operation_form(row, **messages_said)
    )
    assert "update the profile" in response.context["form"].errors["from_date"].as_text()
    assert RevenueTerm.objects.get().superseded_at is None


def test_a_form_sent_twice_acts_once(sign_in, row):
    client, form = sign_in(row.workspace), build_operation_form(row, from_date="2026-04-01", **AMOUNT)
    for _ in range(2):
        assert client.post(address(row, "amount"), form).status_code == 302
    assert RevenueTerm.objects.count() == 2


def test_over_somebody_else_s_change_nothing_is_done_unasked(sign_in, row):
    client, stale = sign_in(row.workspace), row.version
    do(client, row, "amount", from_date="2026-04-01", **AMOUNT)
    form = {"version": stale, "submission": uuid.uuid4(), "end": "2026-06-30", "kind": "client"}
    answer = client.post(address(row, "end"), form)
    assert answer.status_code == 409
    assert not RevenueEnding.objects.exists()
    assert 'value="2026-06-30"' in answer.content.decode()
    assert client.post(address(row, "end"), {**form, "version": row.version}).status_code == 302


def test_what_is_shown_after_an_act_is_what_its_preview_said(sign_in, row):
    client = sign_in(row.workspace)
    messages_said = {
        "from_date": "2026-04-01",
        "amount": "99.99",
        "unit": "month",
        "quantity": "3",
        "discount": "12.5",
    }
    results = client.post(
        address(row, "amount"), build_operation_form(row, **messages_said, preview="1")
    ).context["preview"]
    do(client, row, "amount", **messages_said)
    assert results.months[0].after == row.mrr == Decimal("262.4738")


def test_of_a_profile_in_the_trash_nothing_is_changed(sign_in, row):
    client, term = sign_in(row.workspace), RevenueTerm.objects.get()
    RevenueProfile.objects.all().delete()
    assert client.get(address(row, "amount")).status_code == 404
    assert client.get(reverse("recurring:revenueterm-correct", args=[term.pk])).status_code == 404


def test_a_category_renamed_meanwhile_is_still_meant(sign_in, workspace):
    row = factories.profile(100, category_name="Support")
    client, term = sign_in(workspace), RevenueTerm.objects.get()
    url = reverse("recurring:revenueterm-correct", args=[term.pk])
    page = client.get(url)
    category = row.category
    category.name = "Care"
    category.save()
    assert send(client, page, url, amount="120").status_code == 302
    assert RevenueTerm.objects.live().get().category == category
    assert not RevenueCategory.objects.filter(name="Support").exists()
