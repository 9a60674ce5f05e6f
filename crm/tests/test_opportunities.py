import csv
import datetime
import io

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Company, LossReason, Opportunity, Person, Source, Stage, StageChange, Status
from crm.tests import factories
from crm.tests.submitted_forms import Form, fill_in, get_field_error, get_statements, send
from crm.viewsets import OPPORTUNITIES
from crud.models import EditConflict
from tests.support.pages import page_html

MAY_2 = datetime.date(2026, 5, 2)


def new(client, **typed):
    return fill_in(client, OPPORTUNITIES.url("create"), **{"name": "Roof", **typed})


def edit(client, row, **typed):
    return fill_in(client, OPPORTUNITIES.url("update", row.pk), **typed)


def move(client, row, **step):
    row.refresh_from_db()
    return client.post(reverse("crm:opportunity-move", args=[row.pk]), {"version": row.version, **step})


def stage(name):
    return Stage.objects.get(name=name)


def test_a_new_one_begins_open_in_the_first_stage_and_is_mine(sign_in, workspace):
    client = sign_in(workspace)
    new(client)
    roof = Opportunity.objects.get()
    assert (roof.kind, roof.stage.name, roof.win_percent) == ("open", "Qualification", 10)
    assert (roof.get_priority_display(), roof.assignee, roof.value) == ("Normal", client.member, None)
    assert (roof.close_date, roof.loss_reason, roof.created_by) == (None, None, client.member)


def test_every_field_is_kept(sign_in, workspace):
    new(
        sign_in(workspace),
        company="Acme",
        contact="Ada",
        stage=stage("Demo").pk,
        value="$12,000",
        win_percent="33 %",
        expected_close="2026-07-01",
        priority="4",
        source=Source.objects.get(name="Referral").pk,
        assignee="",
        tags="vip, north",
    )
    roof = Opportunity.objects.get()
    assert (roof.company.name, roof.contact.name, roof.stage.name, roof.value) == (
        "Acme",
        "Ada",
        "Demo",
        12000,
    )
    assert roof.contact.company == roof.company, "made together, they belong together"
    assert (roof.win_percent, roof.expected_close, roof.priority) == (33, datetime.date(2026, 7, 1), 4)
    assert (roof.source.name, roof.assignee, roof.tags.count()) == ("Referral", None, 2)
    for word in ("acme", "ada", "demo", "12000", "12,000", "33", "referral", "vip", "urgent"):
        assert word == "urgent" or Opportunity.objects.search(word).get() == roof, word


WRONG = [
    ("name", " ", "required"),
    ("value", "12.50", "12 or 13"),
    ("value", "-1", "Enter 0 or more"),
    ("value", str(2**63), "at most 9,223,372,036,854,775,807"),
    *(("value", text, "such as 12,000") for text in ("TBD", "ask", "NaN", "$", "+", ".", "1e3")),
    ("value", "1.000", "1 or 1,000"),
    ("win_percent", "101", "at most 100"),
    ("win_percent", "x", "such as 70"),
    ("close_date", "yesterday", "such as 2026-05-31"),
    ("close_date", "2026-02-30", "such as 2026-05-31"),
    ("expected_close", "9" * 30, "such as 2026-05-31"),
    ("close_date", "0026-12-31", "Did you mean 2026?"),
    ("expected_close", "12/31/26", "Did you mean 2026?"),
    ("expected_close", "0001-01-01", "Did you mean 2001?"),
    ("expected_close", "20260-12-31", "Did you mean 2026?"),
    ("expected_close", "1/2/2026", "January 2 or February 1"),
    ("status", "", "required"),
    ("status", "99999", "Choose one of the available options"),
    ("stage", "x", "Choose one of the available options"),
    ("priority", "9", "Choose one of the available options"),
]


def test_what_is_wrong_is_said_at_the_field_and_kept(sign_in, workspace, subtests):
    client = sign_in(workspace)
    for field, typed_text, answer in WRONG:
        with subtests.test(field=field):
            page = new(client, **{"company": "Acme", field: typed_text})
            assert answer in get_field_error(page, field)
            assert Form(page).values["company"] == "Acme"
            if field not in ("status", "stage", "priority"):
                assert Form(page).values[field] == typed_text
            assert not Opportunity.objects.exists() and not Company.objects.exists()


