"""SQLite's indexes hold what is counted and added up, too: the rows themselves are not read for it."""

from copy import copy
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.dashboard import periods, queries
from crm.models import Opportunity, Stage
from crm.tests import factories
from crm.viewsets import OPPORTUNITIES
from crud.pagination.strategies import PageQuery, paginate_plain
from workspaces.audit.triggers import sync as trigger_sync
from workspaces.models import Membership
from workspaces.tenancy.isolation import sync as isolation_sync
from workspaces.tenancy.scope import active_workspace

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's include what they are to")
INDEXES = "opportunity_live_changes", "opportunity_live_groups"  # of what is open, of what is closed


def plans():
    """How SQLite looks for what the dashboard counts of all opportunities."""
    with CaptureQueriesContext(connection) as captured:
        queries.open_pipeline(active_workspace().today())
        queries.closed_groups(periods.ALL_TIME)
    return plans_of(captured)


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
    created = {"stage": Stage.objects.first(), "assignee": Membership.objects.first()}
    for _ in range(2):
        factories.opportunity("won", value=1000, close_date=date(2024, 5, 1), **created)
    by = {
        "opportunity_live_of_stage": {"stage": created["stage"]},
        "opportunity_live_of_assignee": {"assignee": created["assignee"]},
        "opportunity_live_closings": {"close_date__range": ("2024-01-01", "2024-12-31")},
        "opportunity_live_values": {"value__gte": 1000},
    }
    for index, parameters in by.items():
        with subtests.test(index), CaptureQueriesContext(connection) as captured:
            rows = Opportunity.objects.filter(**parameters)
            query = PageQuery(rows, 2, 1, OPPORTUNITIES.totals, Opportunity.objects.all())
            assert paginate_plain(query).exact_count == 2
        of_sums = next(plan for plan in plans_of(captured) if "SCAN subquery" in plan)
        assert f"crm_opportunity USING COVERING INDEX {index}" in of_sums


@pytest.mark.django_db(transaction=True)  # for the schema editor
def test_they_come_through_when_the_table_is_made_anew(workspace):
    """That is how Django alters a table on SQLite."""
    indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    with connection.cursor() as cursor:
        state_before = cursor.execute(indexes).fetchall()
    for prepare in (isolation_sync.prepare_isolation, trigger_sync.clear_the_way):
        prepare(using="default", plan=["a migration"])
    name_field = Opportunity._meta.get_field("name")
    longer_field = copy(name_field)
    longer_field.max_length += 1
    with connection.schema_editor() as editor:
        editor.alter_field(Opportunity, name_field, longer_field)
        editor.alter_field(Opportunity, longer_field, name_field)
    for build in (isolation_sync.build_isolation, trigger_sync.sync_triggers):
        build(using="default")
    with connection.cursor() as cursor:
        assert cursor.execute(indexes).fetchall() == state_before
    assert is_covering()
