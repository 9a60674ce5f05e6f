"""Workspaces: the tenants of an installation."""

import zoneinfo

from django.db import models
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from crud.models import Versioned
from crud.parsing.text import clean_line
from workspaces.audit.options import AuditOptions
from workspaces.models.currencies_and_zones import currencies, time_zones
from workspaces.tenancy.urls import reverse_outside


class SettingsVersionQuerySet(models.QuerySet):
    def bump_settings_version(self):
        """Let the small kinds of these workspaces be read anew: one of their rows was written."""
        self.update(settings_version=models.F("settings_version") + 1)


class Workspace(Versioned):
    """One firm's room: everything in it is seen by its members, and by nobody else."""

    audited = AuditOptions(without={"settings_version"})

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("workspace URL"), max_length=40, unique=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD", choices=currencies)
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC", choices=time_zones)
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("fiscal year starts in"),
        default=1,
        choices=[*MONTHS.items()],
    )
    has_crm = models.BooleanField("CRM", default=True)
    has_recurring = models.BooleanField(_("Recurring Revenue"), default=True)
    requires_loss_reason = models.BooleanField(_("require a loss reason"), default=True)
    requires_second_factor = models.BooleanField(_("require two-factor authentication"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    settings_version = models.PositiveBigIntegerField(default=0, editable=False)  # tenancy.reference_cache

    objects = SettingsVersionQuerySet.as_manager()

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        # Also where no form was: a line break would begin a paragraph of its own in an invitation's mail.
        self.name = clean_line(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        """The address of its home, made from anywhere."""
        return f"{reverse_outside('home')}w/{self.slug}/"

    def get_last_changes(self, names):
        """Return {field name: (user id, actor, time)} of the last change of each, by the audit trail."""
        from workspaces.audit.models import AuditEntry  # needs this package

        return AuditEntry.objects.get_last_changes(self, names)

    def today(self):
        """The date it is at this workspace's place: what decides "this month" in its figures."""
        return timezone.localdate(timezone=self.zone)

    @property
    def zone(self):
        """Its time zone as a tzinfo."""
        return zoneinfo.ZoneInfo(self.time_zone)