def test_an_address_may_prefill_the_form(sign_in, workspace):
    acme = factories.company(name="Acme")
    ada = factories.person(name="Ada", company=acme)
    demo = stage("Demo")
    parameters = {"company": acme.pk, "contact": ada.pk, "stage": demo.pk, "status": "999", "source": "x"}
    values = Form(sign_in(workspace).get(OPPORTUNITIES.url("create"), parameters)).values
    assert (values["company"], values["contact"], values["stage"]) == ("Acme", "Ada", str(demo.pk))
    assert (values["win_percent"], values["source"]) == ("25", "")


def test_of_two_people_of_a_name_the_one_with_the_company_is_meant(sign_in, workspace):
    acme = factories.company(name="Acme")
    factories.person(name="Ada")
    ada = factories.person(name="Ada", company=acme)
    new(sign_in(workspace), company="Acme", contact="ada")
    assert Opportunity.objects.get().contact == ada and Person.objects.count() == 2


# Stage and win %


def test_a_stage_brings_its_win_percent(sign_in, workspace):
    client = sign_in(workspace)
    new(client, stage=stage("Proposal").pk)
    roof = Opportunity.objects.get()
    assert roof.win_percent == 50
    edit(client, roof, stage=stage("Negotiation").pk)
    roof.refresh_from_db()
    assert roof.win_percent == 70


def test_ones_own_win_percent_stays(sign_in, workspace):
    client = sign_in(workspace)
    new(client, win_percent="42")
    roof = Opportunity.objects.get()
    edit(client, roof, stage=stage("Demo").pk)
    roof.refresh_from_db()
    assert roof.win_percent == 42
    edit(client, roof, stage=stage("Proposal").pk, win_percent="25", own_win_percent="1")
    roof.refresh_from_db()
    assert roof.win_percent == 25


def test_an_emptied_win_percent_is_the_stages_and_a_zero_is_a_zero(sign_in, workspace):
    client = sign_in(workspace)
    new(client, win_percent="")
    roof = Opportunity.objects.get()
    assert roof.win_percent == 10
    edit(client, roof, win_percent="0")
    roof.refresh_from_db()
    assert roof.win_percent == 0


def test_the_last_open_win_percent_is_kept_when_closed_and_counts_100_or_0(sign_in, workspace):
    client = sign_in(workspace)
    roof = factories.opportunity(value=1000, win_percent=42, stage=stage("Demo"))
    for kind, counts in (("won", 100), ("abandoned", 0)):
        reason = LossReason.objects.first().pk
        move(client, roof, status=factories.status(kind).pk, loss_reason=reason)
        roof = Opportunity.objects.get()
        assert (roof.kind, roof.win_percent, roof.counted_win_percent) == (kind, 42, counts)


# Status, close date, loss reason


def test_closing_fills_in_the_workspaces_today(sign_in, workspace, time_machine):
    time_machine.move_to("2026-05-01T23:30:00Z")
    workspace.time_zone = "Asia/Tokyo"
    workspace.save()
    new(sign_in(workspace), status=factories.status("won").pk)
    assert Opportunity.objects.get().close_date == MAY_2


def test_a_close_date_is_never_overwritten(sign_in, workspace):
    client = sign_in(workspace)
    new(client, status=factories.status("won").pk, close_date="2026-05-02")
    roof = Opportunity.objects.get()
    edit(client, roof, status=factories.status("lost").pk, loss_reason=LossReason.objects.first().pk)
    roof.refresh_from_db()
    assert (roof.kind, roof.close_date) == ("lost", MAY_2)


@pytest.mark.parametrize(("answer", "date"), [("keep", MAY_2), ("clear", None)])
def test_reopening_asks_about_the_close_date(sign_in, workspace, answer, date):
    client, roof = sign_in(workspace), factories.opportunity("won", close_date=MAY_2)
    page = edit(client, roof, status=factories.status().pk)
    assert "Keep that close date?" in get_field_error(page, "on_reopening")
    roof.refresh_from_db()
    assert roof.kind == "won"
    send(client, page, OPPORTUNITIES.url("update", roof.pk), on_reopening=answer)
    roof = Opportunity.objects.get()
    assert (roof.kind, roof.close_date) == ("open", date)


