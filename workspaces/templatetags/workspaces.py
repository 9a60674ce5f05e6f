from django import template
from django.conf import settings

from workspaces import addresses

register = template.Library()
register.simple_tag(addresses.outside)


@register.simple_tag
def sign_up():
    """Who may make an account: "open", "invited" or "closed"."""
    return settings.SIGN_UP


@register.simple_tag
def mail_is_configured():
    """Whether messages leave this server, or are printed on its console."""
    return settings.MAIL_IS_CONFIGURED
