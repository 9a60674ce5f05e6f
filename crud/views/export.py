"""Tables as files: CSV, streamed while it is made, and XLSX."""

import csv
import datetime
import itertools
import re
import tempfile
import unicodedata
from decimal import Decimal

import xlsxwriter
from django.conf import settings
from django.dispatch import Signal
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string

from crud import display
from crud.db.batches import split_into_batches
from crud.db.prefetch import attach_related

BATCH_SIZE = 2000  # rows in memory at a time
MAX_XLSX_ROWS = 1_048_575  # Excel's limit, less the header
MAX_XLSX_TEXT = 32_767  # characters in a cell, Excel's limit
MAX_XLSX_NUMBER = 10**15  # a spreadsheet's numbers are floats: larger ones would lose their last digits
FIRST_XLSX_YEAR = 1900  # Excel knows no dates before
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Characters that make a spreadsheet read a cell as a formula, and the quote that marks an escaped cell.
FORMULA_STARTS = frozenset("=+-@\t\r\n'")
# A phone number or an email domain begins like a formula, but is none that a spreadsheet could run.
PHONE = re.compile(r"\+\d[\d\s()./-]*")
ARITHMETIC = re.compile(r"\+?\d+([-/]\d+)+")
DOMAIN = re.compile(r"@([\w-]+\.)+[^\W\d][\w-]+")

# Sent when a list is exported. sender: the model; rows; narrowed: [(label, text)] of its filters
exported = Signal()


class PassthroughWriter:
    """A file-like object whose `write` returns the line instead of storing it."""

    def write(self, line):
        return line


def escape_formula(text):
    """Return the text with one quote in front if a spreadsheet would run it; import takes that quote away."""
    if not text or unicodedata.normalize("NFKC", text[0])[0] not in FORMULA_STARTS:
        return text
    is_phone = PHONE.fullmatch(text) and not ARITHMETIC.fullmatch(text)
    return text if is_phone or DOMAIN.fullmatch(text) else f"'{text}"


def export_records(viewset, format, records, names):
    """Return the fields `names` of the records as a file response, in a format of FORMATS."""
    model = viewset.model
    columns = [display.display_for(model, name) for name in names]
    zone = export_time_zone()

    def batches():
        iterator = defer_unused(records, names).iterator(chunk_size=BATCH_SIZE)
        for batch in split_into_batches(iterator, BATCH_SIZE):
            attach_related(batch, names, by_name=True)
            with timezone.override(zone):
                rows = [[column.export_value(record) for column in columns] for record in batch]
            yield rows

    header = [display.label(model, name) for name in names]
    filename = f"{model._meta.verbose_name_plural}-{timezone.localdate():%Y-%m-%d}"
    return FORMATS[format](filename, header, batches())


def defer_unused(records, names):
    """Defer fields that nobody edits and that are not exported: reading them takes as long as all others."""
    derived = {field.name for field in records.model._meta.concrete_fields if not field.editable}
    return records.defer(*(derived - set(names)))


def export_time_zone():
    """Return the time zone of the times in exports: the same for every user of the records."""
    path = getattr(settings, "EXPORT_TIME_ZONE", None)
    return import_string(path)() if path else timezone.get_current_timezone()


def csv_response(filename, header, batches):
    """Return a CSV file, streamed batch by batch; every cell is quoted, so that `;` splits none."""
    writer = csv.writer(PassthroughWriter(), quoting=csv.QUOTE_ALL)

    def lines():
        yield "\ufeff" + writer.writerow(header)
        for rows in batches:
            # Many rows in one part: each part costs the server a turn.
            yield "".join([writer.writerow([_csv_cell(value) for value in row]) for row in rows])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return response


def _csv_cell(value):
    if isinstance(value, str):
        return escape_formula(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value


def xlsx_response(filename, header, batches):
    """Return an XLSX workbook, written row by row to a temporary file; a full sheet continues in the next.

    Texts are text cells, which no spreadsheet runs. Formulas are escaped as in CSV all the same: a sheet
    may be saved as CSV later, and an import has one rule for both.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    formats = {
        "header": book.add_format({"bold": True}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    sheet, number = _add_sheet(book, header, formats["header"]), 0
    for row in itertools.chain.from_iterable(batches):
        if number == MAX_XLSX_ROWS:
            sheet, number = _add_sheet(book, header, formats["header"]), 0
        number += 1
        for column, value in enumerate(row):
            _write_xlsx_cell(sheet, number, column, value, formats)
    book.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{filename}.xlsx", content_type=XLSX_TYPE)


def _add_sheet(book, header, header_format):
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for column, label in enumerate(header):
        sheet.set_column(column, column, max(12, len(label) + 2))
    sheet.write_row(0, 0, header, header_format)
    return sheet


def _write_xlsx_cell(sheet, row, column, value, formats):
    if isinstance(value, datetime.date) and value.year >= FIRST_XLSX_YEAR:
        is_time = isinstance(value, datetime.datetime)
        sheet.write_datetime(row, column, value, formats["time" if is_time else "date"])
    elif isinstance(value, int | Decimal) and abs(value) < MAX_XLSX_NUMBER:
        sheet.write_number(row, column, value)
    elif value is not None and value != "":
        text = escape_formula(str(value))
        sheet.write_string(
            row, column, text if len(text) <= MAX_XLSX_TEXT else f"{text[: MAX_XLSX_TEXT - 1]}…"
        )


FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
