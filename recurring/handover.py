"""What a member leaves behind: the revenue profiles that they own."""

from django.db.models import F
from django.utils import timezone

from workspaces.leaving import Work
from workspaces.scope import active_member_id

from .models import RevenueProfile


def profiles(member):
    return RevenueProfile.objects.filter(owner=member).exclude(state=RevenueProfile.State.ENDED)


def give_to(rows, owner):
    """Put the rows in the hands of `owner`: a membership, or None for nobody."""
    rows.update(
        owner=owner, version=F("version") + 1, updated_at=timezone.now(), updated_by=active_member_id()
    )


WORK = [Work("profiles", "revenue profile", "revenue profiles", profiles, give_to)]