def test_reopening_with_another_date_asks_nothing(sign_in, workspace):
    client, roof = sign_in(workspace), factories.opportunity("won", close_date=MAY_2)
    edit(client, roof, status=factories.status().pk, close_date="")
    assert Opportunity.objects.get().kind == "open" and Opportunity.objects.get().close_date is None


@pytest.mark.parametrize("kind", ["lost", "abandoned"])
def test_a_reason_is_asked_for_where_the_workspace_says_so(sign_in, workspace, kind):
    client, roof = sign_in(workspace), factories.opportunity()
    page = edit(client, roof, status=factories.status(kind).pk)
    assert "Choose a loss reason" in get_field_error(page, "loss_reason")
    workspace.requires_loss_reason = False
    workspace.save()
    assert edit(client, roof, status=factories.status(kind).pk).status_code == 302


def test_a_reason_is_kept_when_reopened_and_taken_from_nobody_who_won(sign_in, workspace):
    client, price = sign_in(workspace), LossReason.objects.get(name="Price")
    roof = factories.opportunity("lost", loss_reason=price)
    edit(client, roof, status=factories.status().pk, loss_reason="")
    roof.refresh_from_db()
    assert (roof.kind, roof.loss_reason) == ("open", price)
    new(client, name="Other", status=factories.status("won").pk, loss_reason=price.pk)
    assert Opportunity.objects.get(name="Other").loss_reason is None


def test_an_expected_close_is_of_open_ones_and_kept_when_closed(sign_in, workspace):
    client, roof = sign_in(workspace), factories.opportunity(expected_close=MAY_2)
    edit(client, roof, status=factories.status("won").pk, expected_close="2026-12-24")
    assert Opportunity.objects.get().expected_close == MAY_2


def test_no_label_has_a_meaning(sign_in, workspace):
    won = factories.status("won")
    Status.objects.filter(pk=won.pk).update(name="Lost")
    new(sign_in(workspace), status=won.pk)
    assert Opportunity.objects.get().counted_win_percent == 100


# Moving it from its page


def test_a_move_changes_the_stage_and_its_win_percent_and_leaves_a_dated_row(sign_in, workspace):
    client, roof = sign_in(workspace), factories.opportunity(stage=stage("Demo"), win_percent=25)
    answer = move(client, roof, stage=stage("Proposal").pk)
    assert answer.status_code == 302
    roof = Opportunity.objects.get()
    assert (roof.stage.name, roof.win_percent) == ("Proposal", 50)
    step = StageChange.objects.get()
    assert (step.from_name, step.to_name, step.field, step.by) == ("Demo", "Proposal", "stage", client.member)
    page = client.get(OPPORTUNITIES.url("detail", roof.pk)).content.decode()
    assert "Demo → <strong>Proposal</strong>" in page and "(stage default)" in page


def test_a_move_asks_for_what_it_needs(sign_in, workspace):
    client, roof = sign_in(workspace), factories.opportunity()
    page = move(client, roof, status=factories.status("lost").pk)
    assert "Choose a loss reason" in get_field_error(page, "loss_reason")
    address = reverse("crm:opportunity-move", args=[roof.pk])
    send(client, page, address, loss_reason=LossReason.objects.first().pk)
    roof = Opportunity.objects.get()
    assert (roof.kind, roof.close_date) == ("lost", workspace.today())


def test_a_move_of_what_was_changed_meanwhile_is_a_conflict(sign_in, workspace):
    client, roof = sign_in(workspace), factories.opportunity()
    answer = client.post(
        reverse("crm:opportunity-move", args=[roof.pk]), {"version": 0, "stage": stage("Demo").pk}
    )
    assert answer.status_code == 409
    assert Opportunity.objects.get().stage is None


@pytest.mark.parametrize("step", [{"stage": "99999"}, {"status": "x"}, {"status": ""}])
def test_a_move_to_nowhere_is_refused(sign_in, workspace, step):
    roof = factories.opportunity()
    assert move(sign_in(workspace), roof, **step).status_code == 200
    assert not StageChange.objects.exists()


def test_a_reader_is_offered_no_move(sign_in, workspace):
    roof = factories.opportunity()
    client = sign_in(workspace, "reader")
    assert "Move to" not in client.get(OPPORTUNITIES.url("detail", roof.pk)).content.decode()
    assert move(client, roof, stage=stage("Demo").pk).status_code == 403


