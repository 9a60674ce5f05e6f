"""Middleware that answers health checks before any other."""

from django.conf import settings
from django.urls import resolve

from socius.views import readyz

READYZ_PATH = "/readyz"  # as in urls.py


class HealthMiddleware:
    """Answer /readyz before anything asks by which name it was called: a monitor asks by IP address."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info == READYZ_PATH and request.method in ("GET", "HEAD"):
            request.resolver_match = resolve(READYZ_PATH, urlconf=settings.ROOT_URLCONF)  # for the log
            return readyz(request)
        return self.get_response(request)
