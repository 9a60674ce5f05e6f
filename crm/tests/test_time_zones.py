"""Distances from UTC, and the sales cycle across the change to summer time."""

import datetime
import zoneinfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from crm.dashboard import periods, queries, report_lines
from crm.db.time_zones import offset_changes
from crm.models import Opportunity
from crm.tests import factories

ZONES = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
]
MOMENTS = st.datetimes(datetime.datetime(1990, 1, 1), datetime.datetime(2027, 12, 31))


@pytest.mark.parametrize("name", ZONES)
@given(moment=MOMENTS)
def test_the_distance_is_the_zones_own_at_every_moment(name, moment):
    zone, moment = zoneinfo.ZoneInfo(name), moment.replace(tzinfo=datetime.UTC)
    minutes = next(minutes for since, minutes in offset_changes(zone) if since is None or moment >= since)
    assert datetime.timedelta(minutes=minutes) == moment.astimezone(zone).utcoffset()


@pytest.mark.parametrize(
    "name", ["America/New_York", "Europe/Berlin", "Africa/Casablanca", "Pacific/Auckland"]
)
@pytest.mark.parametrize("today", ["2026-01-15", "2026-07-15"])
def test_the_sales_cycle_is_by_the_calendar_of_the_day_it_began(workspace, name, today):
    workspace.time_zone = name
    workspace.save()
    zone, expected = zoneinfo.ZoneInfo(name), 0
    with time_machine.travel(f"{today}T12:00:00+00:00"):
        for month in range(1, 13):
            for hour in (0, 23):
                created = datetime.datetime(2025, month, 10, hour, 30, tzinfo=zone)
                row = factories.opportunity("won", close_date=datetime.date(2025, month, 16), value=1)
                Opportunity.objects.filter(pk=row.pk).update(created_at=created)
                expected += 6
        groups = queries.closed_groups(periods.ALL_TIME)
        assert sum(group.days for group in groups) == expected
        assert report_lines.sales_cycle(groups) == (24, 24, 6)
