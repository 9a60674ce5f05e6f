"""Logging: a line per request and per error, without any user data.

A line is JSON in production and prose on a developer's console (the setting LOGS). It identifies request,
user and workspace by id and the route by its name: paths contain names, and password reset links contain
secrets. Errors are logged by class and location, never by message: "Key (email)=(…) already exists".
"""

import json
import logging
import re
import traceback
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
MAX_CHAINED_ERRORS = 5  # maximum length of the chain of causes

current_request = ContextVar("answering", default=None)  # the request
logger = logging.getLogger("socius.requests")


def request_id(request):
    sent_id = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXIES else ""
    return sent_id if REQUEST_ID.fullmatch(sent_id) else uuid.uuid4().hex


class JsonFormatter(logging.Formatter):
    """Formats each log record as one line of JSON."""

    def format(self, record):
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message(record),
            **request_facts(current_request.get()),
            **vars(record).get("facts", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["errors"] = [describe_error(error) for error in error_chain(record.exc_info[1])]
        return json.dumps(line)


def message(record):
    """Return the message template without its arguments, which may contain user data."""
    if hasattr(record, "request"):  # Django's message about a response contains the path or host
        return HTTPStatus(record.status_code).phrase
    return str(record.msg)


def request_facts(request):
    if request is None:
        return {}
    # Only an already loaded user: a query could fail, as the database may be the problem.
    user = getattr(request, "_cached_user", None)
    membership = getattr(user, "membership", None)
    return {
        "request": request.id,
        "user": user and user.pk,
        "workspace": membership and membership.workspace_id,
        "method": request.method,
        "route": request.resolver_match and request.resolver_match.view_name,
    }


def error_chain(error):
    """Yield the error and the chain of its causes."""
    errors = []
    while error and len(errors) < MAX_CHAINED_ERRORS:
        errors.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return errors


def describe_error(error):
    """Return class, location and database code of an error; no message, see the module's docstring."""
    diagnosis = getattr(error, "diag", None)
    facts = {
        "class": f"{type(error).__module__}.{type(error).__qualname__}",
        "sqlstate": getattr(error, "pgcode", None),
        "sqlite": getattr(error, "sqlite_errorname", None),
        "constraint": getattr(diagnosis, "constraint_name", None),
        "at": [frame_location(frame) for frame in traceback.extract_tb(error.__traceback__, limit=-20)],
    }
    return {name: fact for name, fact in facts.items() if fact}


def frame_location(frame):
    path = re.sub(r"^.*/site-packages/", "", frame.filename.removeprefix(f"{ROOT}/"))
    return f"{path}:{frame.lineno} {frame.name}"


def configuration(kind):
    """Return the LOGGING of Django and gunicorn: everything goes to the console."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "socius.logging.JsonFormatter"},
            "text": {"format": "%(levelname)s %(name)s: %(message)s"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": kind}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "socius.requests": {"level": "INFO" if kind == "json" else "WARNING"},
            # The rejected request has its own line.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.security.csrf": {"level": "ERROR"},  # socius.csrf logs the details
            "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
            "gunicorn.http.wsgi": {
                "level": "ERROR"
            },  # warns about each HEAD response that its body is dropped
        },
    }
