"""Logging of CSRF failures, with the setting that is probably wrong."""

import logging

from django.conf import settings

logger = logging.getLogger("socius.csrf")
FORWARDED = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


def log_csrf_failure(request, reason):
    """Log the reason for a CSRF failure, without the URLs that follow the dash in Django's reason."""
    cause = reason.partition(" - ")[0].rstrip(".")
    logger.warning(f"A form was refused: {cause}. {advice(request, cause)}".strip())


def advice(request, cause):
    """Return a hint on what to set, or an empty string if the settings look right."""
    if not cause.startswith(("Origin", "Referer")):
        return ""
    if not settings.TRUSTED_PROXIES and any(name in request.META for name in FORWARDED):
        return "A proxy is in front of Socius: set TRUSTED_PROXIES to the number of proxies."
    if settings.TRUSTED_PROXIES:
        return (
            "The proxy must pass on the host as the browser sent it, with its port (nginx: Host $http_host), "
            "ALLOWED_HOSTS must name it, and TRUSTED_PROXIES must be the number of proxies."
        )
    return (
        "If a proxy ends https in front of Socius, set TRUSTED_PROXIES, and name the host in ALLOWED_HOSTS."
    )
