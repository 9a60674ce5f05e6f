"""How often somebody may try: counted by allauth in the shared cache, by address and by account."""

import ipaddress

from allauth.core import context, ratelimit
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

BLOCKED = {"too_many_login_attempts", "too_many_tries"}  # the codes of errors that say so


def enforce(action, key=None):
    """Count a try of `action`, while a form is cleaned; ValidationError if there were too many of late."""
    if not ratelimit.consume(context.request, action=action, key=key):
        sentence = _("Too many attempts. Wait a minute and try again.")
        raise ValidationError(sentence, "too_many_tries")


def normalize_ip(address):
    """The address of a client, the same whichever way it came: IPv4 in the coat of IPv6 is IPv4.

    Limits count IPv6 by /64, in which all of those would be one client.
    """
    ip = ipaddress.ip_address(address)
    return str(getattr(ip, "ipv4_mapped", None) or ip)


class RateLimitStatusMiddleware:
    """Middleware: a form refused because of a limit is answered with 429, and what was typed is kept."""

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
