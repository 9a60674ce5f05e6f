"""Reject requests with NUL bytes or invalid UTF-8 in the URL or form body (400).

PostgreSQL stores neither and would answer with an error, and Django puts a question mark in the place of
what it cannot read. A NUL in a form is left to its field, which says so beside what was typed.
"""

from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import get_bytes_from_wsgi

from socius.errors import bad_request

FORM = "application/x-www-form-urlencoded"


class ValidEncodingMiddleware:
    """Returns 400 before any other processing, in particular before database queries."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Django has percent-encoded the undecodable bytes of a path.
        address = unquote_to_bytes(request.path_info) + b"?"
        address += unquote_to_bytes(get_bytes_from_wsgi(request.META, "QUERY_STRING", ""))
        if b"\0" in address or not is_text(address) or not has_text(request):
            return bad_request(request)
        # Dropped, not rejected: people cannot easily delete a broken cookie.
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\0" not in value}
        return self.get_response(request)


def has_text(request):
    """Return True unless a form body is not decodable. Other content types are not checked."""
    return request.content_type != FORM or is_text(unquote_to_bytes(request.body))


def is_text(raw):
    """Return True if the bytes are valid UTF-8."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
