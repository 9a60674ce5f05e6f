"""How a membership changes and ends: never so that a workspace is left without an admin."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from .models import Membership, Workspace
from .scope import active_workspace_id, lock_workspace_writes


class LastAdmin(Exception):
    """It would have left the workspace without an admin: nothing was changed."""


@dataclass(frozen=True)
class Work:
    """A kind of thing that members look after, and that somebody else can be given.

    The packages that have such things list them in the setting HAND_OVER, in the order
    in which they change hands.
    """

    name: str
    one: str
    many: str
    rows: Callable  # (member) -> the queryset of what is theirs
    give: Callable  # (queryset, the membership that gets it, or None for nobody)
    # Further ways than to one person or to nobody: {value: (label, what does it with the queryset)}
    ways: dict = field(default_factory=dict)

    def counted(self, number):
        """ "1 company", "1,200 companies"."""
        return f"{number:,} {self.one if number == 1 else self.many}"


def works():
    """All kinds of work there are."""
    return [work for path in settings.HAND_OVER for work in import_string(path)]


def work_of(member):
    """[(work, how many of it)] that is the member's."""
    counted = [(work, work.rows(member).count()) for work in works()]
    return [(work, number) for work, number in counted if number]


@contextmanager
def keeping_an_admin():
    """What is done in the block is undone, and LastAdmin raised, if it leaves no admin.

    The workspace's row is the lock: two admins who demote each other at the same moment do
    it one after the other, and the second one sees what the first one did.
    """
    with transaction.atomic():
        lock_workspace_writes()
        Workspace.objects.select_for_update(no_key=True).get(pk=active_workspace_id())
        yield
        if not Membership.objects.admins().exists():
            raise LastAdmin


def change_marks(member, **marks):
    """Give or take marks: change_marks(member, is_admin=False). Raises LastAdmin."""
    with keeping_an_admin():
        for name, value in marks.items():
            setattr(member, name, value)
        member.save(update_fields=list(marks))


def deactivate(member, own_session=None):
    """End the membership, from the next request on; the name stays on what was done. Raises LastAdmin.

    Somebody who has no other workspace is signed out everywhere, but for `own_session`, the
    key of the session in which they leave of their own accord.
    """
    with keeping_an_admin():
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
