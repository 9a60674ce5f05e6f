"""Members of a workspace: invitations, roles, deactivation, reassignment of their records."""
