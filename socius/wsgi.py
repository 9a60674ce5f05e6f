import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socius.settings")
application = get_wsgi_application()

# A page waits for SQLite's lock as long as for a statement of PostgreSQL, a command as long as settings say:
# a thread that waits for one person's row serves nobody else.
if connections["default"].vendor == "sqlite":
    connections.settings["default"]["OPTIONS"]["timeout"] = 5
