import os
import sys

from django.conf import settings
from django.core import checks
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.urls import get_resolver

from workspaces.tenancy.db_session import enable_web_timeouts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socius.settings")
application = get_wsgi_application()

# Nothing is served from a database that would hold no wall between workspaces.
for found in checks.run_checks(tags=[checks.Tags.database], databases=["default"]):
    print(found, file=sys.stderr)
    if found.is_serious():
        sys.exit(3)  # gunicorn's word for: do not try again
connections.close_all()

# A page waits for SQLite's lock as long as for a statement of PostgreSQL, a command as long as settings say:
# a thread that waits for one person's row serves nobody else.
enable_web_timeouts()
if connections["default"].vendor == "sqlite":
    connections.settings["default"]["OPTIONS"]["timeout"] = 5

# Every page's code now, not at the first request: that one may hold the lock all others wait for, and beside
# threads that wait it took up to half a minute to get it.
for urlconf in (settings.ROOT_URLCONF, settings.WORKSPACE_URLCONF):
    get_resolver(urlconf).url_patterns  # noqa: B018
