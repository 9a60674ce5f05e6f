"""The trash: what was deleted, by whom, and what it was connected with."""

from collections import defaultdict

from django.apps import apps
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from workspaces.models import Membership, WorkspaceModel
from workspaces.scope import active_member_id

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
        verbose_name = "deleted record"
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "row_id"], name="trashed_once")]
        indexes = [models.Index(fields=["workspace", "-deleted_at", "-id"], name="trashed_by_date")]

    def __str__(self):
        return self.name

    @classmethod
    def put(cls, rows):
        """Move the rows, all of one kind, into the trash; what pointed at them stays, pointing at nothing."""
        if not rows:
            return 0, {}
        model, now = type(rows[0]), timezone.now()
        with transaction.atomic():
            for start in range(0, len(rows), AT_ONCE):
                some = rows[start : start + AT_ONCE]
                _check_not_held(some)
                # Its form's key goes: sent again, the form makes a new row instead of finding this one.
                values = {"deleted_at": now, "submission": None, "version": models.F("version") + 1}
                model.objects.filter(pk__in=[row.pk for row in some]).update(**values)
                detached = _detached(some)
                cls.objects.bulk_create(
                    cls(
                        kind=model._meta.label_lower,
                        row_id=row.pk,
                        name=str(row)[:250],
                        deleted_at=now,
                        detached=detached[row.pk],
                    )
                    for row in some
                )
                model.went(some)
        return len(rows), {model._meta.label: len(rows)}

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
        """Put the row back, and connect again what has no other connection by now. Returns the row."""
        with transaction.atomic():
            # Whoever comes second waits here, and finds it restored already.
            Trashed.objects.select_for_update().get(pk=self.pk)
            self.model.trash.filter(pk=self.row_id).update(deleted_at=None, version=models.F("version") + 1)
            row = self.model.objects.get(pk=self.row_id)
            for path, ids in self.detached.items():
                _connect(path, self.row_id, ids)
            # It shows them again, and what it shows may have other names by now.
            self.model.objects.filter(pk=row.pk).refresh_search_text()
            self.model.went([row])
            self.delete()
        return row

    def erase(self):
        """Delete the row for good."""
        with transaction.atomic():
            self.model.trash.filter(pk=self.row_id).erase()
            self.delete()

    @classmethod
    def erase_all(cls, entries):
        """Delete the rows of these entries for good, kind by kind; how many there were."""
        with transaction.atomic():
            pairs = list(entries.order_by().values_list("kind", "pk", "row_id"))
            for start in range(0, len(pairs), AT_ONCE):
                some = pairs[start : start + AT_ONCE]
                for kind in {kind for kind, _, _ in some}:
                    rows = [row_id for of, _, row_id in some if of == kind]
                    apps.get_model(kind).trash.filter(pk__in=rows).erase()
                cls.objects.filter(pk__in=[pk for _, pk, _ in some]).delete()
        return len(pairs)


def _pointing_at(model, may_be_without=True):
    """[(model, field's name)] by which business data may point at a row of the model, or at none."""
    relations = [
        r for r in model._meta.related_objects if getattr(r.related_model, "is_business_data", False)
    ]
    return [(r.related_model, r.field.name) for r in relations if r.field.null is may_be_without]


def _check_not_held(rows):
    """Raise ProtectedError if something cannot be without these rows; the page that deletes asks before."""
    for model, name in _pointing_at(type(rows[0]), may_be_without=False):
        held_by = model.with_trash.filter(**{f"{name}__in": [row.pk for row in rows]})
        if held_by.exists():
            raise models.ProtectedError(f"{model._meta.verbose_name_plural} need them.", set(held_by))


def _detached(rows):
    """Let all that points at the rows point at nothing: {pk: {"crm.person.company": [ids]}}."""
    found = defaultdict(dict)
    for model, name in _pointing_at(type(rows[0])):
        pointing = model.with_trash.filter(**{f"{name}__in": [row.pk for row in rows]}).order_by("pk")
        pairs = list(pointing.values_list(name, "pk"))
        for row_id, pk in pairs:
            found[row_id].setdefault(f"{model._meta.label_lower}.{name}", []).append(pk)
        _point(model, name, [pk for _, pk in pairs], None)
    return found


def _connect(path, row_id, ids):
    """Let those of the rows point at `row_id` again that point at nothing."""
    label, _, name = path.rpartition(".")
    model = apps.get_model(label)
    for start in range(0, len(ids), AT_ONCE):
        free = model.with_trash.filter(**{"pk__in": ids[start : start + AT_ONCE], name: None})
        _point(model, name, list(free.order_by("pk").values_list("pk", flat=True)), row_id)


def _point(model, name, pks, target):
    """Let the rows point at `target`; no edit under way overwrites that, and they are found accordingly."""
    for start in range(0, len(pks), AT_ONCE):
        some = model.with_trash.filter(pk__in=pks[start : start + AT_ONCE])
        some.update(**{name: target, "version": models.F("version") + 1})
        some.refresh_search_text()
