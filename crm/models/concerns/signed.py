"""Authors and times of a record's creation and last change."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workspaces.models import Membership
from workspaces.tenancy.scope import active_member_id


class Signed(models.Model):
    """Model that stores who created it and who changed it last, and when."""

    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, default=active_member_id, editable=False, related_name="+"
    )
    updated_at = models.DateTimeField(_("last updated"), default=timezone.now, editable=False)
    updated_by = models.ForeignKey(Membership, models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        abstract = True

    def sign(self):
        """Set the active member and the current time as author and time of the last change."""
        self.updated_at, self.updated_by_id = timezone.now(), active_member_id()
