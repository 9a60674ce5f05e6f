"""What was made of a workspace's records, kept until one of them is written; for a minute at most.

A workspace has a mark in the cache that all processes share, and every write puts another one in its place
once it is committed. What is made is kept in the memory of its process, under the mark that was there before
the first record was read: what somebody changes meanwhile is in it or not, but nobody looks for it there any
more. Who finds no mark sets one and keeps nothing: nobody sees it before the end of the transaction, and who
writes meanwhile may be done before that.
"""

import secrets
from collections import OrderedDict
from threading import Lock

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from workspaces.scope import active_workspace, active_workspace_id, remembered

SECONDS = 60
MOST = 64  # of some 50 KB each

_kept, _being_made, _lock = OrderedDict(), {}, Lock()


def mark_of(workspace_id):
    """The key of a workspace's mark."""
    return f"records-of-{workspace_id}"


def new_mark():
    return secrets.token_urlsafe()


def mark_found(key):
    """The mark there is; where there is none it is set for those who come after, and None."""
    mark = cache.get(key)
    if mark is None:
        cache.add(key, new_mark(), SECONDS)
    return mark


def kept_while_unchanged(key, make):
    """`make()`, as it was made for the key since the last write to the active workspace's records.

    The key says what it depends on besides these, the settings, the day and the words.
    """
    workspace = active_workspace()
    words = workspace.today(), timezone.get_current_timezone_name(), get_language(), workspace.currency
    mark = remembered("mark", lambda: mark_found(mark_of(workspace.pk)))
    if mark is None:
        return make()
    place = workspace.pk, mark, workspace.settings_version, *words, key
    with _lock:
        turn = _being_made.setdefault(place, Lock())
    try:
        with turn:  # the charts of a page come all at once: the first of them makes it, the others wait
            return _kept_or_made(place, make)
    finally:
        with _lock:
            _being_made.pop(place, None)


def _kept_or_made(place, make):
    with _lock:
        if place in _kept:
            _kept.move_to_end(place)
            return _kept[place]
    made = make()
    with _lock:
        _kept[place] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def records_changed():
    """A record of the active workspace was written: let nothing be found that was made before."""
    key, told = mark_of(active_workspace_id()), remembered("marks set anew", set)
    told.discard(key)  # that was by a transaction before this one

    def set_anew():
        if key not in told:  # once for a transaction, however much it writes
            cache.set(key, new_mark(), SECONDS)
            told.add(key)

    transaction.on_commit(set_anew)  # at once, where there is no transaction


class Told:
    """For a QuerySet: what it writes by itself lets nothing be found that was made before."""

    def update(self, **values):
        with transaction.atomic(savepoint=False):  # so that the mark comes after it, in whatever it is called
            records_changed()
            return super().update(**values)

    def bulk_create(self, *args, **options):
        with transaction.atomic(savepoint=False):
            records_changed()
            return super().bulk_create(*args, **options)
