import functools

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

from workspaces import addresses

register = template.Library()
register.simple_tag(addresses.outside)


@register.simple_tag
@functools.cache
def static(path):
    """Django's tag of that name, looked up once: a page names many files, and each stays where it is."""
    return staticfiles_storage.url(path)


@register.simple_tag
def sign_up():
    """Who may make an account: "open", "invited" or "closed"."""
    return settings.SIGN_UP


@register.simple_tag
def mail_is_configured():
    """Whether messages leave this server, or are printed on its console."""
    return settings.MAIL_IS_CONFIGURED
