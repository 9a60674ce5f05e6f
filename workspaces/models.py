"""Users, workspaces, who is in which, and the base of every row that belongs to one."""

import datetime
import logging
import secrets
import zoneinfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core import signing
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from crud.models import Conflict, Versioned
from crud.text import clean_line

from .addresses import outside
from .audit.audited import Audited
from .context import told
from .currencies_and_zones import currencies, time_zones
from .prepared import Given, Prepared
from .roles import may
from .scope import (
    WorkspaceManager,
    activate,
    active_workspace_id,
    default_workspace_id,
    forget,
    remembered_by_all,
)
from .second_factor import with_factors

log = logging.getLogger(__name__)


class WorkspaceCounting(models.QuerySet):
    def count_settings(self):
        """Let the small kinds of these workspaces be read anew: one of their rows was written."""
        self.update(settings_version=models.F("settings_version") + 1)


class Workspace(Versioned):
    """One firm's room: everything in it is seen by its members, and by nobody else."""

    audited = Audited(without={"settings_version"})

    name = models.CharField(max_length=80)
    slug = models.SlugField("address", max_length=40, unique=True)
    currency = models.CharField(max_length=3, default="USD", choices=currencies)
    time_zone = models.CharField(max_length=40, default="UTC", choices=time_zones)
    fiscal_year_start = models.PositiveSmallIntegerField(
        "fiscal year starts in",
        default=1,
        choices=[(month, f"{datetime.date(2000, month, 1):%B}") for month in range(1, 13)],
    )
    has_crm = models.BooleanField("CRM", default=True)
    has_recurring = models.BooleanField("Recurring Revenue", default=True)
    requires_loss_reason = models.BooleanField("ask for a reason when an opportunity is lost", default=True)
    requires_second_factor = models.BooleanField("every member needs a second factor", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    settings_version = models.PositiveBigIntegerField(default=0, editable=False)  # see kept.py

    objects = WorkspaceCounting.as_manager()

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        # Also where no form was: a line break would begin a paragraph of its own in an invitation's mail.
        self.name = clean_line(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        """The address of its home, made from anywhere."""
        return f"{outside('home')}w/{self.slug}/"

    def last_changes(self, names):
        """Return {field name: (user id, actor, time)} of the last change of each, by the audit trail."""
        return AuditEntry.objects.last_changes(self, names)

    def today(self):
        """The date it is at this workspace's place: what decides "this month" in its figures."""
        return timezone.localdate(timezone=self.zone)

    @property
    def zone(self):
        """Its time zone as a tzinfo."""
        return zoneinfo.ZoneInfo(self.time_zone)


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=clean_line(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, email):
        return self.get(email=email.lower())

    @Prepared
    def by_id():
        return User.objects.filter(pk=Given("pk", User._meta.pk))

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
        SYSTEM = "system", "As the device is set"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    email = models.EmailField(
        unique=True, error_messages={"unique": "There is already an account with this address."}
    )
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=40, blank=True, choices=time_zones)
    theme = models.CharField(max_length=10, default=Theme.SYSTEM, choices=Theme)
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
            places = [membership.workspace_id for membership in Membership.of(self)]
            Workspace.objects.filter(pk__in=places).count_settings()

    @transaction.atomic
    def save_profile(self, fields):
        """Save these fields of the profile. Raise Conflict if another request saved it since it was read.

        Not a Versioned model: sign-ins and changes of the password save the rest of the row.
        """
        current = User.objects.filter(pk=self.pk, version=self.version)
        if not current.update(version=models.F("version") + 1):
            raise Conflict(f"user {self.pk} is no longer at version {self.version}")
        self.version += 1
        self.save(update_fields=fields)

    def last_changes(self, names):
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
            log.exception("The workspace that a user is in could not be noted.")

    def has_perm(self, permission, obj=None):
        return may(self.membership, permission)

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


class WorkspaceQuerySet(models.QuerySet):
    """Rows of one workspace."""


class WorkspaceModel(models.Model):
    """A row that belongs to one workspace, and is only ever seen inside it.

    The wall is the manager (see scope.py). What it does not see: raw SQL; a query that
    starts at User or Workspace and joins into scoped rows (hence related_name="+" on keys
    that point out of the scope); a streamed answer, which outlives its request and must
    activate again; a cache key without the workspace's id. Unique constraints are always
    with `workspace`, never `unique=True`.
    """

    audited = Audited()  # what the audit trail tells of its rows; None where another table's tell it

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, default=default_workspace_id, editable=False, related_name="+"
    )

    objects = WorkspaceManager.from_queryset(WorkspaceQuerySet)()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def validate_constraints(self, exclude=None):
        # Forms leave out what is not editable, `workspace` first of all, and Django skips a constraint
        # with a field left out: the duplicate would then surface as an IntegrityError.
        fixed = {field.name for field in self._meta.fields if not field.editable}
        super().validate_constraints(exclude=set(exclude or ()) - fixed)

    def last_changes(self, names):
        """Return {field name: (user id, actor, time)} of the last change of each, by the audit trail."""
        return AuditEntry.objects.last_changes(self, names)


