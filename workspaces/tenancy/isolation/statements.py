"""Execution of the SQL that isolates workspaces."""


def execute(connection, sql):
    """Execute a statement and return its rows, [] if it has none."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []
