"""The trash: what was deleted, by whom, and what it was connected with."""

from collections import defaultdict

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crud.db.batches import split_into_batches
from crud.related import business_relations, is_business_data
from workspaces.models import Membership, WorkspaceModel
from workspaces.tenancy.scope import active_member_id, lock_workspace_writes

AT_ONCE = 2000  # rows by one statement: databases limit the number of its parameters


class Trashed(WorkspaceModel):
    """One deleted row, as the trash lists it; the row itself is kept, marked, where it was.

    Nothing points at a row in the trash, neither from outside nor from within it: what did is
    written down here, for the restoration.
    """

    audited = None  # the row's own change says that it went, and came back

    kind = models.CharField(max_length=80)  # "crm.company"
    row_id = models.BigIntegerField()
    name = models.CharField(max_length=250)
    deleted_at = models.DateTimeField(default=timezone.now)
    deleted_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, default=active_member_id, related_name="+"
    )
    # What lost its connection: {"crm.person.company": [ids]}
    detached = models.JSONField(default=dict)

    class Meta(WorkspaceModel.Meta):
        ordering = ["-deleted_at", "-pk"]
        verbose_name = _("deleted record")
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "row_id"], name="trashed_once")]
        indexes = [models.Index(fields=["workspace", "-deleted_at", "-id"], name="trashed_by_date")]

    def __str__(self):
        return self.name

    @classmethod
    def put(cls, rows):
        """Move the rows, all of one kind, into the trash; what pointed at them stays, pointing at nothing."""
        if not rows:
            return 0, {}
        model, current_time, number = type(rows[0]), timezone.now(), 0
        with transaction.atomic():
            lock_workspace_writes()
            for batch in split_into_batches(rows, AT_ONCE):
                # Its form's key goes: sent again, the form makes a new row instead of finding this one.
                values = {"deleted_at": current_time, "submission": None, "version": models.F("version") + 1}
                live = model.objects.filter(pk__in=[row.pk for row in batch])
                # Before the search for what points at them: from here on nothing new can.
                if live.update(**values) < len(batch):  # others were deleted since they were read
                    trashed_ids = set(
                        model.trash.filter(
                            pk__in=[row.pk for row in batch], deleted_at=current_time
                        ).values_list("pk", flat=True)
                    )
                    batch = [row for row in batch if row.pk in trashed_ids]
                    if not batch:
                        continue
                number += len(batch)
                _check_not_held(batch)
                detached = _detached(batch)
                cls.objects.bulk_create(
                    cls(
                        kind=model._meta.label_lower,
                        row_id=row.pk,
                        name=str(row)[:250],
                        deleted_at=current_time,
                        detached=detached[row.pk],
                    )
                    for row in batch
                )
                model.on_trashed_or_restored(batch)
        return number, {model._meta.label: number}

    @property
    def model(self):
        return apps.get_model(self.kind)

    @property
    def one(self):
        """What kind of row it is: "company"."""
        return str(self.model._meta.verbose_name)

    @property
    def undo_address(self):
        """Where the deletion that it was part of is taken back, whole."""
        return reverse("crm:trashed-undo", args=[self.pk])

    @property
    def history_address(self):
        """Where it says what happened to the row, as long as it is here."""
        opts = self.model._meta
        return reverse(f"{opts.app_label}:{opts.model_name}-history", args=[self.row_id])

    def together(self):
        """The entries of the same deletion that are still in the trash, this one included."""
        return Trashed.objects.filter(deleted_at=self.deleted_at, deleted_by=self.deleted_by, kind=self.kind)

    def restore(self):
        """Put the row back, and connect again what has no other connection by now. Returns the row.

        Raise DoesNotExist if the entry or its row is no longer in the trash, ValidationError if the row
        cannot be without another one that is there.
        """
        with transaction.atomic():
            lock_workspace_writes()
            self._lock()
            row = self.model.trash.get(pk=self.row_id)
            values = {"deleted_at": None, "version": models.F("version") + 1, **_without_trashed(row)}
            self.model.trash.filter(pk=self.row_id).update(**values)
            row = self.model.objects.get(pk=self.row_id)
            for path, ids in self.detached.items():
                _connect(path, self.row_id, ids)
            # It shows them again, and what it shows may have other names by now.
            self.model.objects.filter(pk=row.pk).refresh_search_text()
            self.model.on_trashed_or_restored([row])
            self.delete()
        return row

    def _lock(self):
        """Lock this entry; DoesNotExist if somebody else has restored or erased its row."""
        Trashed.objects.select_for_update().get(pk=self.pk)

    def erase(self):
        """Delete the row permanently. ProtectedError if another record cannot be without it."""
        with transaction.atomic():
            lock_workspace_writes()
            self._lock()
            erase_rows(self.model, [self.row_id])
            self.delete()

    @classmethod
    def erase_all(cls, entries):
        """Delete the rows of these entries permanently, kind by kind.

        Return how many there were, and how many stay because another record cannot be without them.
        """
        number = held_number = 0
        with transaction.atomic():
            lock_workspace_writes()
            locked = entries.order_by("pk").select_for_update()
            by_kind = defaultdict(dict)  # {model: {id of the row: id of the entry}}
            for kind, pk, row_id in locked.values_list("kind", "pk", "row_id"):
                by_kind[apps.get_model(kind)][row_id] = pk
            # Dependents first, then the records that they need.
            for model in sorted(by_kind, key=lambda model: len(_pointing_at(model, may_be_without=False))):
                row_ids = list(by_kind[model])
                for batch in split_into_batches(row_ids, AT_ONCE):
                    held_ids = _held_ids(model, batch)
                    batch = [pk for pk in batch if pk not in held_ids]
                    erase_rows(model, batch)
                    cls.objects.filter(pk__in=[by_kind[model][pk] for pk in batch]).delete()
                    number, held_number = number + len(batch), held_number + len(held_ids)
        return number, held_number


