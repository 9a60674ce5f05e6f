"""What a member leaves behind: the revenue profiles that they own."""

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recurring.models import RevenueProfile
from workspaces.members.reassignment import AssignedRecords
from workspaces.tenancy.scope import active_member_id


def profiles(member):
    return RevenueProfile.objects.filter(owner=member).exclude(state=RevenueProfile.State.ENDED)


def reassign_profiles(rows, owner):
    """Put the rows in the hands of `owner`: a membership, or None for nobody."""
    rows.update(
        owner=owner, version=F("version") + 1, updated_at=timezone.now(), updated_by=active_member_id()
    )


WORK = [AssignedRecords("profiles", _("revenue profile"), _("revenue profiles"), profiles, reassign_profiles)]
