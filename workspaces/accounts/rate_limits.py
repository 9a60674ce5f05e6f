"""Rate limits by IP address and by account, counted by allauth in the shared cache."""

import ipaddress

from allauth.core import context, ratelimit
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

BLOCKED = {"too_many_login_attempts", "too_many_tries"}  # error codes of exceeded limits


def enforce(action, key=None):
    """Count an attempt of `action` during form validation; ValidationError if over the limit."""
    if not ratelimit.consume(context.request, action=action, key=key):
        sentence = _("Too many attempts. Wait a minute and try again.")
        raise ValidationError(sentence, "too_many_tries")


def normalize_ip(address):
    """Return the normalized IP address of a client: IPv4-mapped IPv6 becomes IPv4.

    Limits count IPv6 by /64, in which all of those would be one client.
    """
    ip = ipaddress.ip_address(address)
    return str(getattr(ip, "ipv4_mapped", None) or ip)


class RateLimitStatusMiddleware:
    """Sets the status 429 on the page of a form that exceeded a rate limit, and keeps its input."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        form = (response.context_data or {}).get("form")
        if form is not None and form.is_bound and is_blocked(form):
            response.status_code, response.headers["Retry-After"] = 429, "60"
        return response


def is_blocked(form):
    error_lists = form.errors.as_data().values()
    return any(error.code in BLOCKED for errors in error_lists for error in errors)
