"""The active workspace, and the one place where queries are held to it.

A workspace is active for the length of one request (see middleware) or of one
``with activate(workspace)`` block. While none is active, every query over a
workspace's rows raises NoActiveWorkspace: there is no off switch and no "all".

On PostgreSQL the block is a transaction, or part of the one there is, because only so the
second wall lets its rows through. What runs outside of it enters the workspace anew: a
command, a job, another thread, what is called on_commit. (A streamed answer is seen to by
the middleware.)
"""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property

from crud.fastpath.compiled_queries import is_compiling
from workspaces.audit import actor
from workspaces.tenancy.db_session import (
    acquire_write_lock,
    current_settings,
    holds_write_lock,
    session_settings,
    try_acquire_write_lock,
)
from workspaces.tenancy.reference_cache import reference_values


@dataclass(frozen=True)
class Scope:
    """Where we are, who acts there, and what was already looked up."""

    workspace: object = None
    member: object = None
    memo: dict | None = None


NOWHERE = Scope()
WRITTEN = object()  # in a memo: this request has written what was remembered, so nobody else is to have it
_active = ContextVar("active_scope", default=NOWHERE)


class NoActiveWorkspace(RuntimeError):
    """A workspace's rows were asked for while no workspace was active."""


@contextmanager
def activate(workspace, member=None, memo=None):
    """Make `workspace` the active one inside the block; None means none is.

    `member` is the membership that acts there. `memo`, a dict, is given where a
    block is one short piece of work (a request), begun by reading the workspace:
    see `cached_for_request` and `cached_for_workspace`.
    """
    token = _active.set(Scope(workspace, member, memo))
    try:
        with session_settings(
            {
                "socius.workspace_id": workspace_setting(workspace),
                "socius.acting": actor.actor_setting(member),
            }
        ):
            yield workspace
    finally:
        _active.reset(token)


def workspace_setting(workspace):
    """How the database is told of the workspace: its id as text, none of None."""
    return str(workspace.pk) if workspace else ""


def active_workspace():
    """The active workspace. Raises NoActiveWorkspace if there is none."""
    workspace = _active.get().workspace
    if workspace is None:
        raise NoActiveWorkspace("No workspace is active; use `with activate(workspace):`.")
    return workspace


def active_workspace_id():
    return active_workspace().pk


def active_time_zone():
    """Return the time zone of the active workspace, whatever the user's own is."""
    return active_workspace().zone


def lock_workspace_writes(workspace=None):
    """Wait until nobody else writes to the workspace (the active one by default); see context.lock_writes."""
    acquire_write_lock(workspace or active_workspace())


def try_lock_workspace_writes():
    """Take the active workspace's write lock if nobody has it; return whether the transaction has it now."""
    return try_acquire_write_lock(active_workspace())


def began_with_write_lock():
    """Return True if nothing was read in the transaction before it had the active workspace's write lock."""
    return holds_write_lock(active_workspace())


def default_workspace_id():
    """The active workspace's id or None: a field's default, which migrations call too and must not raise."""
    workspace = _active.get().workspace
    return workspace and workspace.pk


def active_member():
    """The membership that acts, or None where a program does."""
    return _active.get().member


def active_member_id():
    member = active_member()
    return member and member.pk


def cached_for_request(key, make):
    """`make()`, made once per request. Outside of requests it is made each time, so nothing gets stale."""
    memo = _active.get().memo
    if memo is None:
        return make()
    if key not in memo:
        memo[key] = make()
    return memo[key]


def cached_for_workspace(key, make):
    """Return `make()` of reference data, cached until any of it is written. See crud/fastpath/README.md."""
    scope = _active.get()
    if scope.memo is None or WRITTEN in scope.memo or not settings.FASTPATH:
        return cached_for_request(key, make)
    cached = reference_values(scope.workspace.pk, scope.workspace.settings_version)
    if key not in cached:
        cached[key] = make()
    return cached[key]


def forget_cached(key=None):
    """Drop what was remembered under the key, or all of it: something of it was written."""
    memo = _active.get().memo
    if memo is None:
        return
    if key is None:
        memo.clear()
        memo[WRITTEN] = True
    else:
        memo.pop(key, None)


class ActiveWorkspaceId(models.Expression):
    """The active workspace's id, looked up when the SQL is made, not before.

    So a queryset may be built anywhere, even at import, and still can only be
    run for the workspace that is active at that moment.
    """

    output_field = models.BigAutoField()

    def as_sql(self, compiler, connection):
        return "%s", [self if is_compiling() else self.bind({}, connection)]

    def bind(self, values, connection):
        """Return the id. A CompiledQuery calls this each time it runs."""
        workspace = active_workspace()
        # The policies would find no rows, as if there were none; better an error than a wrong answer.
        if connection.vendor == "postgresql" and _setting_id(connection) != workspace_setting(workspace):
            raise NoActiveWorkspace(
                "This connection is in no transaction of the workspace: activate it here."
            )
        return workspace.pk


def _setting_id(connection):
    return current_settings(connection).get("socius.workspace_id")


class WorkspaceManager(models.Manager):
    """Finds rows of the active workspace only; and of them those for which the `condition` holds."""

    condition = models.Q()

    @cached_property
    def held(self):
        """Queryset that every query begins with, made once: 5 instead of 120 µs each time.

        The workspace is no part of it: its id is looked up when the SQL is made.
        """
        return super().get_queryset().filter(self.condition, workspace=ActiveWorkspaceId())

    def get_queryset(self):
        return self.held.all()
