"""What people, companies and opportunities have in common: found, edited by many, and taken back."""

import functools
import operator

from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor
from django.db.models.signals import class_prepared
from django.dispatch import receiver
from django.utils import timezone
from django.utils.functional import cached_property

from crm.db.indexes import RecordIndex
from crm.models.trash import Trashed, references_to_records
from crm.report_cache import OTHERS, InvalidatesReportCache, invalidate_reports
from crud import display
from crud.db.expressions import LabeledLine, contains_text
from crud.db.prefetch import attach_related
from crud.fastpath.compiled_queries import CompiledQuery, ListParam
from crud.models import EditConflict, VersionedModel
from crud.parsing.date_texts import parse_dates
from crud.search import SearchTerm, digits, normalize_text, parse_terms
from crud.urls import reverse_cached
from workspaces.models import Membership, WorkspaceModel, WorkspaceQuerySet
from workspaces.tenancy.scope import (
    WorkspaceManager,
    active_member_id,
    began_with_write_lock,
    lock_workspace_writes,
)

BATCH_SIZE = 1000  # rows read and written by one statement
# Of the indexes that lists are sorted by. Not a column of theirs: PostgreSQL does not see that rows which are
# all NULL there are in the order of the columns after it.
NOT_IN_TRASH = Q(deleted_at=None)


def get_line_label(place):
    """Return the character that begins the line of a field in search_text; no search can contain it."""
    return chr(1 + place)


def find_bare_numbers(text):
    """Return the digits of a text that is a number, for a phone also without the zero to be left out."""
    if parse_dates(text):
        return []
    bare = [digits(text)]
    return [*bare, digits(text.replace("(0)", ""))] if "(0)" in text and bare[0] else bare


def live_index(*columns, **options):
    """An index of the rows that are not in the trash, by workspace and then these columns."""
    if all(isinstance(column, str) for column in columns):
        return RecordIndex(fields=["workspace", *columns], condition=NOT_IN_TRASH, **options)
    return RecordIndex(F("workspace"), *columns, condition=NOT_IN_TRASH, **options)


def order_blanks_last(column):
    """Return the expressions of an index for a descending list by a column that may be blank."""
    return F(column).desc(nulls_last=True), F("id").desc()


def with_write_lock(save):
    """Decorate a model's save: outside a request it takes the write lock and looks anew at what it points at.

    A request has the lock from its start, so whatever it has read still holds.
    """

    @functools.wraps(save)
    def locked_save(self, *args, **kwargs):
        if self._is_locked or began_with_write_lock():
            return save(self, *args, **kwargs)
        with transaction.atomic():
            lock_workspace_writes()
            self.renew_references(kwargs.get("update_fields"))
            self._is_locked = True
            try:
                return save(self, *args, **kwargs)
            finally:
                del self._is_locked

    return locked_save


class RecordDescriptor(ForwardManyToOneDescriptor):
    """Access to a record that another points at: None where that is in the trash, which nothing is to show.

    Nothing that is not in the trash itself points there, unless the database was written to by other ways
    than ours (see check_data): then the record still has its page, and shows "—".
    """

    def __get__(self, instance, cls=None):
        try:
            return super().__get__(instance, cls)
        except ObjectDoesNotExist:
            if not self.field.is_cached(instance):
                # Of another workspace, or none at all, is another matter.
                pk = getattr(instance, self.field.attname)
                if pk is None or not self.field.related_model.with_trash.filter(pk=pk).exists():
                    raise
                self.field.set_cached_value(instance, None)
            return None


@receiver(class_prepared)
def hide_trashed_relations(sender, **signal):
    """Give each key to a record the descriptor above, whichever app's model has it."""
    for field in sender._meta.local_fields:
        if field.many_to_one and getattr(field.remote_field.model, "is_business_data", False):
            setattr(sender, field.name, RecordDescriptor(field))


