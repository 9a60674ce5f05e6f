"""The canary of row 20: Socius, but to it a database that does not answer is an error like any other."""

from socius.wsgi import application  # noqa: F401, I001 - first of all, for it sets Django up

from socius import errors

errors.is_unavailable = lambda error: False
