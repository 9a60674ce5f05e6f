"""What other currencies are worth at a month's end, and what was reported of months that are closed."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone

from workspaces.audit.audited import Audited
from workspaces.models import Membership, WorkspaceModel, currencies
from workspaces.scope import WorkspaceManager, active_member_id

from .live import Live, LiveQuerySet


class ExchangeRateQuerySet(LiveQuerySet):
    def table(self):
        """{currency: {month: rate}} of those that count."""
        found = {}
        for month, currency, rate in self.live().order_by().values_list("month", "currency", "rate"):
            found.setdefault(currency, {})[month] = rate
        return found


class ExchangeRate(Live):
    """What a unit of a currency is worth in the workspace's at a month's end. A new one supersedes it."""

    audited = Audited(label=("currency",))

    month = models.DateField()  # its first day
    currency = models.CharField(max_length=3, choices=currencies)
    rate = models.DecimalField(max_digits=15, decimal_places=10)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, default=active_member_id, editable=False, related_name="+"
    )

    objects = WorkspaceManager.from_queryset(ExchangeRateQuerySet)()

    class Meta(WorkspaceModel.Meta):
        ordering = ["-month", "currency", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "month", "currency"],
                condition=Q(superseded_at=None),
                name="exchangerate_one_a_month",
                violation_error_message="There is a rate of this month already.",
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchangerate_above_0"),
        ]

    def __str__(self):
        return f"{self.month:%Y-%m} {self.currency} {self.plain}"

    @property
    def plain(self):
        """The rate with as many decimals as it has."""
        return f"{self.rate.normalize():f}"


class ClosedMonth(WorkspaceModel):
    """What was reported of a month when somebody closed it: its figures stay beside what they are by now."""

    audited = Audited(label=("month",), without={"closed_at", "closed_by"})

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
                violation_error_message="This month is closed already.",
            )
        ]

    def __str__(self):
        return f"{self.month:%B %Y}"

    def amount(self, name):
        """What was reported under a name."""
        return Decimal(self.figures.get(name, "0"))
