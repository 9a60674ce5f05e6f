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

# Do not start on a database that would not enforce row-level security.
for message in checks.run_checks(tags=[checks.Tags.database], databases=["default"]):
    print(message, file=sys.stderr)
    if message.is_serious():
        sys.exit(3)  # gunicorn's exit code for: do not restart
connections.close_all()

# Pages wait for SQLite's lock as long as for a PostgreSQL statement, and commands as long as configured:
# a thread that waits for a lock cannot serve other requests.
enable_web_timeouts()
if connections["default"].vendor == "sqlite":
    connections.settings["default"]["OPTIONS"]["timeout"] = 5

# Import all views now, not at the first request: the import lock would block all other threads, and under
# contention the import took up to half a minute.
for urlconf in (settings.ROOT_URLCONF, settings.WORKSPACE_URLCONF):
    get_resolver(urlconf).url_patterns  # noqa: B018
