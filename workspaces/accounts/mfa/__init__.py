"""Two-factor authentication: the policy of a workspace, and the forms of allauth with normalized text."""
