"""Revenue profiles: what one client pays for one thing."""

from decimal import Decimal

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.db.indexes import live_index
from crm.models import Company, Opportunity, Record
from crm.models.fields import KeyField
from crm.models.records import RecordManager, RecordQuerySet
from crm.models.tags import TaggedItem, TagsField
from crm.models.trash import Trashed
from crud import display
from crud.db.batches import split_into_batches
from crud.db.prefetch import attach_related
from recurring.models.fields import AmountField, CurrencyField
from recurring.mrr import profiles
from recurring.mrr.calendar import ONE_DAY
from workspaces.audit.options import AuditOptions
from workspaces.models import Membership
from workspaces.models.currencies_and_zones import currencies
from workspaces.tenancy.scope import (
    WorkspaceManager,
    active_workspace,
    default_workspace_id,
    lock_workspace_writes,
    try_lock_workspace_writes,
)

from .categories import RevenueCategory

AT_ONCE = 1000  # rows by one statement


def workspace_currency():
    """The currency of new profiles. A field's default, which migrations call too and must not raise."""
    return active_workspace().currency if default_workspace_id() else "USD"


class RevenueProfileQuerySet(RecordQuerySet):
    def delete(self):
        return Trashed.put(attach_related(list(self), ["company"]))

    def histories(self):
        """{pk: histories.Profile} of the rows, with all their dated rows; four queries."""
        rows = list(self)
        pks = [row.pk for row in rows]
        rows_by_name = {name: {} for name in ("terms", "pauses", "endings")}
        for name, by_profile in rows_by_name.items():
            model = self.model._meta.get_field(name).related_model
            for row in model.objects.live().filter(profile__in=pks).order_by("pk"):
                by_profile.setdefault(row.profile_id, []).append(row.history)
        return {
            row.pk: row.history(**{name: tuple(rows.get(row.pk, ())) for name, rows in rows_by_name.items()})
            for row in rows
        }

    def renew_standing(self):
        """Renew what each row says of today: its MRR, category and state, and until when that is so."""
        today = active_workspace().today()
        pks = list(self.order_by("pk").values_list("pk", flat=True))
        fields = ["mrr", "category", "state", "stands_until", "search_text"]
        for batch in split_into_batches(pks, AT_ONCE):
            with transaction.atomic():
                lock_workspace_writes()
                rows = self.model.with_trash.filter(pk__in=batch)
                histories, rows = rows.histories(), self.model.load_for_search(rows)
                for row in rows:
                    row.stand(histories[row.pk], today)
                    row.search_text = row.build_search_text()
                self.model.with_trash.bulk_update(rows, fields)

    def keep_up(self):
        """Renew the rows for which a day has come since: an amount agreed ahead, a pause over, an end."""
        due = self.filter(stands_until__lt=active_workspace().today())
        if due.exists():
            with transaction.atomic():
                # While somebody saves, the page shows what is stored: it must not wait for them, nor
                # overwrite what they do.
                if try_lock_workspace_writes():
                    due.renew_standing()


