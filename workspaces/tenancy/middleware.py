import logging
import re
from contextlib import contextmanager, suppress

from django.conf import settings
from django.contrib.messages.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.http import Http404, UnreadablePostError
from django.urls import get_resolver, get_script_prefix, set_script_prefix
from django.utils import timezone, translation

from workspaces.audit.actor import actor_setting
from workspaces.models import Membership
from workspaces.tenancy.db_session import PATIENCE, session_settings
from workspaces.tenancy.scope import activate
from workspaces.tenancy.streaming import WorkspaceStream
from workspaces.tenancy.write_queue import waiting_room

INSIDE = re.compile(r"/w/(?P<slug>[-a-zA-Z0-9_]{1,40})(?P<rest>/.*)", re.DOTALL)
READING = {"GET", "HEAD", "OPTIONS"}
log = logging.getLogger(__name__)


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
        if inside is None:
            return self.outside(request)
        if not request.user.is_authenticated:
            with mount_prefix(request, **inside.groupdict()), preferences(request.user), activate(None):
                return self.get_response(request)  # the way to the sign-in
        if request.method not in READING:
            read_body(request)
        try:
            with open_transaction(request, inside["slug"]):
                response = self.inside(request, **inside.groupdict())
        except IntegrityError as error:
            # Views see to their own mistakes. This is the end of the transaction: a row that it refers to
            # was deleted by another one, which ended sooner by a blink.
            discard_messages(request)
            return get_resolver().resolve_error_handler(409)(request, exception=error)
        request.is_committed = request.method not in READING and response.status_code < 500
        self.run_after_commit(request, **inside.groupdict())
        return response

    def outside(self, request):
        user = request.user
        if user.is_authenticated:
            user.memberships = Membership.of(user)
        with preferences(user), script_prefix(f"{request.META['SCRIPT_NAME']}/"), activate(None):
            return self.get_response(request)

    def inside(self, request, slug, rest):
        user = request.user
        # By one query: the membership of this address, and those that the switcher lists.
        user.memberships = Membership.of(user)
        membership = next((m for m in user.memberships if m.workspace.slug == slug), None)
        if membership is None:
            raise Http404
        user.enter(membership)
        workspace = membership.workspace
        with (
            mount_prefix(request, slug, rest),
            preferences(user, membership),
            activate(workspace, membership, memo={}),
        ):
            response = self.get_response(request)
            if response.status_code >= 500 or getattr(response, "must_roll_back", False):
                if has_transaction(request):
                    transaction.set_rollback(True)
                discard_messages(request)
                request.after_commit = []
            if response.streaming:
                response.streaming_content = WorkspaceStream(
                    response.streaming_content, workspace, membership
                )
            return response

    def run_after_commit(self, request, slug, rest):
        functions = getattr(request, "after_commit", ())
        if not functions:
            return
        membership = request.user.membership
        with (
            mount_prefix(request, slug, rest),
            preferences(request.user, membership),
            activate(membership.workspace, membership),
        ):
            for function in functions:
                try:
                    function()
                except Exception:  # whatever it is: the answer says what was committed
                    log.exception("What was to be done after a commit failed.")


def call_after_commit(request, function):
    """Have the function called once the request's transaction is committed and its write lock released.

    For what may take long, as a mail server does. It is in the workspace then, and may add messages.
    """
    request.after_commit = [*getattr(request, "after_commit", ()), function]


def has_transaction(request):
    """Return True if view and rendering run in a transaction; reads on SQLite run in none.

    There each transaction takes the write lock at its start (see settings), and people who only read
    would wait for each other.
    """
    return connection.vendor != "sqlite" or request.method not in READING


@contextmanager
def open_transaction(request, slug):
    """One transaction around view and rendering; an unsafe request has the workspace's write lock in it.

    On PostgreSQL the second wall opens with it: for the workspace they were in last, which is the one they
    are in now but for the first request after a change. Nothing is asked in it before their membership is;
    and a statement is saved.
    """
    if connection.vendor == "sqlite":
        if has_transaction(request):
            with transaction.atomic(), session_settings({}, write_lock=slug):
                yield
        else:
            yield
        return
    user = request.user
    last = {"socius.user_id": str(user.pk), "socius.workspace_id": str(user.last_workspace_id or "")}
    settings_of_request = last | PATIENCE | {"socius.acting": actor_setting()}
    if request.method in READING:
        with session_settings(settings_of_request, has_savepoint=True):
            yield
    else:
        with (
            waiting_room.place(slug),
            session_settings(settings_of_request, has_savepoint=True, write_lock=slug),
        ):
            yield


def read_body(request):
    """Read and parse the form before a transaction begins: a slow sender must not hold locks.

    What is wrong with a body is raised here, and answered with 400 or 413 as anywhere.
    """
    with suppress(UnreadablePostError):  # the sender is gone; the form has no token then, and is refused
        request.POST  # noqa: B018 - parsed on first access


def discard_messages(request):
    """Forget what the next page was to say: what it tells of was undone."""
    request._messages = default_storage(request)


def mount_prefix(request, slug, rest):
    """The request inside, as if the workspace's pages were all that there is at its address."""
    request.path_info, request.urlconf = rest, settings.WORKSPACE_URLCONF
    return script_prefix(f"{request.META['SCRIPT_NAME']}/w/{slug}/")


@contextmanager
def script_prefix(prefix):
    """What `reverse` puts before every address made in the block."""
    previous_prefix = get_script_prefix()
    set_script_prefix(prefix)
    try:
        yield
    finally:
        set_script_prefix(previous_prefix)


@contextmanager
def preferences(user, membership=None):
    """The user's language and time zone (else the workspace's), for the length of the block."""
    language = getattr(user, "language", "") or settings.LANGUAGE_CODE
    zone = getattr(user, "time_zone", "") or (membership and membership.workspace.time_zone)
    with translation.override(language), timezone.override(zone or settings.TIME_ZONE):
        yield
