"""Invitations to a workspace, by email."""

import datetime
import secrets

from django.core import signing
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workspaces.audit.options import AuditOptions
from workspaces.models.base import WorkspaceModel
from workspaces.models.membership import Membership
from workspaces.models.workspace import Workspace
from workspaces.tenancy.scope import (
    activate,
)


class Invitation(WorkspaceModel):
    """A place in the workspace kept for an e-mail address, for seven days."""

    DAYS = 7
    audited = AuditOptions(label=("email",), without={"nonce", "invited_by"})

    email = models.EmailField(_("email"))
    is_admin = models.BooleanField(_("admin"), default=False)
    is_sales_staff = models.BooleanField(_("sales staff"), default=True)
    has_crm_access = models.BooleanField(_("CRM access"), default=True)
    invited_by = models.ForeignKey(Membership, models.PROTECT, editable=False, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    nonce = models.CharField(max_length=43, default=secrets.token_urlsafe, editable=False)

    class Meta(WorkspaceModel.Meta):
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                name="one_invitation_each",
                violation_error_message=_(
                    "This email address is already invited. You can resend the invitation."
                ),
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
            invitations = cls.objects.select_related("workspace", "invited_by__user")
            return invitations.get(pk=pk, nonce=nonce)

    def renew(self):
        """Seven days more, with a new link; the old one is dead."""
        self.sent_at, self.nonce = timezone.now(), secrets.token_urlsafe()
        self.save(update_fields=["sent_at", "nonce"])
