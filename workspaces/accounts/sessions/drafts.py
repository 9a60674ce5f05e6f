"""Drafts: the data of a rejected form, stored until the form can be shown with it again.

A form is rejected when the session has expired, when its CSRF token is stale, or when the user must first
reauthenticate. A draft only fills in its form for the user to review and save; it saves nothing by itself.
It is stored in the session, so only in one browser, for one URL and for the user who submitted it. If that
is uncertain, as on a shared computer, nothing is stored.
"""

import contextlib
import time
from urllib.parse import urlsplit

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.messages.storage import default_storage
from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect

from crud.views.redirects import safe_referrer
from workspaces.accounts.known_browsers import account_key, latest_account

SESSION_KEY = "drafts"
MAX_DRAFTS = 3  # per session
MAX_CHARACTERS = 300_000  # per draft; fits the longest record in a script of three bytes per letter
LIFETIME_SECONDS = 3600
OWNER_FIELD = "form_owner"  # in each form of a signed-in user, see workspaces.templatetags
READING = {"GET", "HEAD", "OPTIONS"}
ACCOUNT_PAGES = "/accounts/"  # their data is secret, so it is never stored
SIGNED_OUT = _("You were signed out before this was saved. Review it and save again.")
STALE = _("This form had expired, so nothing was saved. Review it and save again.")
KEPT = _("You’ve been signed out. Your changes are kept: sign in to continue with them.")
NOT_KEPT = _(
    "You’ve been signed out. What you entered is too long to keep: go back and copy it, then sign in."
)
OWNER_UNKNOWN = _(
    "You’ve been signed out. What you entered wasn’t kept because we can’t tell whose it is: "
    "go back and copy it, then sign in."
)


def keep_draft(request, message):
    """Store the data for the next GET of this URL, which shows `message`. Return True if stored."""
    data = without_secrets(request.POST).urlencode()
    if len(data) > MAX_CHARACTERS or not ratelimit.consume(request, action="draft"):
        return False
    drafts = [draft for draft in fresh_drafts(request) if draft["url"] != request.get_full_path()]
    draft = {"url": request.get_full_path(), "data": data, "message": str(message), "at": time.time()}
    draft |= {"back": page_of_form(request), "owner": owner_key(request)}
    request.session[SESSION_KEY] = [*drafts, draft][-MAX_DRAFTS:]
    return True


def without_secrets(data):
    """Return a copy without the CSRF token, the owner and passwords."""
    copied = data.copy()
    for name in data:
        if name in ("csrfmiddlewaretoken", OWNER_FIELD) or "password" in name.lower():
            del copied[name]
    return copied


def fresh_drafts(request):
    """Return the session's drafts that have not expired."""
    current_time = time.time()
    return [
        draft
        for draft in request.session.get(SESSION_KEY, [])
        if current_time - draft["at"] < LIFETIME_SECONDS
    ]


def owner_key(request):
    """Return the account key of the form's user, or None if uncertain.

    A page outlives its session, and on a shared computer the next user's sign-in: its form names its owner.
    Each sign-in renews the CSRF token: a form that names nobody is of the user who signed in last if its
    token is valid.
    """
    if request.user.is_authenticated:
        return account_key(request.user.email)
    has_valid_token = getattr(request, "csrf_processing_done", False)
    return request.POST.get(OWNER_FIELD) or (latest_account(request) if has_valid_token else None)


def page_of_form(request):
    """Return the path of the page with the form; "" if the browser does not send it."""
    url = (request.htmx and request.htmx.current_url_abs_path) or safe_referrer(request)
    return "" if url.startswith("//") else url  # a browser would treat it as another host


def take_draft(request):
    """Remove and return the draft for this URL if it is this user's."""
    if SESSION_KEY not in request.session or (request.htmx and not request.htmx.boosted):
        return None
    owner, url = owner_key(request), request.get_full_path()
    mine = [draft for draft in fresh_drafts(request) if draft.get("owner") == owner]
    request.session[SESSION_KEY] = [draft for draft in mine if draft["url"] != url]
    return next((draft for draft in mine if draft["url"] == url), None)


class SignInMiddleware(LoginRequiredMiddleware):
    """Redirects visitors to sign in, and stores and restores the data that they submitted."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        response = super().process_view(request, view_func, view_args, view_kwargs)
        is_page = response is None and request.method == "GET" and request.user.is_authenticated
        if is_page and (draft := take_draft(request)):
            show_draft(request, QueryDict(draft["data"]), draft["message"], draft["back"])
        return response

    def handle_no_permission(self, request, view_func):
        response = super().handle_no_permission(request, view_func)
        if request.method in READING:
            return response
        if not is_account_page(request):
            self.keep(request)
        return HttpResponseClientRedirect(response.url) if request.htmx else response

    def keep(self, request):
        """Store the data if its user is certain; say on the next page whether it was stored."""
        if owner_key(request) is None:
            messages.warning(request, OWNER_UNKNOWN)
        elif keep_draft(request, SIGNED_OUT):
            messages.info(request, KEPT)
        else:
            messages.warning(request, NOT_KEPT)


def show_draft(request, data, message, back):
    """Fill in the page's form with `data` (see crud.views.redirects.form_data)."""
    request.draft, request.draft_back = data, back
    messages.info(request, message)


def is_account_page(request):
    return request.path_info.startswith(ACCOUNT_PAGES)


def show_again(request):
    """Return the page of a form with a stale token, filled in as submitted, or None.

    Cross-site requests are excluded: another site could have submitted the data.
    """
    match, data = request.resolver_match, without_secrets(request.POST)
    if request.method != "POST" or match is None or not data or is_from_another_site(request):
        return None
    if not request.user.is_authenticated and getattr(match.func, "login_required", True):
        return SignInMiddleware(lambda request: None).handle_no_permission(request, match.func)
    if request.htmx:
        keep_draft(request, STALE)
        return HttpResponseClientRedirect(request.get_full_path())
    back = page_of_form(request)
    request.method, request.POST = "GET", QueryDict()
    show_draft(request, data, STALE, back)
    with contextlib.suppress(Http404):
        response = match.func(request, *match.args, **match.kwargs)
        if response.status_code in (200, 409):
            response.status_code = 403
            return response
    request._messages = default_storage(request)  # the page has no form to fill in
    return None


def is_from_another_site(request):
    """Return True if a header identifies the request as cross-site."""
    headers = request.headers
    if headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    source = headers.get("Origin") or headers.get("Referer")
    if not source:
        return False
    try:
        parts = urlsplit(source)
    except ValueError:
        return True
    return (parts.scheme, parts.netloc) != (request.scheme, request.get_host())
