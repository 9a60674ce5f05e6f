"""The workspace's write lock around the save of a record."""

import functools

from django.db import transaction

from workspaces.tenancy.scope import began_with_write_lock, lock_workspace_writes


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
