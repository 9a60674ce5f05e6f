"""Subscriptions of two years, generated and of a real export: each month-end is counted in two ways."""

import csv
import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from crm.models import Company
from recurring.models import RevenueCategory, RevenueProfile, RevenueTerm
from recurring.mrr.calendar import month_end, months_between
from recurring.reporting.dataset import RevenueDataset

FILE = Path(__file__).resolve().parents[2].parent / "shared/data/ravenstack_saas/ravenstack_subscriptions.csv"
FIRST, LAST = date(2023, 1, 1), date(2024, 12, 1)


def exported_subscriptions():
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def generated_subscriptions(count=1500):
    """Subscriptions of the same columns: several an account, some ended, on the last days of months too."""
    chance, days = random.Random(7), (LAST - FIRST).days
    rows = []
    for number in range(count):
        start = FIRST + timedelta(days=chance.randrange(days))
        start = month_end(start) if number % 10 == 0 else start
        end = start + timedelta(days=chance.randrange(1, 500))
        end = month_end(end) if number % 3 == 0 else end
        rows.append(
            {
                "subscription_id": f"S-{number}",
                "account_id": f"A-{chance.randrange(count // 4)}",
                "plan_tier": chance.choice(["Basic", "Pro", "Enterprise"]),
                "start_date": start.isoformat(),
                "end_date": end.isoformat() if chance.random() < 0.4 else "",
                "mrr_amount": str(chance.randrange(0, 20_000)),
            }
        )
    return rows


SUBSCRIPTIONS = {"generated": (generated_subscriptions, 1500)}
if FILE.exists():
    SUBSCRIPTIONS["exported"] = exported_subscriptions, 5000


def load(rows):
    """The subscriptions as profiles, a client each account, a category each plan."""
    names = sorted({row["account_id"] for row in rows})
    clients = dict(zip(names, Company.objects.bulk_create(Company(name=name) for name in names), strict=True))
    plans = {
        name: RevenueCategory.objects.create(name=name) for name in sorted({row["plan_tier"] for row in rows})
    }
    profiles = RevenueProfile.objects.bulk_create(
        RevenueProfile(
            company=clients[row["account_id"]],
            name=row["subscription_id"],
            category=plans[row["plan_tier"]],
            start=date.fromisoformat(row["start_date"]),
            end=date.fromisoformat(row["end_date"]) if row["end_date"] else None,
        )
        for row in rows
    )
    terms = []
    for profile, row in zip(profiles, rows, strict=True):
        term = RevenueTerm(
            profile=profile,
            from_date=profile.start,
            category=profile.category,
            amount=Decimal(row["mrr_amount"]),
        )
        term.monthly = term.normalize()
        terms.append(term)
    RevenueTerm.objects.bulk_create(terms)
    return plans


@pytest.mark.parametrize("source", SUBSCRIPTIONS)
def test_every_month_end_is_what_the_subscriptions_say_in_all_and_by_plan(workspace, source):
    subscriptions, count = SUBSCRIPTIONS[source]
    rows = subscriptions()
    assert len(rows) == count
    plans = load(rows)
    ledger = RevenueDataset().ledger(FIRST, LAST)
    for position, month in enumerate(months_between(FIRST, LAST)):
        day = month_end(month).isoformat()
        worth = dict.fromkeys(plans, 0)
        for row in rows:
            if row["start_date"] <= day and (not row["end_date"] or day <= row["end_date"]):
                worth[row["plan_tier"]] += Decimal(row["mrr_amount"])
        assert ledger.months[position].closing == sum(worth.values()), month
        assert {name: ledger.categories[plan.pk][position] for name, plan in plans.items()} == worth, month
