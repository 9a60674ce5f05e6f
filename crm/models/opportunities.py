"""Opportunities: potential sales, from the first contact to won, lost or abandoned."""

import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.db.indexes import live_index, order_blanks_last
from crm.models.concerns.write_lock import with_write_lock
from crm.models.contacts import Company, Person
from crm.models.fields import KeyField
from crm.models.picklists import LossReason, Source, Stage, Status
from crm.models.records import Record, RecordManager, RecordQuerySet
from crm.models.stage_changes import StageChange
from crm.models.tags import TaggedItem, TagsField
from crm.report_cache import CLOSED, OPEN
from workspaces.audit.options import AuditOptions
from workspaces.models import Membership
from workspaces.tenancy.scope import active_workspace


class OpportunityQuerySet(RecordQuerySet):
    def of_kind(self, *kinds):
        """Those whose status is of one of these kinds."""
        return self.with_status(Status.ids_of(*kinds))

    def with_status(self, ids):
        """Those with one of these statuses; where all of these are open ones, or none is, an index helps."""
        is_open = {pk: status.kind == Status.Kind.OPEN for pk, status in Status.objects.all_by_id().items()}
        open_flags = {is_open[pk] for pk in ids if pk in is_open}
        if len(open_flags) != 1:
            return self.filter(status__in=ids)
        status_ids = {pk for pk in is_open if is_open[pk] in open_flags}
        # As a list: SQLite looks for no bare column in an index.
        rows = self.filter(is_open__in=open_flags)
        return rows if status_ids <= set(ids) else rows.filter(status__in=ids)


