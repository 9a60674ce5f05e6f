"""Session timeouts: 14 days at most, 12 hours without activity."""

import logging
import time

from allauth.account.signals import authentication_step_completed
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions import middleware
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DatabaseError, transaction
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

BEGUN, SEEN = "begun_at", "seen_at"  # session keys, in seconds; clients cannot change them
EVERY = 300  # seconds; minimum interval between writes of the last activity

log = logging.getLogger(__name__)


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's, saving the session after the view, when the request's transaction has committed.

    A session that ended meanwhile, in another tab, or that cannot be stored must not turn the answer into
    an error.
    """

    def process_response(self, request, response):
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            response.delete_cookie(
                settings.SESSION_COOKIE_NAME,
                path=settings.SESSION_COOKIE_PATH,
                domain=settings.SESSION_COOKIE_DOMAIN,
                samesite=settings.SESSION_COOKIE_SAMESITE,
            )
        except DatabaseError:
            if not getattr(request, "is_committed", False):
                raise
            log.exception("The session could not be stored after a request that was committed.")
        return response


class SessionTimeoutMiddleware:
    """Signs out users after a time without activity, or a maximum time.

    The cookie's own age is no limit: it begins anew whenever the session is saved.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            if has_expired(request.session):
                logout(request)
                messages.info(request, _("You’ve been signed out for security. Sign in again."))
            elif time.time() - request.session[SEEN] >= EVERY:
                touch(request.session)
        return self.get_response(request)


def has_expired(session):
    current_time = time.time()
    # A session without these values, from an earlier version, starts now.
    begun, last_use = session.setdefault(BEGUN, current_time), session.setdefault(SEEN, current_time)
    return (
        current_time - begun >= settings.SESSION_COOKIE_AGE
        or current_time - last_use >= settings.SESSION_IDLE_AGE
    )


def touch(session):
    """Record the activity, unless the database is read-only: pages stay readable then."""
    try:
        with transaction.atomic():
            UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
    except DatabaseError:
        log.exception("The time of the last use of a session could not be noted.")
    else:
        session[SEEN] = time.time()


@receiver(user_logged_in)
def start_timeout(request, **signal):
    request.session[BEGUN] = request.session[SEEN] = time.time()


@receiver(authentication_step_completed)
def renew_timeout(request, reauthenticated=False, **signal):
    """Rotate the session key after reauthentication, as Django does at each sign-in."""
    if reauthenticated:
        user_sessions = UserSession.objects.filter(session_key=request.session.session_key)
        request.session.cycle_key()
        user_sessions.update(session_key=request.session.session_key)
