"""Months that were closed, with the figures that were reported."""

from decimal import Decimal

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workspaces.audit.options import AuditOptions
from workspaces.models import Membership, WorkspaceModel
from workspaces.tenancy.scope import active_member_id


class ClosedMonth(WorkspaceModel):
    """What was reported of a month when somebody closed it: its figures stay beside what they are by now."""

    audited = AuditOptions(label=("month",), without={"closed_at", "closed_by"})

    month = models.DateField()  # its first day
    currency = models.CharField(max_length=3)
    figures = models.JSONField()  # {name of a figure of months.Month: its amount as text}
    closed_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, default=active_member_id, editable=False, related_name="+"
    )

    class Meta(WorkspaceModel.Meta):
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "month"],
                name="closedmonth_once",
                violation_error_message=_("This month is already closed."),
            )
        ]

    def __str__(self):
        return f"{self.month:%B %Y}"

    def amount(self, name):
        """What was reported under a name."""
        return Decimal(self.figures.get(name, "0"))
