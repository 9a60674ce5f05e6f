"""Operation of a data migration: names that were stored before they were normalized."""

from django.db import connections, transaction

from crud.text import clean_line

from .wall import lifted


def clean_names(apps, schema_editor):
    """Put the names of users and workspaces on one line, without invisible characters."""
    connection = connections[schema_editor.connection.alias]
    for model_name, blank in (("user", ""), ("workspace", "Workspace")):
        model = apps.get_model("workspaces", model_name)
        with transaction.atomic(connection.alias), lifted(connection, model._meta.db_table):
            rows = model._base_manager.using(connection.alias)
            for pk, name in list(rows.values_list("pk", "name")):
                if (line := clean_line(name) or blank) != name:
                    rows.filter(pk=pk).update(name=line)
