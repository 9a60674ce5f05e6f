"""SQLite's indexes hold what is counted and added up, too: the rows themselves are not read for it."""

from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from crm.dashboard import periods, queries
from crm.db.migration_operations import RebuildSQLiteIndexes
from crm.models import Opportunity, Stage
from crm.tests import factories
from crm.viewsets import OPPORTUNITIES
from crud.pagination.page import Page
from workspaces.models import Membership
from workspaces.tenancy.scope import active_workspace

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's include what they are to")
INDEXES = "opportunity_live_changes", "opportunity_live_groups"  # of what is open, of what is closed


def plans():
    """How SQLite looks for what the dashboard counts of all opportunities."""
    with CaptureQueriesContext(connection) as asked:
        queries.open_pipeline(active_workspace().today())
        queries.closed_groups(periods.ALL_TIME)
    return plans_of(asked)


def plans_of(asked):
    with connection.cursor() as cursor:
        for query in asked.captured_queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            yield " ".join(row[3] for row in cursor.fetchall())


def is_covering():
    of_rows = [plan for plan in plans() if Opportunity._meta.db_table in plan]
    are_covering = (f"COVERING INDEX {index}" in plan for plan, index in zip(of_rows, INDEXES, strict=True))
    return all(are_covering) and "GROUP BY" not in of_rows[1]  # there they are in order


def test_the_dashboard_reads_an_index_alone(workspace):
    assert is_covering()


def test_narrowed_lists_are_counted_and_added_up_by_an_index_alone(workspace, subtests):
    made = {"stage": Stage.objects.first(), "assignee": Membership.objects.first()}
    for _ in range(2):
        factories.opportunity("won", value=1000, close_date=date(2024, 5, 1), **made)
    by = {
        "opportunity_live_of_stage": {"stage": made["stage"]},
        "opportunity_live_of_assignee": {"assignee": made["assignee"]},
        "opportunity_live_closings": {"close_date__range": ("2024-01-01", "2024-12-31")},
        "opportunity_live_values": {"value__gte": 1000},
    }
    for index, parameters in by.items():
        with subtests.test(index), CaptureQueriesContext(connection) as asked:
            rows = Opportunity.objects.filter(**parameters)
            assert Page(rows, 2, 1, OPPORTUNITIES.totals, Opportunity.objects.all()).exact == 2
        of_sums = next(plan for plan in plans_of(asked) if "SCAN subquery" in plan)
        assert f"crm_opportunity USING COVERING INDEX {index}" in of_sums


@pytest.mark.django_db(transaction=True)  # for the schema editor
def test_one_that_was_made_before_is_made_anew(workspace):
    name, table = INDEXES[0], Opportunity._meta.db_table
    (index,) = (one for one in Opportunity._meta.indexes if one.name == name)
    columns = [Opportunity._meta.get_field(field).column for field in index.fields]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {name}")
        cursor.execute(f"CREATE INDEX {name} ON {table} ({', '.join(columns)}) WHERE deleted_at IS NULL")
    assert not is_covering()
    state = ProjectState.from_apps(apps)
    with connection.schema_editor() as editor:
        RebuildSQLiteIndexes("opportunity").database_forwards("crm", editor, state, state)
    assert is_covering()
