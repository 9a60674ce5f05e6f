import re
from contextlib import contextmanager, nullcontext

from django.conf import settings
from django.db import connection, transaction
from django.http import Http404
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone, translation

from .models import Membership
from .scope import activate

INSIDE = re.compile(r"/w/(?P<slug>[-a-zA-Z0-9_]{1,40})(?P<rest>/.*)", re.DOTALL)
READING = {"GET", "HEAD", "OPTIONS"}


class WorkspaceMiddleware:
    """Mount the workspace's pages at /w/<slug>/, for that workspace's members.

    The workspace is in the address, so two browser tabs may be in two of them;
    but as the script prefix, so no route, view or `{% url %}` mentions it. The
    pages inside have a URLconf of their own: none of them exists outside.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        inside = INSIDE.fullmatch(request.path_info)
        user, membership = request.user, None
        if user.is_authenticated:
            # By one query: the membership of this address, and those that the switcher lists.
            user.memberships = list(Membership.of(user))
            if inside:
                membership = next((m for m in user.memberships if m.workspace.slug == inside["slug"]), None)
                if membership is None:
                    raise Http404
                user.enter(membership)
        with preferences(user, membership):
            if inside is None:
                with script_prefix(f"{request.META['SCRIPT_NAME']}/"), activate(None):
                    return self.get_response(request)
            with script_prefix(f"{request.META['SCRIPT_NAME']}/w/{inside['slug']}/"):
                return self.mounted(request, inside, membership)

    def mounted(self, request, inside, membership):
        """The answer from inside; without a membership (nobody signed in) that is the way to the sign-in."""
        request.path_info, request.urlconf = inside["rest"], settings.WORKSPACE_URLCONF
        with activate(membership and membership.workspace, membership, memo={}), a_transaction(request):
            response = self.get_response(request)
            if response.status_code >= 500 and connection.in_atomic_block:
                transaction.set_rollback(True)
            return response


@contextmanager
def script_prefix(prefix):
    """What `reverse` puts before every address made in the block."""
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        yield
    finally:
        set_script_prefix(before)


def a_transaction(request):
    """One transaction around view and rendering; on SQLite only where something may be written.

    There each transaction takes the write lock at its start (see settings), and people who
    only read would wait for each other.
    """
    if connection.vendor == "sqlite" and request.method in READING:
        return nullcontext()
    return transaction.atomic()


@contextmanager
def preferences(user, membership):
    """The user's language and time zone (else the workspace's), for the length of the block."""
    language = getattr(user, "language", "") or settings.LANGUAGE_CODE
    zone = getattr(user, "time_zone", "") or (membership and membership.workspace.time_zone)
    with translation.override(language), timezone.override(zone or settings.TIME_ZONE):
        yield
