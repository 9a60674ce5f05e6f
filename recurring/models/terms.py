"""The dated rows of a profile. None is overwritten: what was wrong is superseded or undone, and stays."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crud.parsing.numbers import currency_places
from recurring.models.categories import RevenueCategory
from recurring.models.fields import AmountField, amount_text
from recurring.models.profiles import RevenueProfile
from recurring.models.superseding import Supersedable
from recurring.mrr import profiles
from recurring.mrr.money import monthly_amount
from workspaces.audit.options import AuditOptions
from workspaces.models import Membership
from workspaces.tenancy.scope import active_member_id

LINE = ("amount", "quantity", "unit", "count", "discount")  # what is agreed, but for the category


class HistoryRow(Supersedable):
    """A row of a profile's history: who wrote it and when, and since when it does not count any more.

    `submission` is the key of the form that wrote it: the same form sent twice writes one row.
    """

    audited = AuditOptions(part_of="profile", without={"superseded_by"})

    note = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, default=active_member_id, editable=False, related_name="+"
    )
    superseded_by = models.ForeignKey(Membership, models.PROTECT, null=True, editable=False, related_name="+")
    submission = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta(Supersedable.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["workspace", "submission"], name="%(class)s_sent_once")
        ]

    def supersede(self):
        """Count no longer, from now on."""
        self.superseded_at, self.superseded_by_id = timezone.now(), active_member_id()
        self.save(update_fields=["superseded_at", "superseded_by"])


EVERY = {  # interval: (count) -> how often an amount is paid
    "month": lambda count: ngettext("per month", "every %(number)s months", count),
    "quarter": lambda count: ngettext("per quarter", "every %(number)s quarters", count),
    "half_year": lambda count: ngettext("per half-year", "every %(number)s half-years", count),
    "year": lambda count: ngettext("per year", "every %(number)s years", count),
    "week": lambda count: ngettext("per week", "every %(number)s weeks", count),
    "day": lambda count: ngettext("per day", "every %(number)s days", count),
}


class RevenueTerm(HistoryRow):
    """From a day on: what is paid, how often, and in which category that is."""

    class Unit(models.TextChoices):
        MONTH = "month", _("month")
        QUARTER = "quarter", _("quarter")
        HALF_YEAR = "half_year", _("half-year")
        YEAR = "year", _("year")
        WEEK = "week", _("week")
        DAY = "day", _("day")

    class Reason(models.TextChoices):
        NEW = "new", _("New")
        UPSELL = "upsell", _("Upsell")
        DOWNGRADE = "downgrade", _("Downgrade")
        SEATS = "seats", _("Seats")
        UPLIFT = "uplift", _("Price increase")
        DISCOUNT = "discount", _("Discount")
        DISCOUNT_END = "discount_end", _("End of a discount")
        TRANSFER = "transfer", _("Category change")
        INTERVAL = "interval", _("Interval change")
        RENEWAL = "renewal", _("Renewal")
        CORRECTION = "correction", _("Correction")

    audited = AuditOptions(part_of="profile", without={"superseded_by", "monthly"})
    currency = ""  # the profile's; a term shows its amounts with the decimals that they have

    profile = models.ForeignKey(RevenueProfile, models.CASCADE, related_name="terms")
    from_date = models.DateField(_("from"))
    amount = AmountField(_("amount"))
    quantity = AmountField(_("quantity"), default=1)
    unit = models.CharField(_("interval"), max_length=10, choices=Unit, default=Unit.MONTH)
    count = models.PositiveSmallIntegerField(
        _("intervals"), default=1, validators=[MinValueValidator(1), MaxValueValidator(1200)]
    )
    discount = AmountField(_("discount %"), default=0)
    category = models.ForeignKey(
        RevenueCategory, models.PROTECT, related_name="terms", verbose_name=_("category")
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    monthly = AmountField(editable=False)  # what the line is worth a month: kept from the others on save

    class Meta(HistoryRow.Meta):
        ordering = ["from_date", "pk"]
        constraints = [
            *HistoryRow.Meta.constraints,
            models.UniqueConstraint(
                fields=["workspace", "profile", "from_date"],
                condition=Q(superseded_at=None),
                name="revenueterm_one_a_day",
                violation_error_message=_("There is already an amount from this day. Edit that one."),
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="revenueterm_amount_not_negative"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="revenueterm_quantity_not_negative"),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lte=100), name="revenueterm_discount_to_100"
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="revenueterm_count_from_1"),
        ]

    def __str__(self):
        return f"{self.line} from {self.from_date:%Y-%m-%d}"

    def save(self, *args, **kwargs):
        self.monthly = self.normalize()
        super().save(*args, **kwargs)

    def normalize(self):
        """The line per month: ValueError where it is no amount."""
        return monthly_amount(
            self.amount, self.unit, self.count, quantity=self.quantity, discount=self.discount
        )

    @property
    def agreed(self):
        """{name: value} of the line."""
        return {name: getattr(self, name) for name in LINE}

    @property
    def history(self):
        return profiles.ProfileTerm(
            self.from_date,
            self.amount,
            self.quantity,
            self.unit,
            self.count,
            self.discount,
            self.category_id,
            self.reason,
        )

    @property
    def line(self):
        """The agreed amount in words: "1,200.00 every 18 months, 3 ×, less 10%"."""
        period = EVERY[self.unit](self.count) % {"number": self.count}
        parts = [f"{amount_text(self.amount, currency_places(self.profile.currency))} {period}"]
        if self.quantity != 1:
            parts.append(f"{amount_text(self.quantity, least=0)} ×")
        if self.discount:
            parts.append(gettext("less %(percent)s%%") % {"percent": amount_text(self.discount, least=0)})
        return ", ".join(parts)


class RevenuePause(HistoryRow):
    """From a day to a day, both included, nothing is paid and the client is kept. No end: it is open."""

    profile = models.ForeignKey(RevenueProfile, models.CASCADE, related_name="pauses")
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("to"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta(HistoryRow.Meta):
        ordering = ["from_date", "pk"]
        constraints = [
            *HistoryRow.Meta.constraints,
            models.CheckConstraint(
                condition=Q(to_date__isnull=True) | Q(to_date__gte=F("from_date")),
                name="revenuepause_ends_after_start",
                violation_error_message=_("The pause ends before it starts."),
            ),
        ]

    def __str__(self):
        return f"{self.from_date:%Y-%m-%d} – {self.to_date or '…'}"

    @property
    def history(self):
        return profiles.ProfilePause(self.from_date, self.to_date, self.reason)


class RevenueEnding(HistoryRow):
    """Notice that a profile ends. Undone, it counts for nothing, and the churn it made is gone."""

    class Kind(models.TextChoices):
        CLIENT = "client", _("The client gave notice")
        US = "us", _("We gave notice")
        EXPIRY = "expiry", _("Expired")
        UNPAID = "unpaid", _("Not paid")

    class Reason(models.TextChoices):
        PRICE = "price", _("Price")
        COMPETITOR = "competitor", _("Competitor")
        BUDGET = "budget", _("Budget")
        NO_NEED = "no_need", _("No longer needed")
        SERVICE = "service", _("Not satisfied")
        CLOSED = "closed", _("Out of business")
        OTHER = "other", _("Other")

    profile = models.ForeignKey(RevenueProfile, models.CASCADE, related_name="endings")
    notice_date = models.DateField(_("notice given on"), null=True, blank=True)
    end = models.DateField(_("last day"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CLIENT)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)

    class Meta(HistoryRow.Meta):
        ordering = ["end", "pk"]
        constraints = [
            *HistoryRow.Meta.constraints,
            models.UniqueConstraint(
                fields=["workspace", "profile"],
                condition=Q(superseded_at=None),
                name="revenueending_one_at_a_time",
                violation_error_message=_("It already has an ending. Undo or edit that."),
            ),
        ]

    def __str__(self):
        return f"{self.end:%Y-%m-%d}"

    @property
    def history(self):
        return profiles.ProfileEnding(self.end, self.notice_date, self.kind, self.reason, self.superseded_at)
