"""The canary of row 20: Socius, but to it a database that does not answer is an error like any other."""

from socius import errors
from socius.wsgi import application  # noqa: F401

errors.OperationalError = ()
