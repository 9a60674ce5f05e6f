"""Cookie of the accounts that have signed in with a browser, the latest one last.

Such browsers have a count of wrong passwords of their own: whoever guesses at an account uses up the count
that all other browsers share, and would lock its owner out. The cookie also outlives the session, so it tells
whose form is sent after the session has ended.
"""

import secrets

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.utils.crypto import salted_hmac

COOKIE_NAME = f"{settings.COOKIE_PREFIX}known"
MAX_AGE = 180 * 24 * 3600  # seconds
MAX_ACCOUNTS = 5  # per browser
SALT = "workspaces.accounts.known_browsers"


def attempts_key(request, email):
    """Return the key under which wrong passwords for the account are counted."""
    email = email.lower()
    token = known_accounts(request).get(account_key(email))
    return f"{email}:{token}" if token else email


def account_key(email):
    """Return the account's pseudonymous key in the cookie."""
    return salted_hmac(SALT, email.lower(), algorithm="sha256").hexdigest()[:16]


def known_accounts(request):
    """Return {account key: random token} of the accounts that have signed in with this browser."""
    try:
        accounts = signing.loads(request.COOKIES.get(COOKIE_NAME, ""), salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return {}
    return accounts if isinstance(accounts, dict) else {}


def latest_account(request):
    """Return the key of the account that signed in last with this browser, or None."""
    return next(reversed(known_accounts(request)), None)


@receiver(user_logged_in)
def remember(request, user, token=None, **signal):
    """Set the cookie in the response to this request, by default with a random token."""
    accounts = known_accounts(request)
    token = accounts.pop(account_key(user.email), None) or token or secrets.token_hex(8)
    latest = dict(list(accounts.items())[1 - MAX_ACCOUNTS :])
    request.known_accounts = latest | {account_key(user.email): token}


class KnownBrowserMiddleware:
    """Sets the cookie after a sign-in, and for signed-in browsers that lack it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated and latest_account(request) != account_key(request.user.email):
            # Random tokens would give a session thief five more guesses per requested cookie.
            token = salted_hmac(SALT, request.session.session_key, algorithm="sha256").hexdigest()[:16]
            remember(request, request.user, token)
        if accounts := getattr(request, "known_accounts", None):
            response.set_cookie(
                COOKIE_NAME,
                signing.dumps(accounts, salt=SALT),
                max_age=MAX_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
