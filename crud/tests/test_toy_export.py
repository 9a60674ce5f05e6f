"""Exports of lists as files, on an app without workspaces."""

import csv
import io
import zipfile

import pytest

from crud.views.export import exported


def rows_of_csv(response):
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_a_csv_file_has_the_columns_of_the_list(editor, books):
    header, *rows = rows_of_csv(editor.get("/books/", {"export": "csv", "sort": "-name"}))
    assert header == ["Name", "Author", "Genre", "Pages", "Published"]
    assert rows[-1] == ["Rain", "Ann", "Novel", "120", "2001-05-01"]


def test_a_csv_file_of_all_fields_has_those_of_the_form(editor, books):
    header, row = rows_of_csv(editor.get("/books/", {"export": "all", "q": "weather"}))
    assert header == ["Name", "Author", "Translator", "Genre", "Pages", "Published", "Blurb"]
    assert row[2:] == ["Ben", "Novel", "120", "2001-05-01", "Of weather."]


@pytest.mark.parametrize("format", ["xlsx", "xlsx-all"])
def test_a_workbook_has_the_texts_of_the_rows(editor, books, format):
    workbook = zipfile.ZipFile(io.BytesIO(editor.get("/books/", {"export": format}).getvalue()))
    sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
    assert "Rain" in sheet and "<v>120</v>" in sheet


def test_an_export_is_announced_with_its_search_and_filters(editor, books):
    announced = []

    def receive(sender, rows, narrowed, **signal):
        announced.append((rows.count(), narrowed))

    exported.connect(receive)
    editor.get("/books/", {"export": "csv", "q": "a", "genre": "novel"})
    exported.disconnect(receive)
    assert announced == [(2, [("Search", "a"), ("Genre", "Novel")])]
