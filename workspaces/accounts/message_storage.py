"""Cookie storage of messages, each bound to its user and workspace.

A message belongs to the user and to the workspace of the page that follows: with two workspaces open in two
tabs, or after somebody else has signed in, the next page that is loaded may be another's.
"""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

WORKSPACE = re.compile(r"/w/(?P<slug>[-a-zA-Z0-9_]{1,40})/")
AUDIENCE = re.compile(r"for-(?P<user>\d+)-in-(?P<slug>[-a-zA-Z0-9_]*)\s*")
MAX_HELD = 10  # messages queued for other workspaces


class OwnCookie(CookieStorage):
    """A cookie with the __Host- prefix where the site uses HTTPS."""

    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class Messages(FallbackStorage):
    """Django's cookie storage, which also stores the user and the workspace of each message."""

    storage_classes = (OwnCookie, SessionStorage)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._held = []  # stored messages of the user's other workspaces

    def _get(self, *args, **kwargs):
        stored, all_retrieved = super()._get(*args, **kwargs)
        messages_to_show, slug_of_page = [], workspace_of(self.request.path)
        for message in stored or ():
            match = AUDIENCE.match(message.extra_tags or "")
            user, slug = (int(match["user"]), match["slug"]) if match else (0, "")
            if user not in (0, user_id(self.request)):
                continue  # belongs to a user who was signed in here before
            if slug in ("", slug_of_page):
                tags = AUDIENCE.sub("", message.extra_tags or "", count=1)
                messages_to_show.append(Message(message.level, message.message, tags))
            else:
                self._held.append(message)
        return messages_to_show, all_retrieved

    def _store(self, messages, response, *args, **kwargs):
        target = response.headers.get("Location") or response.headers.get("HX-Redirect") or self.request.path
        audience = f"for-{user_id(self.request)}-in-{workspace_of(urlsplit(target).path)}"
        addressed = [
            Message(message.level, message.message, f"{audience} {message.extra_tags or ''}".strip())
            for message in messages
        ]
        return super()._store([*self._held[-MAX_HELD:], *addressed], response, *args, **kwargs)


def workspace_of(path):
    """Return the workspace slug in a path, or an empty string."""
    match = WORKSPACE.match(path)
    return match["slug"] if match else ""


def user_id(request):
    """Return the id of the signed-in user, or 0."""
    return getattr(getattr(request, "user", None), "pk", None) or 0
