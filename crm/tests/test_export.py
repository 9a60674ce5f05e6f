"""Lists as files: CSV and XLSX."""

import csv
import datetime
import io

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from crm.forms.fields import TagNamesField
from crm.models import Opportunity, Tag
from crm.tests import factories
from crm.viewsets import COMPANIES, OPPORTUNITIES
from crud.views import export as export_module

PAYLOADS = [
    *("=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("https://evil.example","x")', "=1+1;=2+2", "==1", "=A1", "="),
    *("+1+1", "+1-1", "+A1", "+SUM(1,1)", "+1*2", "++1", "+", "+cmd|' /C calc'!A0", "+49-30-1234", "+1/2"),
    *("-1+1", "-A1", "-2+3+cmd|' /C calc'!D2", "--1", "-", "-1", "-SUM(1)", "-@A1", "-(1)", "-'x'!A1"),
    *(
        "@SUM(1+1)",
        "@A1",
        "@",
        "@@x",
        "@cmd",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "@x.example(1)",
        "@a.b!c",
        "@1.2",
    ),
    *("\t=1+1", "\r=1+1", "\n=1+1", "'=1+1", "'", "''", "'x", "\t", "\n"),
    *("＝1+1", "＋1+1", "－1+1", "＠SUM(1)", "﹦1+1", "﹢1+1", "﹣1+1", "﹫SUM(1)", "＇=1"),
    *(
        '=IMPORTXML("https://evil.example","//a")',
        "=DDE(1)",
        "=WEBSERVICE(1)",
        '="1"',
        "=x'",
        "=1\n=2",
        "=%0A",
    ),
]
HARMLESS = [
    *("+1 555 010 0199", "+49 (0) 89 123456", "+49301234", "+1 (555) 010-0199 ", "+44 20.7946.0018"),
    *("@example.com", "@müller.example", "@my-firm.co.uk", "Foo;=1+1", 'A "quoted", name', "x=1", "1+1"),
]


def export(sales, viewset=OPPORTUNITIES, **parameters):
    response = sales.get(viewset.url("list"), {"export": "csv", **parameters})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return response, list(csv.reader(io.StringIO(text)))


def export_workbook(sales, viewset=OPPORTUNITIES, export="xlsx", **parameters):
    response = sales.get(viewset.url("list"), {"export": export, **parameters})
    return CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))


def unescape(cell):
    """Take away the quote that an export put in front, as an import does."""
    return cell.removeprefix("'")


def test_the_export_is_what_the_list_shows(sales):
    factories.opportunity(name="=1+1", value=1200, company=factories.company(name="Acme"))
    factories.opportunity("won", name="Door", close_date=datetime.date(2026, 11, 3))
    response, (head, *rows) = export(sales, kind="open", sort="name")
    assert f"opportunities-{timezone.localdate():%Y-%m-%d}.csv" in response["Content-Disposition"]
    assert head == [
        "Name",
        "Company",
        "Stage",
        "Value",
        "Win %",
        "Status",
        "Close date",
        "Priority",
        "Assignee",
    ]
    assert rows == [["'=1+1", "Acme", "", "1200", "0", "Open", "", "Normal", ""]]
    _, (_, door) = export(sales, kind="won")
    assert door[6] == "2026-11-03"


def test_a_workbook_has_the_same_with_numbers_and_dates_as_such(sales):
    factories.opportunity(name="=1+1", value=1200, company=factories.company(name="Acme"))
    factories.opportunity("won", name="Door", close_date=datetime.date(2026, 11, 3))
    book = export_workbook(sales, sort="name")
    _, (head, *_) = export(sales)
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == head
    assert rows[1][:4] == ["'=1+1", "Acme", "", 1200]
    assert rows[2][6] == datetime.date(2026, 11, 3)


def test_an_empty_list_is_a_workbook_with_its_header(sales):
    rows = export_workbook(sales, export="xlsx-all").get_sheet_by_index(0).to_python()
    assert len(rows) == 1 and rows[0][0] == "Name"


def test_a_full_sheet_continues_in_the_next_one(sales, monkeypatch):
    monkeypatch.setattr("crud.views.export.MAX_XLSX_ROWS", 2)
    for number in range(5):
        factories.company(name=f"Company {number}")
    book = export_workbook(sales, COMPANIES)
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert [len(rows) for rows in sheets] == [3, 3, 2]
    assert {row[0] for rows in sheets for row in rows[1:]} == {f"Company {number}" for number in range(5)}


def test_amounts_too_long_for_a_spreadsheet_keep_every_digit(sales):
    factories.opportunity(name="Large", value=2**63 - 1)
    assert export_workbook(sales).get_sheet_by_index(0).to_python()[1][3] == str(2**63 - 1)