def settings_changed():
    """A row of a small kind was written: nobody goes on with the rows they have."""
    forget()
    Workspace.objects.filter(pk=active_workspace_id()).count_settings()


class SmallQuerySet(WorkspaceQuerySet):
    """Rows of a kind of which a workspace has few: they are read all at once, and then kept."""

    def whole(self):
        """{pk: row} of the workspace, in order. Not to be changed by the caller: others have the same."""
        return remembered_by_all(self.model, lambda: {row.pk: row for row in self.model.objects.all()})

    def written(self):
        """To be called where rows were written by other ways than these."""
        settings_changed()

    def bulk_create(self, *args, **options):
        made = super().bulk_create(*args, **options)
        self.written()
        return made

    def in_bulk(self, ids=None, **options):
        if ids is None or options:
            return super().in_bulk(ids, **options)
        whole = self.whole()
        return {pk: whole[pk] for pk in ids if pk in whole}

    def update(self, **values):
        number = super().update(**values)
        self.written()
        return number

    def delete(self):
        result = super().delete()
        self.written()
        return result


class MembershipQuerySet(SmallQuerySet):
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

    audited = Audited(label=("user__name", "user__email"), without={"user"})

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_admin = models.BooleanField(
        "admin", default=False, help_text="Manages members, add-ons and the settings."
    )
    is_sales_staff = models.BooleanField(
        "sales staff", default=True, help_text="May add, change and delete CRM data, and be an assignee."
    )
    has_crm_access = models.BooleanField("CRM access", default=True, help_text="Sees the CRM at all.")
    joined_at = models.DateTimeField(auto_now_add=True)
    deactivated_at = models.DateTimeField(null=True, editable=False)

    # Whether the user has one, as `of` finds out by the way (see second_factor.py).
    has_second_factor = None

    objects = MembershipManager()
    # Asked from the user's side, before any workspace is active; nothing but the sign-in uses it. The wall
    # lets a user's own be read from outside, where the database was told which user's (see `of`).
    also_read_by = "user_id"
    everywhere = models.Manager()  # noqa: DJ012 - a second manager

    class Meta(WorkspaceModel.Meta):
        ordering = ["user__name", "user__email", "pk"]
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_each")]

    def __str__(self):
        return f"{self.user} (inactive)" if self.deactivated_at else str(self.user)

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        settings_changed()

    @Prepared
    def in_force():
        """The active ones of a user, with their workspaces, over all workspaces."""
        rows = Membership.everywhere.filter(user=Given("user", User._meta.pk), deactivated_at=None)
        return with_factors(rows.select_related("workspace")).order_by("workspace__name", "pk")

    @classmethod
    def of(cls, user):
        """[membership] of the active ones of the user, with their workspaces, over all workspaces."""
        with told({"socius.user_id": str(user.pk)}):
            return cls.in_force.rows(user=user.pk)

    @property
    def is_last_admin(self):
        return self.is_admin and not Membership.objects.admins().exclude(pk=self.pk).exists()


class Invitation(WorkspaceModel):
    """A place in the workspace kept for an e-mail address, for seven days."""

    DAYS = 7
    audited = Audited(label=("email",), without={"nonce", "invited_by"})

    email = models.EmailField()
    is_admin = models.BooleanField("admin", default=False)
    is_sales_staff = models.BooleanField("sales staff", default=True)
    has_crm_access = models.BooleanField("CRM access", default=True)
    invited_by = models.ForeignKey(Membership, models.PROTECT, editable=False, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    nonce = models.CharField(max_length=43, default=secrets.token_urlsafe, editable=False)

    class Meta(WorkspaceModel.Meta):
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                name="one_invitation_each",
                violation_error_message="This address is invited already; you can send the invitation again.",
            )
        ]

    def __str__(self):
        return self.email

    @property
    def expires_at(self):
        return self.sent_at + datetime.timedelta(days=self.DAYS)

    @property
    def is_expired(self):
        return timezone.now() >= self.expires_at

    @property
    def token(self):
        """The credential in its link. Signed and never stored, so the table gives no way in."""
        return signing.Signer(salt="invitation").sign_object([self.workspace_id, self.pk, self.nonce])

    @classmethod
    def by_token(cls, token):
        """The invitation that a link's token stands for, in whichever workspace. Raises DoesNotExist."""
        try:
            workspace_id, pk, nonce = signing.Signer(salt="invitation").unsign_object(token)
            workspace = Workspace.objects.get(pk=workspace_id)
        except (signing.BadSignature, ValueError, TypeError, Workspace.DoesNotExist) as error:
            raise cls.DoesNotExist from error
        with activate(workspace):
            known = cls.objects.select_related("workspace", "invited_by__user")
            return known.get(pk=pk, nonce=nonce)

    def renew(self):
        """Seven days more, with a new link; the old one is dead."""
        self.sent_at, self.nonce = timezone.now(), secrets.token_urlsafe()
        self.save(update_fields=["sent_at", "nonce"])


from .audit.entries import AuditEntry  # noqa: E402 - a model of this app, which needs those above
