"""How a membership changes and ends: never so that a workspace is left without an admin."""

from contextlib import contextmanager

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone

from workspaces.models import Membership, Workspace
from workspaces.tenancy.scope import active_workspace_id, lock_workspace_writes


class LastAdminError(Exception):
    """It would have left the workspace without an admin: nothing was changed."""


@contextmanager
def require_remaining_admin():
    """What is done in the block is undone, and LastAdminError raised, if it leaves no admin.

    The workspace's row is the lock: two admins who demote each other at the same moment do
    it one after the other, and the second one sees what the first one did.
    """
    with transaction.atomic():
        lock_workspace_writes()
        Workspace.objects.select_for_update(no_key=True).get(pk=active_workspace_id())
        yield
        if not Membership.objects.admins().exists():
            raise LastAdminError


def change_permissions(member, **marks):
    """Give or take marks: change_permissions(member, is_admin=False). Raises LastAdminError."""
    with require_remaining_admin():
        for name, value in marks.items():
            setattr(member, name, value)
        member.save(update_fields=list(marks))


def deactivate(member, own_session=None):
    """End the membership, from the next request on; the name stays on what was done. Raises LastAdminError.

    Somebody who has no other workspace is signed out everywhere, but for `own_session`, the
    key of the session in which they leave of their own accord.
    """
    with require_remaining_admin():
        member.deactivated_at = timezone.now()
        member.save(update_fields=["deactivated_at"])
    if not Membership.of(member.user):
        for session in UserSession.objects.filter(user=member.user).exclude(session_key=own_session):
            session.end()


def reactivate(member, **marks):
    """Let somebody who left come back, with the marks they had or with those given."""
    member.deactivated_at = None
    for name, value in marks.items():
        setattr(member, name, value)
    member.save(update_fields=["deactivated_at", *marks])