class RecordQuerySet(InvalidatesReportCache, WorkspaceQuerySet):
    def search(self, text):
        """The rows in which every term of `text` occurs, in whichever of the fields that are shown."""
        for term in self.model.search_terms(text):
            condition = self.model.found_by(term)
            self = self.exclude(condition) if term.is_excluded else self.filter(condition)
        return self

    def delete(self):
        """Put the rows in the trash; what pointed at them stays, without them, until they are restored."""
        return Trashed.put(list(self))

    def erase(self):
        """Delete the rows permanently; locked first, so that nobody restores one meanwhile."""
        with transaction.atomic():
            pks = list(self.order_by("pk").select_for_update().values_list("pk", flat=True))
            return super(RecordQuerySet, self.filter(pk__in=pks)).delete()

    def refresh_search_text(self):
        """Renew what the rows are found by, after something they show was changed elsewhere."""
        pks = list(self.order_by().values_list("pk", flat=True))
        for start in range(0, len(pks), BATCH_SIZE):
            # Locked, or what somebody saves meanwhile would be missing in the text; in order, or two
            # who do this at once could wait for each other.
            records = self.model.with_trash.select_for_update(no_key=True).order_by("pk")
            with transaction.atomic():
                lock_workspace_writes()
                rows = self.model.for_search(records.filter(pk__in=pks[start : start + BATCH_SIZE]))
                for row in rows:
                    row.search_text = row.made_search_text()
                self.model.with_trash.bulk_update(rows, ["search_text"])


class RecordManager(WorkspaceManager.from_queryset(RecordQuerySet)):
    condition = Q(deleted_at=None)

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


