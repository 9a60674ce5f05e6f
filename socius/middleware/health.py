"""Middleware that answers readiness checks before any other middleware."""

from django.conf import settings
from django.urls import resolve

from socius.views import readyz

READYZ_PATH = "/readyz"  # as in urls.py


class HealthMiddleware:
    """Answers /readyz before the host name is validated: monitors connect by IP address."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info == READYZ_PATH and request.method in ("GET", "HEAD"):
            request.resolver_match = resolve(READYZ_PATH, urlconf=settings.ROOT_URLCONF)  # for the log
            return readyz(request)
        return self.get_response(request)
