"""The product's settings, as in production, with a meter around each request. Never used but by bench/."""

from socius.settings import *  # noqa: F403
from socius.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "bench"]
MIDDLEWARE = ["bench.meter.Meter", *MIDDLEWARE]
