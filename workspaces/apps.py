from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate, pre_migrate


class WorkspacesConfig(AppConfig):
    name = "workspaces"

    def ready(self):
        # Here, for they need the models; checks and receivers are there once they are imported.
        from . import checks, database_files, sessions, wall  # noqa: F401
        from .audit import hearing, sync

        post_migrate.connect(make_cache_table, sender=self)
        # These signals come once for each app, and after all apps' migrations: for one of them is enough.
        pre_migrate.connect(wall.prepare, sender=self)
        post_migrate.connect(wall.build, sender=self)
        sync.connect(self)
        hearing.connect()
        database_files.connect()


def make_cache_table(**signal):
    """Limits on sign-ins are counted in the cache; as a table of the database, `migrate` makes it too."""
    call_command("createcachetable", verbosity=0)
