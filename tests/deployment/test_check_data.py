"""manage.py check_data finds what SQL has spoiled, and repairs it; with sound data nothing is wrong."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from crm.models import Company, Opportunity, Person, Tag, Trashed
from crm.tests import factories
from recurring.models import RevenueProfile, RevenueTerm
from recurring.tests import factories as revenue


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def run(*options):
    """(exit code, output) of the command."""
    output = StringIO()
    try:
        call_command("check_data", *options, stdout=output)
    except SystemExit as error:
        return error.code, output.getvalue()
    return 0, output.getvalue()


@pytest.fixture
def records(workspace):
    """One record of each model, connected, and one of each in the trash."""
    company = factories.company(name="Acme")
    person = factories.person(name="Ada", company=company)
    sale = factories.opportunity(name="Roof", company=company, contact=person, close_date=None)
    profile = revenue.profile(company=company, opportunity=sale)
    sale.tags.set(["vip"])
    for row in (factories.company(), factories.person(), factories.opportunity(), revenue.profile()):
        row.delete()
    return {"company": company, "person": person, "opportunity": sale, "profile": profile}


SPOIL = {
    "people whose company is in the trash": lambda rows: into_trash(rows["company"]),
    "opportunities whose contact is in the trash": lambda rows: into_trash(rows["person"]),
    "revenue profiles whose client is in the trash": lambda rows: into_trash(rows["company"]),
    "revenue profiles whose opportunity is in the trash": (lambda rows: into_trash(rows["opportunity"])),
    "companies in the trash without an entry": lambda rows: Trashed.objects.filter(
        kind="crm.company"
    ).delete(),
    "entries of the trash without their people": lambda rows: Person.trash.all()._raw_delete("default"),
    "opportunities whose is_open contradicts their status": lambda rows: execute(
        "UPDATE crm_opportunity SET is_open = %s WHERE id = %s", False, rows["opportunity"].pk
    ),
    "closed opportunities without a close date": lambda rows: execute(
        "UPDATE crm_opportunity SET status_id = %s, is_open = %s WHERE id = %s",
        factories.status("won").pk,
        False,
        rows["opportunity"].pk,
    ),
    "companies with outdated keys or search text": lambda rows: execute(
        "UPDATE crm_company SET name = 'Globex' WHERE id = %s", rows["company"].pk
    ),
    "tags with outdated keys or search text": lambda rows: execute("UPDATE crm_tag SET name = 'gold'"),
    "revenue profiles whose snapshot of today is outdated": lambda rows: execute(
        "UPDATE recurring_revenueprofile SET mrr = 7 WHERE id = %s", rows["profile"].pk
    ),
    "amounts whose worth per month is outdated": lambda rows: execute(
        "UPDATE recurring_revenueterm SET monthly = 7 WHERE profile_id = %s", rows["profile"].pk
    ),
}


def into_trash(row):
    table = row._meta.db_table
    execute(f"UPDATE {table} SET deleted_at = CURRENT_TIMESTAMP WHERE id = %s", row.pk)  # noqa: S608
    Trashed.objects.create(kind=row._meta.label_lower, row_id=row.pk, name=str(row))


def test_nothing_is_wrong_with_sound_data(records):
    assert run() == (0, "Nothing is wrong.\n")


def test_the_order_of_lines_in_search_text_is_no_mistake(records):
    lines = records["person"].search_text.split("\n")
    execute("UPDATE crm_person SET search_text = %s", "\n".join(lines[::-1]))
    assert run() == (0, "Nothing is wrong.\n")


@pytest.mark.parametrize("name", SPOIL)
def test_it_finds_and_repairs(records, name):
    SPOIL[name](records)
    code, output = run()
    assert code == 1 and f"acme: {name}: " in output
    assert run() == (code, output), "without --repair nothing is changed"
    code, output = run("--repair")
    assert code == 0 and "repaired" in output
    assert run() == (0, "Nothing is wrong.\n")


def test_what_it_detaches_is_connected_again_by_a_restoration(records):
    into_trash(records["person"])
    run("--repair")
    assert Opportunity.objects.get().contact_id is None
    Trashed.objects.get(kind="crm.person", row_id=records["person"].pk).restore()
    assert Opportunity.objects.get().contact_id == records["person"].pk


def test_a_client_that_is_needed_is_taken_out_of_the_trash(records):
    into_trash(records["company"])
    run("--repair")
    assert RevenueProfile.objects.get().company == Company.objects.get(name="Acme")


def test_the_day_of_the_last_step_becomes_the_close_date(records):
    SPOIL["closed opportunities without a close date"](records)
    execute("UPDATE crm_opportunity SET moved_at = '2026-03-05 12:00:00+00'")
    run("--repair")
    assert Opportunity.objects.get().close_date == date(2026, 3, 5)


def test_two_tags_of_one_name_are_left_to_people(records):
    Tag.objects.create(name="VIP 2")
    execute("UPDATE crm_tag SET name = 'vip'")
    code, output = run("--repair")
    assert code == 1 and "tags with outdated keys or search text: 1, 0 repaired" in output


def test_every_workspace_is_checked(records, other_workspace):
    RevenueTerm.objects.count()
    SPOIL["tags with outdated keys or search text"](records)
    code, output = run()
    assert code == 1 and "other:" not in output