class RevenueProfile(Record):
    """What one client pays for one thing, from its first day of service to its last.

    What it is worth is not kept here: its terms, pauses and endings say so for any day (mrr/profiles.py).
    `mrr`, `category` and `state` only repeat what they say of today, for lists to sort and filter by; the
    last day for which that holds is `stands_until`, and `renew_standing` makes all of it anew at any time.
    """

    class Renewal(models.TextChoices):
        EVERGREEN = "evergreen", _("Continues until notice")
        AUTOMATIC = "automatic", _("Renews automatically")
        MANUAL = "manual", _("Renewed by agreement")

    class State(models.TextChoices):
        LIVE = "live", _("Live")
        UPCOMING = "upcoming", _("Upcoming")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    searched = (
        "name",
        "company",
        "mrr",
        "state",
        "start",
        "end",
        "currency",
        "renewal",
        "description",
        "opportunity",
        "tags",
        "notes",
    )
    searched_choices = {"category": RevenueCategory, "owner": Membership}

    # What it says of today, its dated rows say.
    audited = AuditOptions(without={"mrr", "category", "state", "stands_until"})

    name = models.CharField(_("name"), max_length=200)  # the category's where none is given
    name_key = KeyField()
    company = models.ForeignKey(
        Company, models.PROTECT, verbose_name=_("client"), related_name="revenue_profiles"
    )
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    owner = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revenue_profiles",
        verbose_name=_("owner"),
    )
    currency = CurrencyField(_("currency"), max_length=3, choices=currencies, default=workspace_currency)
    start = models.DateField(_("first day"))
    end = models.DateField(_("fixed last day"), null=True, blank=True)
    term_months = models.PositiveSmallIntegerField(
        _("term in months"), null=True, blank=True, validators=[MaxValueValidator(1200)]
    )
    renewal = models.CharField(_("renewal"), max_length=10, choices=Renewal, default=Renewal.EVERGREEN)
    notice_days = models.PositiveSmallIntegerField(
        _("days of notice"), default=0, validators=[MaxValueValidator(3660)]
    )
    notes = models.TextField(_("notes"), max_length=20_000, blank=True)
    opportunity = models.ForeignKey(
        Opportunity,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revenue_profiles",
        verbose_name=_("opportunity"),
    )
    tags = TagsField(through="recurring.TaggedRevenueProfile", verbose_name=_("tags"))

    mrr = AmountField("MRR", default=Decimal(0), editable=False)
    category = models.ForeignKey(
        RevenueCategory,
        models.PROTECT,
        editable=False,
        related_name="revenue_profiles",
        verbose_name=_("category"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.LIVE, editable=False)
    stands_until = models.DateField(null=True, editable=False)

    objects = RecordManager.from_queryset(RevenueProfileQuerySet)()
    with_trash = WorkspaceManager.from_queryset(RevenueProfileQuerySet)()

    class Meta(Record.Meta):
        ordering = ["name_key", "pk"]
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")),
                name="revenueprofile_ends_after_start",
                violation_error_message=_("The last day must not be before the first day."),
            ),
        ]
        indexes = [
            live_index("name_key", "id", name="revenueprofile_live_by_name"),
            live_index("mrr", "id", name="revenueprofile_live_by_mrr"),
            models.Index(fields=["workspace", "stands_until"], name="revenueprofile_by_standing"),
        ]

    def __str__(self):
        return f"{self.name} – {self.company or display.EMPTY}"

    def save(self, *args, update_fields=None, **kwargs):
        if not self.name:
            self.name = str(self.category)
        if update_fields is not None:
            update_fields = {*update_fields, "name"}
        super().save(*args, update_fields=update_fields, **kwargs)

    @classmethod
    def effects_of_restoring(cls, rows):
        from recurring.lifecycle.effects import of_restoring  # which looks at the models

        return of_restoring(rows)

    @property
    def hint(self):
        amount = f"{display.text(self, 'mrr')} {self.currency}"
        return gettext("%(amount)s per month") % {"amount": amount}

    def history(self, terms=(), pauses=(), endings=()):
        """The pure copy that the engine reckons with."""
        return profiles.ProfileHistory(
            id=self.pk,
            client=self.company_id,
            start=self.start,
            end=self.end,
            terms=terms,
            pauses=pauses,
            endings=endings,
            currency=self.currency,
            term_months=self.term_months,
            renewal=self.renewal,
            notice_days=self.notice_days,
        )

    def stand(self, history, today):
        """Be what the history says of today, until the day it says something else."""
        term = history.term_on(max(today, history.start)) or next(iter(history.live_terms), None)
        if term is not None:
            self.category_id = term.category
        self.mrr = history.mrr(today)
        self.state = state_of(history, today)
        turns = {history.start, *(term.from_date for term in history.live_terms)}
        turns |= {history.last_day and history.last_day + ONE_DAY}
        for pause in history.pauses:
            turns |= {pause.from_date, pause.to_date and pause.to_date + ONE_DAY}
        coming = min((day for day in turns if day and day > today), default=None)
        self.stands_until = coming and coming - ONE_DAY

    def renew_standing(self):
        """The same for one row, which has it then too."""
        RevenueProfile.with_trash.filter(pk=self.pk).renew_standing()
        self.refresh_from_db(fields=["mrr", "category", "state", "stands_until", "search_text"])


def state_of(history, day):
    """What a profile is on a day."""
    if day < history.start:
        return RevenueProfile.State.UPCOMING.value
    if not history.is_in_service(day):
        return RevenueProfile.State.ENDED.value
    return (RevenueProfile.State.PAUSED if history.is_paused(day) else RevenueProfile.State.LIVE).value


class TaggedRevenueProfile(TaggedItem):
    content_object = models.ForeignKey(RevenueProfile, models.CASCADE, related_name="tagged")
