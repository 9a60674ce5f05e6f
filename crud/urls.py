"""Addresses by name, as `reverse` makes them, but remembered: a page asks for dozens, again and again."""

import functools

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, register_converter, reverse

A_ROW = 777_777_777_777_777_777  # stands for the id in a remembered address


def reverse_cached(name, pk=None):
    """The address of a page that takes nothing, or the id of a row: address("crm:person-detail", 7)."""
    if not settings.FASTPATH:
        return reverse(name, args=() if pk is None else (pk,))
    path = reverse_below_prefix(name, get_urlconf(), pk is not None)
    return get_script_prefix() + (path if pk is None else path.replace(str(A_ROW), str(pk)))


@functools.cache
def reverse_below_prefix(name, urlconf, is_of_row=False):
    """What `reverse` makes of a name, less the script prefix: that one is another in each workspace."""
    url = reverse(name, urlconf, args=[A_ROW] if is_of_row else ())
    return url.removeprefix(get_script_prefix())


class IdConverter:
    """A row's id in an address; what no bigint can hold is no address of ours."""

    regex = "[1-9][0-9]{0,17}"
    to_python = int
    to_url = str


register_converter(IdConverter, "id")
