"""Rows as a CSV file, streamed."""

import csv
from itertools import islice

from django.dispatch import Signal
from django.http import StreamingHttpResponse
from django.utils import timezone

from . import values
from .tables import attached

# What a spreadsheet would take for a formula, their full-width forms, and our own mark.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
AT_ONCE = 2000

# A list is taken out as a file. sender: the model; rows; narrowed: [(label, said)] of what it was narrowed by
exported = Signal()


class Echo:
    """A file that hands back each line instead of keeping it."""

    def write(self, line):
        return line


def harmless(cell):
    """A text that no spreadsheet runs: one quote in front, which an import takes away again."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RISKY) else cell


def lean(rows, names):
    """The rows without what nobody types, unless it is written: to read that takes as long as all else."""
    kept = [field.name for field in rows.model._meta.concrete_fields if not field.editable]
    return rows.defer(*(set(kept) - set(names)))


def csv_response(crud, rows, names):
    """The fields `names` of the rows as a file; a few thousand rows in memory at a time."""
    writer = csv.writer(Echo())
    columns = [values.of(crud.model, name) for name in names]

    def lines():
        yield "\ufeff" + writer.writerow([values.label(crud.model, name) for name in names])
        source = lean(rows, names).iterator(chunk_size=AT_ONCE)
        while some := attached(islice(source, AT_ONCE), names, by_name=True):
            # Many lines by one step: each costs the server a turn.
            yield "".join(writer.writerow([harmless(column.raw(row)) for column in columns]) for row in some)

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    name = f"{crud.model._meta.verbose_name_plural}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
