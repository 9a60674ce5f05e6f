"""Users, workspaces, memberships and invitations, and the base of all models that belong to a workspace."""

from workspaces.models.base import ReferenceQuerySet, WorkspaceModel, WorkspaceQuerySet, bump_settings_version
from workspaces.models.invitation import Invitation
from workspaces.models.membership import Membership
from workspaces.models.user import User
from workspaces.models.workspace import Workspace

# A model of this app, which needs those above.
from workspaces.audit.models import AuditEntry  # isort: skip

__all__ = [
    "AuditEntry",
    "Invitation",
    "Membership",
    "ReferenceQuerySet",
    "User",
    "Workspace",
    "WorkspaceModel",
    "WorkspaceQuerySet",
    "bump_settings_version",
]