def test_the_history_says_what_was_changed_and_nothing_else(workspace):
    roof = factories.opportunity(stage=stage("Demo"))
    mine = Opportunity.objects.get()
    roof.stage = stage("Proposal")
    roof.save()
    with pytest.raises(EditConflict), transaction.atomic():
        mine.save()
    mine.refresh_from_db()
    mine.value = 5
    mine.save()
    assert StageChange.objects.count() == 1


# Queries


@pytest.mark.usefixtures("fastpath")
def test_pages_and_saves_keep_to_their_budgets(sign_in, workspace):
    client, acme = sign_in(workspace), factories.company(name="Acme")
    roof = factories.opportunity(
        company=acme, contact=factories.person(company=acme), stage=stage("Demo"), assignee=client.member
    )
    roof.tags.set(["vip", "north"])
    factories.tag(name="east")
    client.get(OPPORTUNITIES.url("list"))  # the first request of a process looks for snapshots of yesterday
    with CaptureQueriesContext(connection) as context:
        client.get(OPPORTUNITIES.url("detail", roof.pk))
    assert len(get_statements(context)) <= 12
    address = OPPORTUNITIES.url("update", roof.pk)
    page = client.get(address)
    everything = {
        "stage": stage("Negotiation").pk,
        "value": "7",
        "status": factories.status("lost").pk,
        "loss_reason": LossReason.objects.last().pk,
        "source": Source.objects.last().pk,
        "assignee": "",
        "tags": "north, never seen before, east",
    }
    with CaptureQueriesContext(connection) as context:
        answer = send(client, page, address, **everything)
    assert answer.status_code == 302 and roof.changes.count() == 2
    assert {tag.name for tag in roof.tags.all()} == {"north", "never seen before", "east"}
    assert len(get_statements(context)) <= 15, "\n".join(sql[:150] for sql in get_statements(context))


@pytest.mark.parametrize(("kind", "counted"), [("won", 100), ("lost", 0), ("abandoned", 0)])
def test_a_closed_opportunity_shows_the_win_percent_that_figures_count(sign_in, workspace, kind, counted):
    client = sign_in(workspace)
    roof = factories.opportunity(kind, name="Roof", stage=stage("Ready to close"), win_percent=90)
    shown_text = f'{counted} <small class="secondary">was 90</small>'
    pages = [
        OPPORTUNITIES.url("list"),
        OPPORTUNITIES.url("row", roof.pk),
        OPPORTUNITIES.url("detail", roof.pk),
    ]
    for url in pages:
        assert shown_text in client.get(url).content.decode(), url
    assert f'{counted}% <span class="secondary">(was 90%)</span>' in page_html(client.get(pages[2]))
    assert Opportunity.objects.search(f"{counted}").exists()


@pytest.mark.parametrize("columns", ["csv", "all"])
def test_an_export_of_closed_opportunities_has_the_win_percent_that_figures_count(
    sign_in, workspace, columns
):
    client = sign_in(workspace)
    for kind in ("open", "won", "lost"):
        factories.opportunity(kind, name=kind, win_percent=90)
    text = client.get(OPPORTUNITIES.url("list"), {"export": columns}).getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["Name"]: row["Win %"] for row in rows} == {"open": "90", "won": "100", "lost": "0"}


def test_a_list_by_win_percent_is_in_the_order_that_is_shown(sign_in, workspace):
    client = sign_in(workspace)
    for kind, percent in [("open", 50), ("won", 10), ("lost", 90)]:
        factories.opportunity(kind, name=kind, win_percent=percent)
    for sort, names in [("win_percent", "lost open won"), ("-win_percent", "won open lost")]:
        table = client.get(OPPORTUNITIES.url("list"), {"sort": sort}).context["table"]
        assert [row.name for row in table.records] == names.split()


def test_the_time_in_a_stage_ends_with_the_close(sign_in, workspace):
    client, today = sign_in(workspace), workspace.today()
    roof = factories.opportunity("won", stage=stage("Demo"), close_date=today - datetime.timedelta(days=720))
    began = timezone.now() - datetime.timedelta(days=730)
    Opportunity.objects.filter(pk=roof.pk).update(created_at=began)
    page = client.get(OPPORTUNITIES.url("detail", roof.pk)).content.decode()
    where = page.partition('<p class="where">')[2].partition("</p>")[0]
    assert "1\N{NO-BREAK SPACE}week" in where and "year" not in where.partition("until")[0]