class Opportunity(Record):
    """A sale being worked on: it moves through stages while its status is open, until it is won or not."""

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")

    searched = "name", "company", "contact", "value", "win_percent", "weighted_value"
    searched += "close_date", "expected_close", "tags"
    searched_choices = {
        "stage": Stage,
        "status": Status,
        "loss_reason": LossReason,
        "source": Source,
        "assignee": Membership,
    }

    counted_as = {"win_percent": "counted_win_percent"}
    audited = AuditOptions(without={"is_open", "moved_at"})
    parts = OPEN, CLOSED

    name = models.CharField(_("name"), max_length=200)
    name_key = KeyField()
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("company"),
    )
    contact = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="opportunities", verbose_name=_("contact")
    )
    stage = models.ForeignKey(
        Stage, models.PROTECT, null=True, blank=True, related_name="opportunities", verbose_name=_("stage")
    )
    value = models.BigIntegerField(_("value"), null=True, blank=True, validators=[MinValueValidator(0)])
    win_percent = models.PositiveSmallIntegerField(_("win %"), default=0, validators=[MaxValueValidator(100)])
    status = models.ForeignKey(Status, models.PROTECT, related_name="opportunities", verbose_name=_("status"))
    close_date = models.DateField(
        _("close date"), null=True, blank=True, help_text=_("The date it was won or lost.")
    )
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    loss_reason = models.ForeignKey(
        LossReason,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("loss reason"),
    )
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="opportunities", verbose_name=_("source")
    )
    assignee = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("assignee"),
    )
    tags = TagsField(through="crm.TaggedOpportunity", verbose_name=_("tags"))
    # Kept from the status' kind, for the one order that lists begin with: open ones first.
    is_open = models.BooleanField(default=True, editable=False)
    # When its stage or status last changed.
    moved_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RecordManager.from_queryset(OpportunityQuerySet)()

    class Meta(Record.Meta):
        ordering = ["-is_open", "-updated_at", "-pk"]
        verbose_name_plural = "opportunities"
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(condition=models.Q(value__gte=0), name="opportunity_value_not_negative"),
            models.CheckConstraint(
                condition=models.Q(win_percent__lte=100), name="opportunity_win_percent_to_100"
            ),
        ]
        indexes = [
            # With all that lists are narrowed by and the dashboard counts and adds up: neither needs the rows
            # themselves for it. All of it is in the key: what an entry only includes PostgreSQL takes out to
            # look at, which for each one that it passes over takes three times as long.
            live_index(
                "is_open",
                "updated_at",
                "id",
                "close_date",
                "expected_close",
                "value",
                "status",
                "stage",
                "source",
                "assignee",
                "win_percent",
                "priority",
                "loss_reason",
                "moved_at",
                "created_at",
                "updated_by",
                name="opportunity_live_changes",
            ),
            live_index("updated_at", "id", name="opportunity_live_by_update"),
            live_index("name_key", "id", name="opportunity_live_by_name"),
            live_index(*order_blanks_last("value"), name="opportunity_live_by_value_down"),
            live_index(*order_blanks_last("close_date"), name="opportunity_live_closing_down"),
            # The same of those between two values, closed between two days, of a stage or an assignee.
            live_index(
                "value",
                "id",
                "is_open",
                "updated_at",
                "status",
                "win_percent",
                name="opportunity_live_values",
            ),
            live_index(
                "close_date",
                "id",
                "is_open",
                "updated_at",
                "status",
                "value",
                "win_percent",
                "source",
                "assignee",
                "loss_reason",
                "created_at",
                name="opportunity_live_closings",
            ),
            live_index(
                "stage",
                "is_open",
                "updated_at",
                "id",
                "status",
                "source",
                "assignee",
                "value",
                "win_percent",
                name="opportunity_live_of_stage",
            ),
            live_index(
                "assignee",
                "is_open",
                "updated_at",
                "id",
                "status",
                "source",
                "stage",
                "value",
                "win_percent",
                name="opportunity_live_of_assignee",
            ),
            # In the order of the groups that the dashboard makes of the closed ones: nothing is to be sorted.
            live_index(
                "is_open",
                "status",
                "source",
                "assignee",
                "loss_reason",
                "stage",
                "close_date",
                "updated_at",
                "id",
                "created_at",
                "value",
                "win_percent",
                name="opportunity_live_groups",
            ),
            # What the dashboard says to look at.
            live_index("is_open", "expected_close", "id", name="opportunity_live_expected"),
            live_index("is_open", "moved_at", "id", name="opportunity_live_standing"),
        ]

    def renew_references(self, update_fields=None):
        super().renew_references(update_fields)
        # Its kind may have changed since it was read, and is_open is kept from it.
        self._state.fields_cache.pop("status", None)

    @with_write_lock
    def save(self, *args, update_fields=None, **kwargs):
        is_new, fields = self._state.adding, {"is_open", "moved_at"}
        self.is_open = self.kind == Status.Kind.OPEN
        if not is_new and any(
            self._loaded.get(f"{name}_id") != getattr(self, f"{name}_id") for name in StageChange.FIELDS
        ):
            self.moved_at = timezone.now()
        super().save(*args, update_fields=update_fields and {*update_fields, *fields}, **kwargs)
        if not is_new:
            StageChange.record(self)
            if "name" in self.changed:
                self.refresh_referring_records()

    def get_report_parts(self):
        was_open = self.is_open if self._state.adding else self._loaded.get("is_open")
        if was_open != self.is_open:
            return self.parts
        return (OPEN,) if self.is_open else (CLOSED,)

    @classmethod
    def on_value_replaced(cls, pks, field, old, new):
        if field in StageChange.FIELDS:
            StageChange.record_many(pks, field, old, new)
        if field == "status" and old.kind != new.kind:
            cls.on_value_changed(new, pks)

    @classmethod
    def on_value_changed(cls, entry, pks):
        """Be what the kind of their status says, many at once: open or closed, dated, found as such."""
        if not isinstance(entry, Status):
            return
        kind = Status.Kind(entry.kind)
        rows = cls.with_trash.filter(pk__in=pks)
        rows.exclude(is_open=not kind.is_closed).update(is_open=not kind.is_closed)
        if kind.is_closed:
            rows.filter(close_date=None).update(close_date=active_workspace().today())
        rows.refresh_search_text()

    @property
    def kind(self):
        """The kind of its status: what the program goes by."""
        return Status.Kind(self.status.kind)

    @property
    def counted_win_percent(self):
        """The win % that figures count with: 100 once won, 0 once lost or abandoned."""
        if self.kind == Status.Kind.OPEN:
            return self.win_percent
        return 100 if self.kind == Status.Kind.WON else 0

    @property
    def closed_at(self):
        """The moment at which its clock stops: the end of its close date, or now; None while it is open."""
        if not self.kind.is_closed:
            return None
        current_time = timezone.now()
        if self.close_date is None:
            return current_time
        following = self.close_date + datetime.timedelta(days=1)
        end = datetime.datetime.combine(following, datetime.time.min, active_workspace().zone)
        return min(end, current_time)

    @property
    def weighted_value(self):
        """Value × win %, rounded down to a whole number; None without a value."""
        return None if self.value is None else self.value * self.counted_win_percent // 100

    @property
    def hint(self):
        return self.company.name if self.company else ""


class TaggedOpportunity(TaggedItem):
    content_object = models.ForeignKey(Opportunity, models.CASCADE, related_name="tagged")
