"""Two-factor authentication: the workspace policy, and allauth's forms with normalized text."""
