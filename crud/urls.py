"""URLs by name, cached, because a page asks for dozens of them.

Which function when: `reverse_cached` for a URL that takes nothing or the id of a row; Django's `reverse` for
other arguments, and `reverse_lazy` for what is evaluated at import; `workspaces.tenancy.urls.reverse_outside`
for a page outside of the workspaces.
"""

import functools

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, register_converter, reverse

A_ROW = 777_777_777_777_777_777  # stands for the id in a cached URL


def reverse_cached(name, pk=None):
    """Return the URL of a page, or of a page of the record with this id: ("crm:person-detail", 7).

    Measured: 8 instead of 23 µs. See crud/fastpath/README.md.
    """
    if not settings.FASTPATH:
        return reverse(name, args=() if pk is None else (pk,))
    path = reverse_below_prefix(name, get_urlconf(), pk is not None)
    return get_script_prefix() + (path if pk is None else path.replace(str(A_ROW), str(pk)))


@functools.cache
def reverse_below_prefix(name, urlconf, is_of_row=False):
    """Return the URL without the script prefix, which differs by workspace."""
    url = reverse(name, urlconf, args=[A_ROW] if is_of_row else ())
    return url.removeprefix(get_script_prefix())


def list_url(model):
    """Return the URL of the list of a model."""
    return reverse_cached(f"{model._meta.app_label}:{model._meta.model_name}-list")


class IdConverter:
    """A row's id in an address; what no bigint can hold is no address of ours."""

    regex = "[1-9][0-9]{0,17}"
    to_python = int
    to_url = str


register_converter(IdConverter, "id")
