"""SQLite's indexes hold what is counted and added up, too: the rows themselves are not read for it."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from crm import periods, reports
from crm.indexes import CoverOnSQLite
from crm.models import Opportunity
from workspaces.scope import active_workspace

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's include what they are to")
INDEX = "opportunity_live_by_change"


def plans():
    """How SQLite looks for what the dashboard counts of all opportunities."""
    with CaptureQueriesContext(connection) as asked:
        reports.pipeline(active_workspace().today())
        reports.closed(periods.ALL_TIME)
    with connection.cursor() as cursor:
        for query in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            yield " ".join(row[3] for row in cursor.fetchall())


def is_covering():
    of_rows = [plan for plan in plans() if Opportunity._meta.db_table in plan]
    assert len(of_rows) == 2
    return all(f"COVERING INDEX {INDEX}" in plan for plan in of_rows)


def test_the_dashboard_reads_an_index_alone(workspace):
    assert is_covering()


@pytest.mark.django_db(transaction=True)  # for the schema editor
def test_one_that_was_made_before_is_made_anew(workspace):
    (index,) = (one for one in Opportunity._meta.indexes if one.name == INDEX)
    columns = [Opportunity._meta.get_field(name).column for name in (*index.fields, *index.include)]
    table = Opportunity._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {INDEX}")
        cursor.execute(f"CREATE INDEX {INDEX} ON {table} ({', '.join(columns)}) WHERE deleted_at IS NULL")
    assert not is_covering()
    state = ProjectState.from_apps(apps)
    with connection.schema_editor() as editor:
        CoverOnSQLite("opportunity").database_forwards("crm", editor, state, state)
    assert is_covering()
