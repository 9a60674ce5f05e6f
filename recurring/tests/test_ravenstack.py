"""A real export: 5,000 subscriptions of two years, loaded as profiles, and each month-end counted twice."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.models import Company
from recurring.books import Books
from recurring.models import RevenueCategory, RevenueProfile, RevenueTerm
from recurring.money import month_end, months_between

FILE = Path(__file__).resolve().parents[2].parent / "shared/data/ravenstack_saas/ravenstack_subscriptions.csv"
FIRST, LAST = date(2023, 1, 1), date(2024, 12, 1)


def subscriptions():
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


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
        term.monthly = term.normalized()
        terms.append(term)
    RevenueTerm.objects.bulk_create(terms)
    return plans


@pytest.mark.skipif(not FILE.exists(), reason="../shared/data/ravenstack_saas is not there")
def test_every_month_end_is_what_the_file_says_in_all_and_by_plan(workspace):
    rows = subscriptions()
    assert len(rows) == 5000
    plans = load(rows)
    ledger = Books().ledger(FIRST, LAST)
    for at, month in enumerate(months_between(FIRST, LAST)):
        day = month_end(month).isoformat()
        worth = dict.fromkeys(plans, 0)
        for row in rows:
            if row["start_date"] <= day and (not row["end_date"] or day <= row["end_date"]):
                worth[row["plan_tier"]] += Decimal(row["mrr_amount"])
        assert ledger.months[at].closing == sum(worth.values()), month
        assert {name: ledger.categories[plan.pk][at] for name, plan in plans.items()} == worth, month