def test_all_fields_can_be_exported(sales):
    factories.company(name="Acme", zip="01234", country="AT").tags.add("VIP")
    _, (head, row) = export(sales, COMPANIES, export="all")
    assert dict(zip(head, row, strict=True)) | {"Zip": "01234", "Country": "Austria", "Tags": "VIP"} == dict(
        zip(head, row, strict=True)
    )


def test_an_export_reads_some_rows_at_a_time(sales, monkeypatch):
    monkeypatch.setattr("crud.views.export.BATCH_SIZE", 10)
    for _ in range(35):
        factories.opportunity(company=factories.company())
    response = sales.get(OPPORTUNITIES.url("list"), {"export": "csv"})
    chunks = list(response.streaming_content)
    assert len(chunks) == 1 + 4
    assert b"".join(chunks).count(b"\r\n") == 36


def test_there_are_sixty_payloads():
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 60


def export_texts(sales, format, column, texts):
    """Return the cells of one text column, in the order of the texts, each stored in a company of its own."""
    for number, text in enumerate(texts):
        company = factories.company(name=f"{number:04}")
        type(company).objects.filter(pk=company.pk).update(**{column: text, "city": f"{number:04}"})
    if format == "csv":
        _, (head, *rows) = export(sales, COMPANIES, export="all")
    else:
        head, *rows = export_workbook(sales, COMPANIES, "xlsx-all").get_sheet_by_index(0).to_python()
    place, city = head.index(column.capitalize()), head.index("City")
    return [row[place] for row in sorted(rows, key=lambda row: row[city])]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("column", ["name", "address"])
def test_formulas_are_escaped_and_come_back_as_they_were(sales, format, column):
    texts = [*PAYLOADS, *HARMLESS]
    cells = export_texts(sales, format, column, texts)
    assert [unescape(cell) for cell in cells] == texts
    assert [cell for cell in cells[: len(PAYLOADS)] if not cell.startswith("'")] == []
    assert cells[len(PAYLOADS) :] == HARMLESS


def test_formulas_that_are_not_escaped_are_noticed(sales, monkeypatch):
    """The canary: a raw export."""
    monkeypatch.setattr("crud.views.export.escape_formula", str)
    cells = export_texts(sales, "csv", "name", PAYLOADS)
    assert [cell for cell in cells if not cell.startswith("'")]


def test_every_cell_is_quoted_so_that_no_semicolon_begins_a_new_one(sales):
    factories.company(name="Foo;=1+1")
    response = sales.get(COMPANIES.url("list"), {"export": "csv"})
    line = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()[1]
    assert line.startswith('"Foo;=1+1",') and all(
        cell.startswith('"') for cell in next(csv.reader([line], quoting=csv.QUOTE_NONE))
    )


def test_phones_and_email_domains_are_as_they_are(sales):
    factories.company(name="Acme", work_phone="+1 555 010 0199", email_domain="@acme.example")
    _, (head, row) = export(sales, COMPANIES, export="all")
    values = dict(zip(head, row, strict=True))
    assert values["Work phone"].startswith("+1") and values["Email domain"] == "@acme.example"


def test_times_are_the_workspaces_own_without_fractions(sales, workspace):
    workspace.time_zone = "Asia/Tokyo"
    workspace.save()
    sales.member.user.time_zone = "America/New_York"
    sales.member.user.save()
    row = factories.opportunity(name="Door")
    moment = datetime.datetime(2026, 7, 1, 16, 30, 5, 123456, tzinfo=datetime.UTC)
    Opportunity.objects.filter(pk=row.pk).update(updated_at=moment)
    _, (head, values) = export(sales, export="all")
    assert values[head.index("Last updated")] == "2026-07-02 01:30:05"
    head, values = export_workbook(sales, export="xlsx-all").get_sheet_by_index(0).to_python()
    assert values[head.index("Last updated")] == datetime.datetime(2026, 7, 2, 1, 30, 5)


def test_tags_with_separators_survive_a_round_trip(sales):
    names = ["VIP", "Smith, Jones", 'The "Best"', "a;b", "c、d", "it's"]
    factories.company(name="Acme").tags.set(names)
    _, (head, row) = export(sales, COMPANIES, export="all")
    assert sorted(TagNamesField(Tag).clean(row[head.index("Tags")])) == sorted(names)


@pytest.mark.parametrize("text", ["", "plain", *HARMLESS])
def test_what_no_spreadsheet_runs_is_not_touched(text):
    assert export_module.escape_formula(text) == text
