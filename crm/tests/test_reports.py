"""Periods, and the figures that are folded from the reports' answers."""

import datetime

import pytest
from django.utils import timezone

from crm.dashboard import periods, queries, report_lines
from crm.formatting import format_money
from crm.models import Opportunity
from crm.tests import factories
from workspaces.models import Workspace

date = datetime.date.fromisoformat


@pytest.mark.parametrize(
    ("key", "year_starts", "first", "last"),
    [
        ("this-month", 1, "2024-02-01", "2024-02-29"),
        ("last-month", 1, "2024-01-01", "2024-01-31"),
        ("this-quarter", 1, "2024-01-01", "2024-03-31"),
        ("last-quarter", 1, "2023-10-01", "2023-12-31"),
        ("this-year", 1, "2024-01-01", "2024-12-31"),
        ("this-year", 4, "2023-04-01", "2024-03-31"),
        ("last-year", 4, "2022-04-01", "2023-03-31"),
        ("this-quarter", 3, "2023-12-01", "2024-02-29"),
        ("last-quarter", 12, "2023-09-01", "2023-11-30"),
    ],
)
def test_a_period_follows_the_fiscal_year(key, year_starts, first, last):
    results = periods.named_period(key, date("2024-02-29"), year_starts)
    assert (results.first, results.last) == (date(first), date(last))


def test_the_months_of_a_period_are_at_most_its_last_twelve():
    today = date("2024-02-29")
    assert len(periods.ALL_TIME.months(today)) == 12
    assert periods.ALL_TIME.months(today)[-1] == date("2024-02-01")
    assert periods.Period("custom", date("2023-11-15"), date("2024-01-02")).months(today) == [
        date("2023-11-01"),
        date("2023-12-01"),
        date("2024-01-01"),
    ]
    assert len(periods.Period("custom", date("1999-01-01"), date("2024-01-02")).months(today)) == 12
    assert periods.Period("custom", date("2025-05-05")).months(today) == [date("2025-05-01")]


def test_the_first_month_of_a_period_begins_with_the_period(workspace):
    factories.opportunity("won", close_date=date("2024-01-10"), value=1)
    factories.opportunity("won", close_date=date("2024-01-20"), value=20)
    period = periods.Period("custom", date("2024-01-15"), date("2024-02-15"))
    today = date("2024-03-01")
    months = report_lines.months_shown(queries.closed_groups(period), period, today)
    lines = report_lines.won_by_month_lines(months, queries.sum_won_by_month(period, months), period, today)
    assert [line.total.value for line in lines] == [20, 0]
    assert lines[0].rows["close_date_after"] == "2024-01-15"
    assert lines[1].rows["close_date_before"] == "2024-02-15"


def test_the_forecast_has_each_open_opportunity_once(workspace):
    today = date("2024-12-31")
    for day in ["2020-01-01", "2024-12-30", "2024-12-31", "2025-01-01", "2025-05-31", "2025-06-01", None]:
        factories.opportunity(expected_close=day and date(day), value=10, win_percent=50)
    factories.opportunity("won", expected_close=today)
    results = {
        line.label: line.total.number for line in report_lines.forecast(queries.open_pipeline(today), today)
    }
    assert list(results) == [
        "Past due",
        "Dec 2024",
        "Jan 2025",
        "Feb 2025",
        "Mar 2025",
        "Apr 2025",
        "May 2025",
        "Later",
        "No date",
    ]
    assert list(results.values()) == [2, 1, 1, 0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("today", ["2024-01-01", "2024-01-17", "2024-02-15", "2024-12-31"])
def test_stretches_of_time_lose_no_day(workspace, today):
    today = date(today)
    days = [today + datetime.timedelta(ahead) for ahead in range(-2, 200, 3)] + [
        today + datetime.timedelta(14)
    ]
    for place, day in enumerate(days):
        factories.opportunity(expected_close=day, value=2**place % 1009)
    cells = queries.open_pipeline(today)
    assert all(cell.due for cell in cells)
    for line in [*report_lines.forecast(cells, today), report_lines.closing_soon_line(cells, today)]:
        first, last = (line.rows.get(f"expected_close_{end}") for end in ("after", "before"))
        inside = [
            2**place % 1009
            for place, day in enumerate(days)
            if "expected_close" not in line.rows
            and (not first or day >= date(first))
            and (not last or day <= date(last))
        ]
        assert (line.total.number, line.total.value) == (len(inside), sum(inside)), line.label


def test_a_total_of_totals_is_rounded_once(workspace):
    for _ in range(3):
        factories.opportunity(value=1, win_percent=50)
    cells = queries.open_pipeline(workspace.today(), includes_closed=True)
    assert report_lines.total_open(cells).weighted == 2  # and not 3 × 1, nor 3 × 0
    assert report_lines.total_of_all(report_lines.by_stage(cells)) == report_lines.total_open(cells)


def test_days_to_close_go_by_the_workspaces_calendar(workspace):
    Workspace.objects.filter(pk=workspace.pk).update(time_zone="Pacific/Honolulu")  # no summer time
    workspace.refresh_from_db()
    row = factories.opportunity("won", close_date=date("2024-05-01"))
    entered = datetime.datetime(2024, 5, 2, 3, tzinfo=datetime.UTC)  # in Honolulu still the first of May
    Opportunity.objects.filter(pk=row.pk).update(created_at=entered)
    assert report_lines.sales_cycle(queries.closed_groups(periods.ALL_TIME)) == (1, 1, 0)
    Opportunity.objects.filter(pk=row.pk).update(created_at=entered + datetime.timedelta(hours=8))
    assert report_lines.sales_cycle(queries.closed_groups(periods.ALL_TIME)) == (1, 0, None)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (1284300, "USD", "$1,284,300"),
        (0, "EUR", "€0"),
        (5, "JPY", "¥5"),
        (None, "USD", "—"),
        (3 * (2**63 - 1), "USD", "$27,670,116,110,564,327,421"),
    ],
)
def test_money_has_the_workspaces_currency_and_no_decimals(workspace, amount, currency, shown):
    workspace.currency = currency
    assert format_money(amount) == shown


def test_what_moved_thirty_days_ago_does_not_stand_still_yet(workspace):
    current_time = timezone.now()
    for days in (30, 31):
        row = factories.opportunity()
        Opportunity.objects.filter(pk=row.pk).update(moved_at=current_time - datetime.timedelta(days))
    with timezone.override(workspace.time_zone):
        assert [row.pk for row in queries.closing_soon_and_stalled(workspace.today())[1]] == [row.pk]
        cells = queries.open_pipeline(workspace.today())
    assert report_lines.stalled_line(cells, workspace.today()).total.number == 1
