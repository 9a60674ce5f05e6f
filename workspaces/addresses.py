"""Addresses of pages outside, made from inside a workspace, where `reverse` leads to pages inside."""

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix


def outside(name, *args):
    """The address of a page that is in no workspace: outside("account_logout")."""
    here = get_script_prefix()
    set_script_prefix(settings.FORCE_SCRIPT_NAME or "/")
    try:
        return reverse(name, urlconf=settings.ROOT_URLCONF, args=args)
    finally:
        set_script_prefix(here)
