"""What a model brings so that two people can edit it at once, and one can press Save twice."""

from django.db import models


class EditConflict(Exception):
    """The row was changed or deleted since it was read: nothing was saved.

    Like a database's own errors it leaves a transaction unusable: who catches it has a
    `transaction.atomic()` of its own around the save.
    """


class Versioned(models.Model):
    """A row that counts its versions: a save over a version not seen raises Conflict.

    So no edit is lost and no deleted row comes back.
    """

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        if self._state.adding or kwargs.get("force_insert"):
            return super().save(*args, update_fields=update_fields, **kwargs)
        if update_fields is None:
            unread = self.get_deferred_fields()
            update_fields = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.attname not in unread
            ]
        self.version += 1
        try:
            super().save(*args, update_fields={*update_fields, "version"}, **kwargs)
        except BaseException:
            self.version -= 1
            raise

    def _do_update(self, base_qs, using, pk_val, values, update_fields, forced_update):
        # Django's one place where an instance becomes UPDATE … WHERE: the version joins the condition.
        if self._state.adding:
            return False  # a new row with an id of its own is inserted, and never put over another
        same_version = base_qs.filter(version=self.version - 1)
        if not super()._do_update(same_version, using, pk_val, values, update_fields, forced_update):
            raise EditConflict(
                f"{self._meta.verbose_name} {self.pk} is no longer at version {self.version - 1}"
            )
        return True


class VersionedModel(Versioned):
    """A versioned row that a form adds once: `submission` is the key of the form (see CreateView)."""

    submission = models.UUIDField(null=True, editable=False)

    class Meta:
        abstract = True
