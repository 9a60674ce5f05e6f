"""Who asks, and from where: noted around everything that a request does."""

import ipaddress
import uuid

from allauth.account.adapter import get_adapter
from django.contrib.auth.middleware import get_user
from django.core.exceptions import PermissionDenied

from workspaces.audit.actor import Actor, acting_as


def current_request(request):
    return request.user if request.user.is_authenticated else None


def current_request_id(request):
    """What the log calls it, if it does."""
    return getattr(request, "id", "") or uuid.uuid4().hex


def address_of(request):
    """Where a request comes from, through the proxies that are trusted; None where nobody knows."""
    try:
        return str(ipaddress.ip_address(get_adapter(request).get_client_ip(request)))
    except (PermissionDenied, ValueError):
        return None


class ActorMiddleware:
    """Lets everything that a request writes be told of as the doing of who sent it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.user = get_user(request)  # found out now, and nobody asks through a lazy object again
        actor = Actor(current_request(request), address_of(request), current_request_id(request))
        with acting_as(actor):
            response = self.get_response(request)
        if later := getattr(request, "after_the_answer", None):
            response._resource_closers.append(lambda: outermost(actor, later))
        return response


def outermost(actor, later):
    """What is done when the answer has been sent, so that nobody can tell by the time it took."""
    with acting_as(actor):
        for do in later:
            do()
