"""Middleware that answers concurrent edits with a conflict (409)."""

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, IntegrityError

from crud.models import EditConflict
from socius.errors import conflict

# Errors raised if a concurrent request has deleted or changed the same rows.
CONFLICTS = (ObjectDoesNotExist, IntegrityError, EditConflict)


NOT_AFFECTED = "did not affect any rows"  # Django's message if a saved row no longer exists


def is_conflict(exception):
    """Return True if the error was caused by a concurrent transaction."""
    return isinstance(exception, CONFLICTS) or (
        isinstance(exception, DatabaseError) and NOT_AFFECTED in str(exception)
    )


class ConflictMiddleware:
    """Rolls back and returns 409 if the view conflicted with a concurrent transaction.

    Views answer what they expect by themselves; this is for what none of them thought of.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not is_conflict(exception):
            return None
        response = conflict(request, exception)
        response.must_roll_back = True  # see workspaces.tenancy.middleware
        return response
