"""Middleware that brings the stored snapshots of revenue profiles up to today before any view reads them."""

import logging
import time

from django.db import DatabaseError

from workspaces.tenancy.scope import active_workspace, cached_for_workspace, default_workspace_id

from .models import RevenueProfile

SECONDS_BETWEEN_CHECKS = 10
log = logging.getLogger(__name__)


class CurrentSnapshotsMiddleware:
    """Lists, searches, comboboxes and panels show a profile's MRR and state as stored: renew what is due.

    Each process asks for it, by one indexed query, at the first request of a workspace's day, and
    then at most once in ten seconds. A database that takes no writes still shows its pages.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if default_workspace_id():
            keep_snapshots_current()
        return self.get_response(request)


def keep_snapshots_current():
    """Renew the profiles of the active workspace whose snapshot is of another day, if any."""
    last_check = cached_for_workspace("last check of the profiles' snapshots", dict)
    today, current_time = active_workspace().today(), time.monotonic()
    if last_check.get("day") == today and 0 <= current_time - last_check["at"] < SECONDS_BETWEEN_CHECKS:
        return
    try:
        RevenueProfile.objects.keep_up()
    except DatabaseError:
        log.exception("The snapshots of revenue profiles could not be brought up to date.")
    else:
        last_check |= {"day": today, "at": current_time}
