"""Many profiles at once, seeded: what the engine's speed is measured on.

fill(10_000)      profiles of ten years, with four amounts each on average, pauses and endings
measured()        {what: (milliseconds, of the processor, queries)} of the Graphs page's data
"""

import random
import statistics
import time
from decimal import Decimal

from django.db import connection

from crm.models import Company
from recurring.models import RevenueCategory, RevenueEnding, RevenuePause, RevenueProfile, RevenueTerm
from recurring.mrr.calendar import ONE_DAY, month_end, month_of, months_after
from recurring.reporting import charts
from recurring.reporting.dataset import RevenueDataset
from recurring.reporting.report import RevenueReport
from workspaces.tenancy.scope import activate, active_workspace

REASONS = "upsell", "uplift", "downgrade", "seats"
EVENTS = RevenueTerm, RevenuePause, RevenueEnding


def fill(number, years=10, seed=7):
    """Profiles in the active workspace, six for five clients; every fourth comes up for renewal."""
    luck = random.Random(seed)
    current_item = month_of(active_workspace().today())
    companies = Company.objects.bulk_create(
        (
            Company(name=f"Client {place}", name_key=f"client {place}")
            for place in range(number * 5 // 6 or 1)
        ),
        batch_size=5_000,
    )
    categories = list(RevenueCategory.objects.all())
    profiles = RevenueProfile.objects.bulk_create(
        (
            RevenueProfile(
                company=companies[place % len(companies)],
                name=f"Service {place}",
                name_key=f"service {place}",
                category=categories[place % len(categories)],
                start=months_after(current_item, -luck.randrange(years * 12))
                + ONE_DAY * luck.choice((0, 0, 0, 14)),
                renewal=("evergreen", "evergreen", "automatic", "manual")[place % 4],
                term_months=(None, None, 12, 12)[place % 4],
            )
            for place in range(number)
        ),
        batch_size=5_000,
    )
    rows = {model: [] for model in EVENTS}
    for profile in profiles:
        for row in events(profile, categories, luck, current_item):
            rows[type(row)].append(row)
    for model, created in rows.items():
        model.objects.bulk_create(created, batch_size=5_000)


def events(profile, categories, luck, this):
    """The dated rows of one profile."""
    amount = Decimal(luck.randrange(20, 900))
    age = (this.year - profile.start.year) * 12 + this.month - profile.start.month
    later = sorted(luck.sample(range(1, age + 4), min(age + 3, luck.randrange(1, 6))))
    days = [profile.start, *(months_after(month_of(profile.start), month) for month in later)]
    for place, day in enumerate(days):
        category = profile.category if luck.random() < 0.95 else luck.choice(categories)
        reason = luck.choice(REASONS) if place else "new"
        yield RevenueTerm(
            profile=profile, from_date=day, amount=amount, category=category, reason=reason, monthly=amount
        )
        amount = max(Decimal(5), amount + luck.randrange(-40, 90))
    if age > 6 and luck.random() < 0.05:
        begin = months_after(month_of(profile.start), luck.randrange(2, age))
        yield RevenuePause(profile=profile, from_date=begin, to_date=month_end(months_after(begin, 2)))
    if luck.random() < 0.3:
        yield RevenueEnding(
            profile=profile,
            end=month_end(months_after(profile.start, luck.randrange(age + 6))),
            reason="price",
        )


def measure_medians(times=7):
    """The medians over the active workspace, each time read anew, as by a request of its own."""
    parts = {"dataset": lambda: RevenueDataset()}
    for span in (12, 36):
        parts[f"tables, {span} months"] = lambda span=span: page(RevenueReport(RevenueDataset(), span))
        parts[f"charts, {span} months"] = lambda span=span: charts.all_charts(
            RevenueReport(RevenueDataset(), span, followed=False)
        )
    return {name: median_of(part, times) for name, part in parts.items()}


def page(report):
    """All that the page shows but for its HTML."""
    captured = "top", "by_category", "movements", "largest", "concentration", "churn", "churn_means"
    report.cohort_rows("clients"), report.upcoming_renewals.total, report.upcoming_renewals.late
    return [getattr(report, name) for name in (*captured, "lifetime_value", "forecast")]


def median_of(part, times):
    results, captured = [], []
    for _ in range(times):
        with activate(active_workspace(), memo={}), connection.execute_wrapper(counting(captured)):
            state_before, cpu = time.perf_counter(), time.process_time()
            part()
            results.append((time.perf_counter() - state_before, time.process_time() - cpu))
    wall, cpu = (round(statistics.median(column) * 1000) for column in zip(*results, strict=True))
    return wall, cpu, len(captured) // times


def counting(asked):
    def wrapper(execute, sql, *args):
        asked.append(sql)
        return execute(sql, *args)

    return wrapper
