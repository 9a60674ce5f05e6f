from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate, pre_migrate


class WorkspacesConfig(AppConfig):
    name = "workspaces"

    def ready(self):
        # Here, for they need the models; checks and receivers are there once they are imported.
        from workspaces import checks, database_files  # noqa: F401
        from workspaces.accounts.sessions import timeout  # noqa: F401
        from workspaces.audit import receivers
        from workspaces.audit.triggers import sync as trigger_sync
        from workspaces.tenancy.isolation import sync as isolation_sync

        post_migrate.connect(make_cache_table, sender=self)
        # These signals come once for each app, and after all apps' migrations: for one of them is enough.
        pre_migrate.connect(isolation_sync.prepare_isolation, sender=self)
        post_migrate.connect(isolation_sync.build_isolation, sender=self)
        trigger_sync.connect_triggers(self)
        receivers.connect_receivers()
        database_files.connect_file_protection()


def make_cache_table(**signal):
    """Limits on sign-ins are counted in the cache; as a table of the database, `migrate` makes it too."""
    call_command("createcachetable", verbosity=0)
