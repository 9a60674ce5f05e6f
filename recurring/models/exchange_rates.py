"""What other currencies are worth at a month's end, and what was reported of months that are closed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recurring.models.superseding import Supersedable, SupersedableQuerySet
from workspaces.audit.options import AuditOptions
from workspaces.models import Membership, WorkspaceModel
from workspaces.models.currencies_and_zones import currencies
from workspaces.tenancy.scope import WorkspaceManager, active_member_id


class ExchangeRateQuerySet(SupersedableQuerySet):
    def table(self):
        """{currency: {month: rate}} of those that count."""
        rates_by_currency = {}
        for month, currency, rate in self.live().order_by().values_list("month", "currency", "rate"):
            rates_by_currency.setdefault(currency, {})[month] = rate
        return rates_by_currency


class ExchangeRate(Supersedable):
    """What a unit of a currency is worth in the workspace's at a month's end. A new one supersedes it."""

    audited = AuditOptions(label=("currency",))

    month = models.DateField(_("month"))  # its first day
    currency = models.CharField(_("currency"), max_length=3, choices=currencies)
    rate = models.DecimalField(_("rate"), max_digits=15, decimal_places=10)
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
                violation_error_message=_("There is already a rate for this month."),
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchangerate_above_0"),
        ]

    def __str__(self):
        return f"{self.month:%Y-%m} {self.currency} {self.plain}"

    @property
    def plain(self):
        """The rate with as many decimals as it has."""
        return f"{self.rate.normalize():f}"
