"""Soft deletion: deleted records stay in their table, marked, and nothing shows them but the trash."""

from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor
from django.db.models.signals import class_prepared
from django.dispatch import receiver

from crm.models.trash import Trashed
from crud.related import is_business_data
from workspaces.models import WorkspaceQuerySet


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
        if field.many_to_one and is_business_data(field.remote_field.model):
            setattr(sender, field.name, RecordDescriptor(field))


class TrashableQuerySet(WorkspaceQuerySet):
    def delete(self):
        """Put the rows in the trash; what pointed at them stays, without them, until they are restored."""
        return Trashed.put(list(self))

    def erase(self):
        """Delete the rows permanently; locked first, so that nobody restores one meanwhile."""
        with transaction.atomic():
            pks = list(self.order_by("pk").select_for_update().values_list("pk", flat=True))
            return super(TrashableQuerySet, self.filter(pk__in=pks)).delete()


class Trashable(models.Model):
    """Model whose rows go to the trash when they are deleted, and can be restored from there."""

    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def delete(self, *args, **kwargs):
        return type(self).objects.filter(pk=self.pk).delete()

    @property
    def trash_entry(self):
        """Its entry in the trash, None while it is not there."""
        return self.pk and Trashed.objects.filter(kind=self._meta.label_lower, row_id=self.pk).first()

    @classmethod
    def effects_of_restoring(cls, rows):
        """[recurring.effects.Effect] to be seen before these rows are restored from the trash."""
        return []

    @classmethod
    def on_trashed_or_restored(cls, rows):
        """Hear that the rows went to the trash, or came back: what shows them is found by less, or more."""
