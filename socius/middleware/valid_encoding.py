"""Refuses what no text can be: NUL and broken UTF-8 in an address, broken UTF-8 in a form.

PostgreSQL stores neither and would answer with an error, and Django puts a question mark in the place of
what it cannot read. A NUL in a form is left to its field, which says so beside what was typed.
"""

from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import get_bytes_from_wsgi

from socius.errors import bad_request

FORM = "application/x-www-form-urlencoded"


class ValidEncodingMiddleware:
    """Middleware: 400 before anything else is asked, the database least of all."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Of a path Django has put the bytes that it could not read back behind percent signs.
        address = unquote_to_bytes(request.path_info) + b"?"
        address += unquote_to_bytes(get_bytes_from_wsgi(request.META, "QUERY_STRING", ""))
        if b"\0" in address or not is_text(address) or not has_text(request):
            return bad_request(request)
        # Left out and not refused: people cannot get rid of a cookie by themselves.
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\0" not in value}
        return self.get_response(request)


def has_text(request):
    """Whether the form that is sent, if one is, can be read. Other bodies are nothing that we take."""
    return request.content_type != FORM or is_text(unquote_to_bytes(request.body))


def is_text(raw):
    """Whether bytes are UTF-8."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
