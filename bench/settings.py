"""Production settings with a meter around each request. Used by bench/ only."""

from socius.settings import *  # noqa: F403
from socius.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "bench"]
MIDDLEWARE = ["bench.meter.Meter", *MIDDLEWARE]
