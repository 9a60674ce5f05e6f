"""Error pages in the product's layout, without details that would help an attacker."""

import logging
import sys
from functools import cache

from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from socius.csrf import log_csrf_failure
from socius.logging import describe_error, error_chain
from workspaces.accounts.sessions.drafts import show_again
from workspaces.health import is_unavailable
from workspaces.permissions import refusal_message

logger = logging.getLogger("socius.conflicts")

# Requests over Django's limits on size and number of fields.
TOO_MUCH = {
    RequestDataTooBig: (_("It is larger than the server accepts."), 413),
    TooManyFieldsSent: (_("It has more fields than the server accepts."), 400),
    TooManyFilesSent: (_("It has more files than the server accepts."), 400),
}


def bad_request(request, exception=None):
    why, status = TOO_MUCH.get(type(exception), (None, 400))
    return render(request, "400.html", {"why": why}, status=status)


def forbidden(request, exception=None):
    """Return a 403 page that says who can grant permission."""
    permission, user = str(exception or ""), getattr(request, "user", None)
    why = refusal_message(user.membership, permission) if user and "." in permission else None
    return render(request, "403.html", {"why": why}, status=403)


def csrf_failure(request, reason=""):
    """Return the page for a form without a valid token, most often opened before a sign-in."""
    log_csrf_failure(request, reason)
    return show_again(request) or render(request, "403.html", {"is_stale": True}, status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    """Return the page for internal errors; 503 if the database is unavailable."""
    if is_unavailable(sys.exception()):
        return HttpResponse(render_without_context("busy"), status=503, headers={"Retry-After": "5"})
    return HttpResponse(render_without_context(), status=500)


def conflict(request, exception=None):
    """Return a 409 page: the change conflicts with a concurrent one."""
    if exception:
        log_conflict(request, exception)
    return HttpResponse(render_without_context("overtaken"), status=409)


def log_conflict(request, exception):
    """Log the error's class and location, never its message, which contains data."""
    errors = [describe_error(error) for error in error_chain(exception)]
    place = errors[0].get("at", ["nowhere"])[-1]
    facts = {"facts": {"errors": errors}}
    request_id = getattr(request, "id", "")
    logger.error(
        "%s at %s, request %s, was answered with 409", errors[0]["class"], place, request_id, extra=facts
    )


def render_without_context(why="broken"):
    """Return 500.html without database, user and request, any of which may be broken."""
    return _render_without_context(why, get_language())


@cache
def _render_without_context(why, language):
    try:
        return render_to_string("500.html", {"why": why})
    except Exception:  # the last resort, so it must not fail
        return "Something went wrong on our side. Nothing was saved. Please try again in a moment."
