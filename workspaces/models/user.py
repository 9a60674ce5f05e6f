"""Users, who sign in with their email address."""

import datetime
import logging

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import DatabaseError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crud.fastpath.compiled_queries import CompiledQuery, Param
from crud.models import EditConflict
from crud.parsing.text import clean_line
from workspaces.models.currencies_and_zones import time_zones
from workspaces.models.workspace import Workspace
from workspaces.permissions import has_permission

logger = logging.getLogger(__name__)


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=clean_line(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, email):
        return self.get(email=email.lower())

    @CompiledQuery
    def by_id():
        return User.objects.filter(pk=Param("pk", User._meta.pk))

    def get(self, *args, **conditions):
        """As any manager's; by the id alone, as every request asks, by a query that is put together once."""
        if args or [*conditions] != ["pk"]:
            return super().get(*args, **conditions)
        for user in self.by_id.rows(**conditions):
            return user
        raise self.model.DoesNotExist


class User(AbstractBaseUser):
    """Somebody who can sign in, by e-mail address; what they may do, a Membership says."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("Match system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(
        _("email"),
        unique=True,
        error_messages={"unique": _("An account with this email address already exists.")},
    )
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, blank=True, choices=time_zones)
    theme = models.CharField(_("theme"), max_length=10, default=Theme.SYSTEM, choices=Theme)
    version = models.PositiveIntegerField(default=1, editable=False)  # of the profile, see save_profile
    second_factor_declined_at = models.DateTimeField(null=True, editable=False)
    last_workspace = models.ForeignKey(
        Workspace, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    # What the middleware finds out for one request: all workspaces of the user, and the one they are in.
    memberships = ()
    membership = None

    def __str__(self):
        return self.name or self.email

    def save(self, *args, update_fields=None, **kwargs):
        is_new = self._state.adding
        self.name = clean_line(self.name)
        super().save(*args, update_fields=update_fields, **kwargs)
        if not is_new and (update_fields is None or {"name", "email"} & {*update_fields}):
            # As whom the members of their workspaces know them.
            from workspaces.models.membership import Membership  # which needs this module

            places = [membership.workspace_id for membership in Membership.of(self)]
            Workspace.objects.filter(pk__in=places).bump_settings_version()

    @transaction.atomic
    def save_profile(self, fields):
        """Save these fields of the profile. Raise Conflict if another request saved it since it was read.

        Not a Versioned model: sign-ins and changes of the password save the rest of the row.
        """
        current = User.objects.filter(pk=self.pk, version=self.version)
        if not current.update(version=models.F("version") + 1):
            raise EditConflict(f"user {self.pk} is no longer at version {self.version}")
        self.version += 1
        self.save(update_fields=fields)

    def get_last_changes(self, names):
        """Return {field name: (user id, name, time)}: nobody else changes a profile."""
        return {name: (self.pk, str(self), None) for name in names}

    def enter(self, membership):
        """Be in this workspace for the request, and come back to it at the next sign-in."""
        membership.user = self
        self.membership = membership
        if self.last_workspace_id == membership.workspace_id:
            return
        try:
            with transaction.atomic():
                User.objects.filter(pk=self.pk).update(last_workspace=membership.workspace_id)
        except DatabaseError:  # pages are shown also while the database takes no writes
            logger.exception("The workspace that a user is in could not be noted.")

    def has_perm(self, permission, obj=None):
        return has_permission(self.membership, permission)

    def has_module_perms(self, app_label):
        return self.membership is not None

    @property
    def is_asked_for_second_factor(self):
        """Whether an admin without one is to be asked for one: not in the month after "not now"."""
        if self.membership is None or not self.membership.is_admin or self.membership.has_second_factor:
            return False
        declined = self.second_factor_declined_at
        return declined is None or timezone.now() - declined > datetime.timedelta(days=30)

    @property
    def initials(self):
        words = str(self).replace("@", " ").split()
        return "".join(word[0] for word in [words[0], *words[1:][-1:]]).upper()
