"""Operations of data migrations that rewrite keys and search text after their normalization changed.

They use the columns only, so that a migration still runs once models have changed. Each batch is a
transaction of its own: a migration that uses them has `atomic = False`, and can be run again.
"""

from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import F, Value
from django.db.models.fields import CharField, TextField
from django.db.models.functions import Cast, Concat
from django.utils import translation

from crm.fields import lowered
from crm.models.people import company_key
from crm.models.record import bare_numbers
from crud.dates import search_date_texts
from crud.keys import make_key
from crud.search import normalized
from workspaces.wall import lifted

BATCH_SIZE = 1000
KEYS = {
    "name_key": ("name", normalized),
    "match_key": ("name", company_key),
    "email_key": ("email", lowered),
}


def rewrite_records(app_label, model_name, labeled=(), dates=(), respelled=(), related=()):
    """Return a function for RunPython that rewrites the keys and search text of all records of a model.

    `labeled`: the fields with lines of their own (Record.filtered_texts). `dates`: the fields that are found
    in ISO format as well from now on. `respelled`: functions of a row that return a value's spelling of
    before and that of today. `related`: the records that these functions read.
    """

    def rewrite(apps, schema_editor):
        model = apps.get_model(app_label, model_name)
        long_texts = [
            field.name
            for field in model._meta.fields
            if isinstance(field, TextField) and field.name != "search_text"
        ]
        keys = [name for name in KEYS if name in {field.name for field in model._meta.fields}]
        connection, last = connections[schema_editor.connection.alias], 0
        models_read = [model, *(model._meta.get_field(name).related_model for name in related)]
        tables = [each._meta.db_table for each in models_read]
        while True:
            with transaction.atomic(connection.alias), lifted(connection, *tables):
                rows = model._base_manager.using(connection.alias).filter(pk__gt=last).order_by("pk")
                batch = list(rows.select_for_update(no_key=True)[:BATCH_SIZE])
                models.prefetch_related_objects(batch, *related)
                if not batch:
                    break
                columns = labeled, long_texts, dates, respelled
                # Commands that migrate have no language, and would write numbers without separators.
                with translation.override(settings.LANGUAGE_CODE):
                    changed = [row for row in batch if rewrite_record(row, keys, *columns)]
                rows.model._base_manager.using(connection.alias).bulk_update(
                    changed, [*keys, "search_text"], BATCH_SIZE // 4
                )
                last = batch[-1].pk

    return rewrite


def rewrite_record(row, keys, *columns):
    """Give a row its new keys and search text; return whether anything of it changed."""
    before = [getattr(row, name) for name in (*keys, "search_text")]
    for name in keys:
        source, key = KEYS[name]
        setattr(row, name, key(getattr(row, source) or "")[: row._meta.get_field(name).max_length])
    row.search_text = rewritten_search_text(row, *columns)
    return before != [getattr(row, name) for name in (*keys, "search_text")]


def rewritten_search_text(row, labeled, long_texts, dates, respelled):
    """Return the search text of a row in today's form, made from what it was and the columns."""
    # Lines that begin with a label were written here, when the migration ran before.
    old = [line for line in row.search_text.split("\n") if line and line[0] >= " "]
    lines = dict.fromkeys(map(normalized, old))
    label_lines = []
    for place, name in enumerate(labeled):
        text = normalized(getattr(row, name))
        lines.pop(text, None)
        label_lines.append(f"{chr(1 + place)}{text}")
    for name in long_texts:  # each on one line by now, so that phrases are found across its own lines
        text = getattr(row, name)
        for line in text.split("\n"):
            lines.pop(normalized(line), None)
        lines[normalized(text)] = None
    for spell in respelled:
        before, today = spell(row)
        for line in (normalized(before), *bare_numbers(before)):
            lines.pop(line, None)
        lines[normalized(today)] = None
    for name in dates:
        if day := getattr(row, name):
            lines |= dict.fromkeys(map(normalized, search_date_texts(day)))
    lines |= dict.fromkeys(bare for line in [*lines] for bare in bare_numbers(line))
    return "\n".join([*label_lines, *filter(None, lines), ""] if labeled else filter(None, lines))


def spell_win_percent(row):
    """Return how an opportunity's win % was found before and is found today, as figures count it."""
    counted = {"won": 100, "lost": 0, "abandoned": 0}.get(row.status.kind, row.win_percent)
    return str(row.win_percent), f"{counted}%"


def rewrite_picklists(app_label, *model_names):
    """Return a function for RunPython that rewrites the keys of picklist values.

    Two values of one key, such as "VIP" with and without a zero-width space, were possible so far: the
    later one is numbered ("VIP (2)"), to be merged with the other where that is meant.
    """

    def rewrite(apps, schema_editor):
        connection = connections[schema_editor.connection.alias]
        for model_name in model_names:
            model = apps.get_model(app_label, model_name)
            with transaction.atomic(connection.alias), lifted(connection, model._meta.db_table):
                rewrite_picklist(model._base_manager.using(connection.alias))
                # Rows written twice have keys to be checked, and PostgreSQL alters no such table.
                connection.check_constraints([model._meta.db_table])

    return rewrite


def rewrite_picklist(rows):
    """Write the new keys of all values of a picklist, in all workspaces."""
    taken, changed = set(), []
    for row in rows.order_by("pk").iterator(BATCH_SIZE):
        before, name, number = (row.name, row.name_key), row.name, 1
        while (row.workspace_id, make_key(row.name)) in taken:
            number += 1
            row.name = f"{name[:52]} ({number})"
        row.name_key = make_key(row.name)
        taken.add((row.workspace_id, row.name_key))
        if before != (row.name, row.name_key):
            changed.append(row)
    # A new key may be what another row has until it gets its own: first they get keys that none can have.
    for start in range(0, len(changed), BATCH_SIZE):
        ids = [row.pk for row in changed[start : start + BATCH_SIZE]]
        unused = Concat(Value("\n"), Cast(F("pk"), CharField()), output_field=CharField())
        rows.filter(pk__in=ids).update(name_key=unused)
    rows.bulk_update(changed, ["name", "name_key"], BATCH_SIZE // 4)
