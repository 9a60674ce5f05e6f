"""Checks of the records of all apps: references into the trash, copied values, the trash itself."""

from collections import defaultdict

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, F, OuterRef, Value, When
from django.db.models.functions import TruncDate

from crm.models.fields import KeyField
from crud.related import is_business_data
from workspaces.consistency import Check, batches
from workspaces.models import WorkspaceModel
from workspaces.tenancy.scope import active_workspace

from .models import Opportunity, Record, Status, Trashed
from .models.trash import point, references_to_records


def get_crm_checks():
    """Return the checks of every record and of every model with keys made of a name."""
    models = [model for model in apps.get_models() if issubclass(model, WorkspaceModel)]
    records = [model for model in models if is_business_data(model)]
    checks = [check for model in records for check in trash_checks(model)]
    checks += [reference_check(model, field) for model in records for field in references_to_records(model)]
    checks += [
        Check("opportunities whose is_open contradicts their status", *wrong_is_open()),
        Check("closed opportunities without a close date", *missing_close_dates()),
    ]
    return checks + [text_check(model) for model in models if derived_fields(model)]


def plural(model):
    return str(model._meta.verbose_name_plural)


def trash_checks(model):
    """Return the checks that the trash has one entry for each deleted record, and none for any other."""
    entries = Trashed.objects.filter(kind=model._meta.label_lower)
    ownerless = entries.exclude(Exists(model.trash.filter(pk=OuterRef("row_id"))))
    unlisted = model.trash.exclude(Exists(entries.filter(row_id=OuterRef("pk"))))

    def list_them():
        number = 0
        for rows in batches(unlisted):
            Trashed.objects.bulk_create(
                Trashed(
                    kind=model._meta.label_lower,
                    row_id=row.pk,
                    name=str(row)[:250],
                    deleted_at=row.deleted_at,
                )
                for row in rows
            )
            number += len(rows)
        return number

    return [
        Check(
            f"entries of the trash without their {plural(model)}",
            ownerless.count,
            lambda: ownerless.delete()[0],
        ),
        Check(f"{plural(model)} in the trash without an entry", unlisted.count, list_them),
    ]


def reference_check(model, field):
    """Return the check that no live record points at one in the trash by this key."""
    wrong = model.objects.filter(**{f"{field.name}__deleted_at__isnull": False})
    path = f"{model._meta.label_lower}.{field.name}"

    def detach():
        """Let them point at nothing; the trash notes it, so that a restoration connects them again."""
        number = 0
        for rows in batches(wrong):
            ids = defaultdict(list)
            for row in rows:
                ids[getattr(row, field.attname)].append(row.pk)
            entries = Trashed.objects.filter(kind=field.related_model._meta.label_lower, row_id__in=ids)
            for entry in entries.select_for_update():
                entry.detached[path] = [*entry.detached.get(path, ()), *ids[entry.row_id]]
                entry.save(update_fields=["detached"])
            point(model, field.name, [row.pk for row in rows], None)
            number += len(rows)
        return number

    def restore():
        """Take what they cannot be without out of the trash."""
        number = 0
        for rows in batches(wrong):
            targets = {getattr(row, field.attname) for row in rows}
            for entry in Trashed.objects.filter(
                kind=field.related_model._meta.label_lower, row_id__in=targets
            ):
                entry.restore()
            number += len(rows)
        return number

    name = f"{plural(model)} whose {field.verbose_name} is in the trash"
    return Check(name, wrong.count, detach if field.null else restore)


def wrong_is_open():
    """(find, repair) of opportunities whose is_open is not what the kind of their status says."""
    rows = Opportunity.with_trash
    is_open = Case(When(status__kind=Status.Kind.OPEN, then=Value(True)), default=Value(False))
    wrong = rows.annotate(expected=is_open).exclude(is_open=F("expected"))

    def repair():
        number = 0
        for batch in batches(wrong):
            for value in (True, False):
                pks = [row.pk for row in batch if row.expected is value]
                number += rows.filter(pk__in=pks).update(is_open=value, version=F("version") + 1)
        return number

    return wrong.count, repair


def missing_close_dates():
    """(find, repair) of closed opportunities without a close date: the day of their last step is taken."""
    wrong = Opportunity.with_trash.filter(close_date=None).exclude(status__kind=Status.Kind.OPEN)

    def repair():
        number = 0
        for batch in batches(wrong):
            rows = Opportunity.with_trash.filter(pk__in=[row.pk for row in batch])
            day = TruncDate("moved_at", tzinfo=active_workspace().zone)
            number += rows.update(close_date=day, version=F("version") + 1)
            rows.refresh_search_text()
        return number

    return wrong.count, repair


def derived_fields(model):
    """The names of the fields whose text is made of others: keys, and what a search looks in."""
    keys = [field.name for field in model._meta.concrete_fields if isinstance(field, KeyField)]
    return [*keys, *(["search_text"] if issubclass(model, Record) else [])]


def text_check(model):
    """Return the check that keys and search text are those of the texts that they are made of."""
    names = derived_fields(model)
    manager = getattr(model, "with_trash", model.objects)

    def stale_batches():
        for rows in batches(manager):
            stale = [row for row in load_for_search(model, rows) if renew_texts(row, names)]
            if stale:
                yield stale

    def find():
        return sum(map(len, stale_batches()))

    def repair():
        number = 0
        for rows in stale_batches():
            for row in rows:
                try:
                    with transaction.atomic():
                        values = {name: getattr(row, name) for name in names}
                        number += manager.filter(pk=row.pk).update(**values)
                except IntegrityError:  # two values of a picklist have one name: somebody has to merge them
                    continue
        return number

    return Check(f"{plural(model)} with outdated keys or search text", find, repair)


def load_for_search(model, rows):
    return model.load_for_search(rows) if issubclass(model, Record) else rows


def renew_texts(row, names):
    """Make the derived texts of a row anew; return True if one of them differs from what was stored."""
    if getattr(row, "deleted_at", None):
        names = [name for name in names if name != "search_text"]  # renewed when it is restored
    stored = comparable_texts(row, names)
    for field in row._meta.concrete_fields:
        if isinstance(field, KeyField):
            field.pre_save(row, add=False)
    if "search_text" in names:
        row.search_text = row.build_search_text()
    return stored != comparable_texts(row, names)


def comparable_texts(row, names):
    """Return the derived texts; the lines of the search text sorted: their order finds nothing else."""
    texts = {name: getattr(row, name) for name in names}
    if "search_text" in names:
        texts["search_text"] = sorted(texts["search_text"].split("\n"))
    return texts
