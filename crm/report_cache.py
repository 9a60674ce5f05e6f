"""In-process cache of reports on a workspace's records, for a minute or until one of them is written.

The records are in three parts, so that not every write throws all away: who works on an open opportunity
leaves what was made of the closed ones. Each part has a mark in the cache that all processes share, and every
write puts another one in its place once it is committed. What is made is kept in the memory of its process,
under the marks that were there before the first record was read: what somebody changes meanwhile is in it or
not, but nobody looks for it there any more. Who finds no mark sets one and keeps nothing: nobody sees it
before the end of the transaction, and who writes meanwhile may be done before that.
"""

import secrets
from threading import Lock

from cachetools import LRUCache
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from workspaces.accounts.cache_backend import surviving_its_failure
from workspaces.tenancy.scope import (
    active_workspace,
    active_workspace_id,
    cached_for_request,
    lock_workspace_writes,
)

OPEN, CLOSED, OTHERS = "open opportunities", "closed opportunities", "other records"
PARTS = OPEN, CLOSED, OTHERS
SECONDS = 60
MAX_REPORTS = 256  # of some 15 KB each

_reports, _being_made, _lock = LRUCache(MAX_REPORTS), {}, Lock()


def cache_version_key(workspace_id, part):
    """The key of the mark that a part of a workspace's records has."""
    return f"{part.replace(' ', '-')}-of-{workspace_id}"


def new_cache_version():
    return secrets.token_urlsafe()


def cache_versions(workspace_id):
    """{part: the mark there is}; where there is none it is set for those who come after, and None."""
    keys, versions = {part: cache_version_key(workspace_id, part) for part in PARTS}, {}
    with surviving_its_failure():
        versions = cache.get_many(keys.values())
        for key in keys.values():
            if key not in versions:
                cache.add(key, new_cache_version(), SECONDS)
    return {part: versions.get(key) for part, key in keys.items()}


def cached_report(key, make, of=PARTS):
    """`make()`, as it was made for the key since the last write to these parts of the workspace's records.

    The key says what it depends on besides these, the settings, the day and the words.
    """
    workspace = active_workspace()
    words = workspace.today(), timezone.get_current_timezone_name(), get_language(), workspace.currency
    versions = cached_for_request("marks", lambda: cache_versions(workspace.pk))
    marks = [versions[part] for part in of]
    if None in marks or not settings.FASTPATH:
        return make()
    place = workspace.pk, *marks, workspace.settings_version, *words, key
    with _lock:
        turn = _being_made.setdefault(place, Lock())
    try:
        with turn:  # the charts of a page come all at once: the first of them makes it, the others wait
            return _get_or_compute(place, make)
    finally:
        with _lock:
            _being_made.pop(place, None)


def _get_or_compute(place, make):
    with _lock:
        if place in _reports:
            return _reports[place]
    result = make()
    with _lock:
        _reports[place] = result
    return result


def invalidate_reports(parts=PARTS):
    """Some records of the active workspace were written: let nothing be found that was made of them."""
    workspace_id, renewed_parts = active_workspace_id(), cached_for_request("marks set anew", set)
    renewed_parts.difference_update(parts)  # that was by a transaction before this one

    def set_anew():
        new = {
            cache_version_key(workspace_id, part): new_cache_version()
            for part in parts
            if part not in renewed_parts
        }
        if new:  # once for a transaction, however much it writes
            with surviving_its_failure():
                cache.set_many(new, SECONDS)
            renewed_parts.update(parts)

    # At once, where there is no transaction. It is committed by then, so no failure may decide the answer:
    # the old marks run out within a minute.
    transaction.on_commit(set_anew, robust=True)


class InvalidatesReportCache:
    """For a QuerySet: what it writes by itself lets nothing be found that was made before.

    Its model says to which `parts` its rows belong.
    """

    def update(self, **values):
        with transaction.atomic(savepoint=False):  # so that the mark comes after it, in whatever it is called
            lock_workspace_writes()
            invalidate_reports(self.model.parts)
            return super().update(**values)

    def bulk_create(self, *args, **options):
        with transaction.atomic(savepoint=False):
            lock_workspace_writes()
            invalidate_reports(self.model.parts)
            return super().bulk_create(*args, **options)