def erase_rows(model, pks):
    """Delete these rows permanently, if they are in the trash. ProtectedError if another needs one of them.

    Nothing is to point at them by now; what does all the same (see check_data) is detached, so that it is
    never in the way of an erasure.
    """
    rows = list(model.trash.filter(pk__in=pks))
    if rows:
        _check_not_held(rows)
        _detached(rows)
        model.trash.filter(pk__in=[row.pk for row in rows]).erase()


def references_to_records(model):
    """The model's keys to records that can be in the trash."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.is_relation and is_business_data(field.related_model)
    ]


def _without_trashed(row):
    """{field: None} for the row's keys to records in the trash; ValidationError where one must be set."""
    values = {}
    for field in references_to_records(type(row)):
        pk = getattr(row, field.attname)
        target = pk and field.related_model.trash.filter(pk=pk).first()
        if target and not field.null:
            raise ValidationError(
                _("%(target)s is in the trash too. Restore the %(field)s first: %(name)s needs it.")
                % {"target": target, "field": field.verbose_name, "name": row.name}
            )
        if target:
            values[field.name] = None
    return values


def _pointing_at(model, may_be_without=True):
    """[(model, field's name)] by which business data may point at a row of the model, or at none."""
    return [
        (relation.related_model, relation.field.name)
        for relation in business_relations(model)
        if relation.field.null is may_be_without
    ]


def _held_ids(model, pks):
    """{pk} of these rows without which another record cannot be."""
    return {
        pk
        for other_model, name in _pointing_at(model, may_be_without=False)
        for pk in other_model.with_trash.filter(**{f"{name}__in": pks})
        .order_by()
        .values_list(name, flat=True)
    }


def _check_not_held(rows):
    """Raise ProtectedError if something cannot be without these rows; the page that deletes asks before."""
    for model, name in _pointing_at(type(rows[0]), may_be_without=False):
        held_by = model.with_trash.filter(**{f"{name}__in": [row.pk for row in rows]})
        if held_by.exists():
            raise models.ProtectedError(f"{model._meta.verbose_name_plural} need them.", set(held_by))


def _detached(rows):
    """Let all that points at the rows point at nothing: {pk: {"crm.person.company": [ids]}}."""
    references = defaultdict(dict)
    for model, name in _pointing_at(type(rows[0])):
        pointing = model.with_trash.filter(**{f"{name}__in": [row.pk for row in rows]}).order_by("pk")
        pairs = list(pointing.values_list(name, "pk"))
        for row_id, pk in pairs:
            references[row_id].setdefault(f"{model._meta.label_lower}.{name}", []).append(pk)
        point(model, name, [pk for _, pk in pairs], None)
    return references


def _connect(path, row_id, ids):
    """Let those of the rows point at `row_id` again that point at nothing."""
    label, _, name = path.rpartition(".")
    model = apps.get_model(label)
    for batch in split_into_batches(ids, AT_ONCE):
        free = model.with_trash.filter(**{"pk__in": batch, name: None})
        point(model, name, list(free.order_by("pk").values_list("pk", flat=True)), row_id)


def point(model, name, pks, target):
    """Let the rows point at `target`; no edit under way overwrites that, and they are found accordingly."""
    for batch in split_into_batches(pks, AT_ONCE):
        records = model.with_trash.filter(pk__in=batch)
        records.update(**{name: target, "version": models.F("version") + 1})
        records.refresh_search_text()
