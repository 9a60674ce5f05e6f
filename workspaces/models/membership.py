"""Memberships: who is in which workspace, and with which role."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crud.fastpath.compiled_queries import CompiledQuery, Param
from crud.models import Versioned
from workspaces.accounts.mfa.policy import with_mfa_flag
from workspaces.audit.options import AuditOptions
from workspaces.models.base import ReferenceQuerySet, WorkspaceModel, bump_settings_version
from workspaces.models.user import User
from workspaces.tenancy.db_session import session_settings
from workspaces.tenancy.scope import (
    WorkspaceManager,
)


class MembershipQuerySet(ReferenceQuerySet):
    def active(self):
        return self.filter(deactivated_at=None)

    def sales_staff(self):
        return self.active().filter(is_sales_staff=True)

    def admins(self):
        return self.active().filter(is_admin=True)


class MembershipManager(WorkspaceManager.from_queryset(MembershipQuerySet)):
    def get_queryset(self):
        return super().get_queryset().select_related("user")


class Membership(Versioned, WorkspaceModel):
    """What one user may do in one workspace.

    It is deactivated, never deleted: the name stays on what they did.
    """

    audited = AuditOptions(label=("user__name", "user__email"), without={"user"})

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_admin = models.BooleanField(
        _("admin"), default=False, help_text=_("Manages members, add-ons and settings.")
    )
    is_sales_staff = models.BooleanField(
        _("sales staff"),
        default=True,
        help_text=_("Can add, edit and delete CRM records and be assigned to them."),
    )
    has_crm_access = models.BooleanField(_("CRM access"), default=True, help_text=_("Can open the CRM."))
    joined_at = models.DateTimeField(auto_now_add=True)
    deactivated_at = models.DateTimeField(null=True, editable=False)

    # Whether the user has one, as `of` finds out by the way (see accounts.mfa).
    has_second_factor = None

    objects = MembershipManager()
    # Asked from the user's side, before any workspace is active; nothing but the sign-in uses it. The wall
    # lets a user's own be read from outside, where the database was told which user's (see `of`).
    also_read_by = "user_id"
    everywhere = models.Manager()

    class Meta(WorkspaceModel.Meta):
        ordering = ["user__name", "user__email", "pk"]
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_each")]

    def __str__(self):
        return gettext("%(name)s (inactive)") % {"name": self.user} if self.deactivated_at else str(self.user)

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        bump_settings_version()

    @CompiledQuery
    def in_force():
        """The active ones of a user, with their workspaces, over all workspaces."""
        rows = Membership.everywhere.filter(user=Param("user", User._meta.pk), deactivated_at=None)
        return with_mfa_flag(rows.select_related("workspace")).order_by("workspace__name", "pk")

    @classmethod
    def of(cls, user):
        """[membership] of the active ones of the user, with their workspaces, over all workspaces."""
        with session_settings({"socius.user_id": str(user.pk)}):
            return cls.in_force.rows(user=user.pk)

    @property
    def is_last_admin(self):
        return self.is_admin and not Membership.objects.admins().exclude(pk=self.pk).exists()
