"""Settings of the migration linter: those of Socius, with the linter as an app."""

from socius.settings import *  # noqa: F403
from socius.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "include_apps": ["workspaces", "crm", "recurring"],
    "ignore_name_contains": "_squashed_",  # initial state; no older code runs concurrently
    "no_cache": True,
}
