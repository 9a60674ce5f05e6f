"""Changes of a record since it was read from the database."""

from django.db import models


class ChangeTracking(models.Model):
    """Model that knows its values as they were read, and what its last save changed."""

    _loaded = {}  # {attname: value} as it was read from the database or last saved
    changed = {}  # {attname: (before, after)} of the last save

    class Meta:
        abstract = True

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

    def _compare_with_loaded(self, fields=None):
        """Set `changed` from the differences to the values as they were loaded."""
        self.changed = {
            name: (self._loaded.get(name), new)
            for name, new in self._current(fields).items()
            if self._loaded.get(name) != new
        }
