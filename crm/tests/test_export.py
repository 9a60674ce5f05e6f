"""Lists as files."""

import csv
import io
from datetime import date

from django.utils import timezone

from crm.cruds import COMPANIES, OPPORTUNITIES

from . import make


def exported(sales, crud=OPPORTUNITIES, **parameters):
    response = sales.get(crud.url("list"), {"export": "csv", **parameters})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return response, list(csv.reader(io.StringIO(text)))


def test_the_export_is_what_the_list_shows(sales):
    make.opportunity(name="=1+1", value=1200, company=make.company(name="Acme"))
    make.opportunity("won", name="Door", close_date=date(2026, 11, 3))
    response, (head, *rows) = exported(sales, kind="open", sort="name")
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
    _, (_, door) = exported(sales, kind="won")
    assert door[6] == "2026-11-03"


def test_all_fields_can_be_exported(sales):
    make.company(name="Acme", zip="01234", country="AT").tags.add("VIP")
    _, (head, row) = exported(sales, COMPANIES, export="all")
    assert dict(zip(head, row, strict=True)) | {"Zip": "01234", "Country": "Austria", "Tags": "VIP"} == dict(
        zip(head, row, strict=True)
    )


def test_an_export_reads_some_rows_at_a_time(sales, monkeypatch):
    monkeypatch.setattr("crud.exports.AT_ONCE", 10)
    for _ in range(35):
        make.opportunity(company=make.company())
    response = sales.get(OPPORTUNITIES.url("list"), {"export": "csv"})
    chunks = list(response.streaming_content)
    assert len(chunks) == 1 + 4
    assert b"".join(chunks).count(b"\r\n") == 36