class Record(VersionedModel, WorkspaceModel):
    """A row of the CRM's own: searched, versioned, signed and kept in the trash when deleted."""

    is_business_data = True
    parts = (OTHERS,)  # of the workspace's records, to which its rows may belong: see crm/report_cache.py
    named_by = ("name",)  # the fields that a row is called by, see __str__
    # The fields whose text goes into search_text; and, of small kinds that are renamed at will, those
    # that are compared when a search runs: {field: model}.
    searched = ()
    searched_choices = {}
    # The fields of `searched` that have text filters: each has a line of its own in search_text.
    filtered_texts = ()

    search_text = models.TextField(default="", editable=False)
    created_at = models.DateTimeField("created", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, default=active_member_id, editable=False, related_name="+"
    )
    updated_at = models.DateTimeField("last change", default=timezone.now, editable=False)
    updated_by = models.ForeignKey(Membership, models.PROTECT, null=True, editable=False, related_name="+")
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = RecordManager()
    trash = TrashManager()
    with_trash = WorkspaceManager.from_queryset(RecordQuerySet)()

    _is_locked = False  # while it is saved with the lock that its own save took
    _loaded = {}  # {attname: value} as it was read from the database or last saved
    changed = {}  # {attname: (before, after)} of the last save

    class Meta(WorkspaceModel.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["workspace", "submission"], name="%(class)s_sent_once")
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse_cached(f"{self._meta.app_label}:{self._meta.model_name}-detail", self.pk)

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        row._loaded = dict(zip(field_names, values, strict=True))
        return row

    def refresh_from_db(self, using=None, fields=None, **kwargs):
        super().refresh_from_db(using, fields, **kwargs)
        self.__dict__.pop("_attached", None)
        self._loaded = {**self._loaded, **self._current(fields)}

    def _current(self, only=None):
        """{attname: value} as it is in memory, of all that was read or of the fields `only`."""
        read = [f for f in self._meta.concrete_fields if f.attname not in self.get_deferred_fields()]
        return {
            f.attname: getattr(self, f.attname) for f in read if only is None or {f.name, f.attname} & {*only}
        }

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
        current, parts = self._current(update_fields), self.parts_written()
        self.changed = {
            name: (self._loaded.get(name), new)
            for name, new in current.items()
            if self._loaded.get(name) != new
        }
        self.search_text = self.made_search_text()
        self.updated_at, self.updated_by_id = timezone.now(), active_member_id()
        if update_fields is not None:
            update_fields = {*update_fields, "search_text", "updated_at", "updated_by"}
            update_fields |= {field.name for field in self._meta.fields if hasattr(field, "source")}
        super().save(*args, update_fields=update_fields, **kwargs)
        self._loaded = {**self._loaded, **self._current(update_fields)}
        invalidate_reports(parts)

    def parts_written(self):
        """Those to which it belonged and will belong, when it is about to be saved."""
        return self.parts

    def delete(self, *args, **kwargs):
        return type(self).objects.filter(pk=self.pk).delete()

    @property
    def trashed(self):
        """Its entry in the trash, None while it is not there."""
        return self.pk and Trashed.objects.filter(kind=self._meta.label_lower, row_id=self.pk).first()

    @classmethod
    def effects_of_restoring(cls, rows):
        """[recurring.effects.Effect] to be seen before these rows are restored from the trash."""
        return []

    @classmethod
    def on_trashed_or_restored(cls, rows):
        """Hear that the rows went to the trash, or came back: what shows them is found by less, or more."""

    def refresh_those_that_show_it(self):
        """Let the records that show this one's name be found by it, also those that the CRM does not know."""
        for relation in self._meta.related_objects:
            model = relation.related_model
            if getattr(model, "is_business_data", False) and relation.field.name in model.searched:
                model.objects.filter(**{relation.field.name: self}).refresh_search_text()

    @classmethod
    def find_called(cls, name):
        """The condition for being the row that somebody means who types this name."""
        return Q(name_key=normalize_text(name)[:250])

    def twins(self):
        """(field, sentence, rows) for each reason to think that other rows are the same as this one."""
        return ()

    @classmethod
    def search_terms(cls, text):
        """Return the terms of a search text."""
        return parse_terms(text)

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
    def follow(cls, entry, pks):
        """Hear that an entry which these rows use has changed in what they keep a trace of."""

    def made_search_text(self):
        """Every text it shows, its own and its relations', normalized, a line each; numbers bare too."""
        labeled = [
            f"{get_line_label(place)}{normalize_text(getattr(self, name))}"
            for place, name in enumerate(self.filtered_texts)
        ]
        parts = [
            part for text in self.search_parts() for part in (normalize_text(text), *find_bare_numbers(text))
        ]
        lines = dict.fromkeys(part for part in parts if part)
        return "\n".join([*labeled, *lines, ""] if labeled else lines)

    @classmethod
    def for_search(cls, rows):
        """The rows as a list, with all at hand that `search_parts` reads: some queries for many rows."""
        return attach_related(rows, (*cls.searched, *cls.searched_choices))

    def search_parts(self):
        """The texts that the row is found by."""
        for name in self.searched:
            if name in self.filtered_texts:
                yield from ()  # see made_search_text
            elif name != "tags":
                yield from display.search_texts(self, name)
            elif self.pk:
                yield from map(str, display.many(self, name))

    @classmethod
    def field_found_by(cls, name, term: SearchTerm):
        """The condition under which the text of one field, of `filtered_texts`, holds the term."""
        line = LabeledLine("search_text", get_line_label(cls.filtered_texts.index(name)))
        # The whole text first, which is quick: most rows end there.
        conditions = [contains_text("search_text", form) & contains_text(line, form) for form in term.forms]
        return functools.reduce(operator.or_, conditions)

    @classmethod
    def found_by(cls, term: SearchTerm):
        """The condition under which a row holds the term."""
        conditions = [contains_text("search_text", form) for form in term.forms]
        for name, model in cls.searched_choices.items():
            ids = [pk for pk, row in model.objects.whole().items() if term.is_in(str(row))]
            if ids:
                conditions.append(Q(**{f"{name}__in": ids}))
        return functools.reduce(operator.or_, conditions)
