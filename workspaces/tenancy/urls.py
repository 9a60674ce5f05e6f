"""Addresses: of pages outside, made from inside a workspace, where `reverse` leads inside; and of hosts."""

import ipaddress

from django.conf import settings
from django.urls import get_script_prefix, reverse

from crud.urls import reverse_below_prefix


def reverse_outside(name, *args):
    """The address of a page that is in no workspace: outside("account_logout")."""
    root = (settings.FORCE_SCRIPT_NAME or "").rstrip("/") + "/"
    if not args:
        return root + reverse_below_prefix(name, settings.ROOT_URLCONF)
    return root + reverse(name, urlconf=settings.ROOT_URLCONF, args=args).removeprefix(get_script_prefix())


def is_loopback(host):
    """Whether it names this machine, to itself alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
