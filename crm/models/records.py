"""Base class of people, companies, opportunities and revenue profiles, put together from its concerns."""

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from crm.db.indexes import NOT_IN_TRASH
from crm.models.concerns.change_tracking import ChangeTracking
from crm.models.concerns.searchable import Searchable, SearchableQuerySet
from crm.models.concerns.signed import Signed
from crm.models.concerns.trashable import Trashable, TrashableQuerySet
from crm.models.concerns.write_lock import with_write_lock
from crm.models.fields import KeyField
from crm.models.trash import references_to_records
from crm.report_cache import OTHERS, InvalidatesReportCache, invalidate_reports
from crud.fastpath.compiled_queries import CompiledQuery, ListParam
from crud.models import EditConflict, VersionedModel
from crud.search import normalize_text
from crud.urls import reverse_cached
from workspaces.models import WorkspaceModel
from workspaces.tenancy.scope import WorkspaceManager


class RecordQuerySet(InvalidatesReportCache, TrashableQuerySet, SearchableQuerySet):
    """Records of one workspace: searched, soft-deleted, and reports made of them invalidated."""


class RecordManager(WorkspaceManager.from_queryset(RecordQuerySet)):
    condition = NOT_IN_TRASH

    def of_ids(self):
        return self.get_queryset().filter(pk__in=ListParam("ids", self.model._meta.pk)).order_by()

    # What every list asks of the rows of its page, and of those they belong to: put together once.
    whole_by_ids = cached_property(lambda self: CompiledQuery(self.of_ids))
    named_by_ids = cached_property(
        lambda self: CompiledQuery(lambda: self.of_ids().only(*self.model.named_by))
    )

    def in_bulk(self, ids=None, **options):
        if not ids or options:
            return super().in_bulk(ids, **options)
        return {row.pk: row for row in self.whole_by_ids.rows(ids=ids)}

    def names_in_bulk(self, ids):
        """As `in_bulk`, but of each row no more than what it is called by."""
        return {row.pk: row for row in self.named_by_ids.rows(ids=ids)}


class TrashManager(WorkspaceManager.from_queryset(RecordQuerySet)):
    condition = ~RecordManager.condition


class Record(Searchable, Signed, Trashable, ChangeTracking, VersionedModel, WorkspaceModel):
    """A business record: searched, versioned, signed, and kept in the trash when deleted."""

    is_business_data = True
    parts = (OTHERS,)  # of the workspace's records, to which its rows may belong: see crm/report_cache.py
    named_by = ("name",)  # the fields that a row is called by, see __str__

    objects = RecordManager()
    trash = TrashManager()
    with_trash = WorkspaceManager.from_queryset(RecordQuerySet)()

    _is_locked = False  # while it is saved with the lock that its own save took

    class Meta(WorkspaceModel.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["workspace", "submission"], name="%(class)s_sent_once")
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse_cached(f"{self._meta.app_label}:{self._meta.model_name}-detail", self.pk)

    def renew_references(self, update_fields=None):
        """Read anew the records it will point at; Conflict if one was deleted since it was chosen."""
        for field in references_to_records(type(self)):
            pk = getattr(self, field.attname)
            is_written = update_fields is None or field.name in update_fields
            if not pk or not is_written or pk == self._loaded.get(field.attname):
                continue
            target = field.related_model.objects.filter(pk=pk).first()
            if target is None:
                raise EditConflict(f"{field.verbose_name} {pk} was deleted")
            if field.is_cached(self) and target.version != field.get_cached_value(self).version:
                setattr(self, field.name, target)

    @with_write_lock
    def save(self, *args, update_fields=None, **kwargs):
        parts = self.get_report_parts()
        self._compare_with_loaded(update_fields)
        self.search_text = self.build_search_text()
        self.sign()
        if update_fields is not None:
            update_fields = {*update_fields, "search_text", "updated_at", "updated_by"}
            update_fields |= {field.name for field in self._meta.fields if isinstance(field, KeyField)}
        super().save(*args, update_fields=update_fields, **kwargs)
        self._loaded = {**self._loaded, **self._current(update_fields)}
        invalidate_reports(parts)

    def get_report_parts(self):
        """Those to which it belonged and will belong, when it is about to be saved."""
        return self.parts

    @classmethod
    def build_name_condition(cls, name):
        """The condition for being the row that somebody means who types this name."""
        return Q(name_key=normalize_text(name)[:250])

    def twins(self):
        """(field, sentence, rows) for each reason to think that other rows are the same as this one."""
        return ()

    def remarks(self):
        """Return (field, sentence) for each value that is allowed but likely not meant."""
        return ()

    def get_constraints(self):
        # Those that the fields' own validators hold, and the form's key, need not be asked of the database.
        return [
            (model, [rule for rule in rules if not self.is_held(rule)])
            for model, rules in super().get_constraints()
        ]

    @staticmethod
    def is_held(constraint):
        return isinstance(constraint, models.CheckConstraint) or "submission" in constraint.fields

    @classmethod
    def on_value_replaced(cls, pks, field, old, new):
        """Hear that one statement put `new` in the place of `old` in these rows, without `save`."""

    @classmethod
    def on_value_changed(cls, entry, pks):
        """Hear that an entry which these rows use has changed in what they keep a trace of."""
