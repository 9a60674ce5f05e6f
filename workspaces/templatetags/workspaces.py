import functools

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from workspaces.accounts.known_browsers import account_key
from workspaces.accounts.sessions.drafts import OWNER_FIELD
from workspaces.tenancy import urls

register = template.Library()
register.simple_tag(urls.reverse_outside, name="outside_url")


@register.simple_tag
@functools.cache
def static(path):
    """Return the URL of a static file, as Django's tag does, looked up once: 0.1 instead of 10 µs."""
    return staticfiles_storage.url(path)


@register.simple_tag(takes_context=True)
def csrf_token(context):
    """Django's tag of that name, and whose form it is: the page may outlive the session (see drafts)."""
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return CsrfTokenNode().render(context)
    owner = format_html('<input type="hidden" name="{}" value="{}">', OWNER_FIELD, account_key(user.email))
    return CsrfTokenNode().render(context) + owner


@register.simple_tag
def sign_up():
    """Who may make an account: "open", "invited" or "closed"."""
    return settings.SIGN_UP


@register.simple_tag
def mail_is_configured():
    """Whether messages leave this server, or are printed on its console."""
    return settings.MAIL_IS_CONFIGURED
