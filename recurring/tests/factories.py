"""Profiles for tests: of a few words, of a history (histories.Profile), or many at once."""

import uuid
from datetime import date
from decimal import Decimal
from itertools import count

from crm.tests import factories
from recurring.lifecycle import operations
from recurring.models import RevenueCategory, RevenueEnding, RevenuePause, RevenueProfile, RevenueTerm
from recurring.viewsets import PROFILES

number = count(1)


def category(name="Support", **differences):
    row = RevenueCategory.objects.filter(name_key=name.lower()).first()
    return row or RevenueCategory.objects.create(**{"name": name, "color": "blue", **differences})


def profile(amount=100, *, unit="month", category_name="Support", company=None, **differences):
    """A profile with its first amount."""
    row = RevenueProfile(
        **{
            "company": company or factories.company(),
            "start": date(2026, 1, 1),
            "name": f"Service {next(number)}",
            **differences,
        }
    )
    return operations.start_profile(
        row, category(category_name), amount=Decimal(amount), unit=unit, count=1, quantity=1, discount=0
    )


def one_of_each(company):
    """{kind: row} of everything that pages are about."""
    row = profile(company=company)
    pause = operations.pause(row, date(2026, 2, 1), date(2026, 2, 28))
    ending = operations.end(row, date(2026, 8, 31))
    rows = [row, row.terms.get(), pause, ending, RevenueCategory.objects.first()]
    return {item._meta.model_name: item for item in rows}


def of_histories(histories):
    """The rows of some histories, as the forms would have written them: {history's id: RevenueProfile}."""
    companies, results = {}, {}
    for history in histories:
        if history.client not in companies:
            companies[history.client] = factories.company(name=str(history.client))
        first = next(iter(history.live_terms))
        row = RevenueProfile.objects.create(
            company=companies[history.client],
            name=str(history.id),
            category=category_of(first),
            start=history.start,
            end=history.end,
            currency=history.currency,
        )
        for term in history.terms:
            line = {name: getattr(term, name) for name in (*operations.LINE, "from_date", "reason")}
            RevenueTerm.objects.create(profile=row, category=category_of(term), **line)
        for pause in history.pauses:
            RevenuePause.objects.create(profile=row, from_date=pause.from_date, to_date=pause.to_date)
        for ending in history.endings:
            if ending.undone_at is None:
                RevenueEnding.objects.create(profile=row, end=ending.end)
        results[history.id] = row.pk
    RevenueProfile.objects.filter(pk__in=results.values()).renew_standing()
    rows = RevenueProfile.objects.in_bulk(results.values())
    return {id: rows[pk] for id, pk in results.items()}


def category_of(term):
    return category(str(term.category or "Other"))


def build_profile_form(**differences):
    """What somebody types into the form of a new profile, at the least."""
    five = {"company": "Acme", "category": "Support", "amount": "100", "unit": "month", "start": "2026-01-01"}
    hidden = {"renewal": "evergreen", "currency": "USD", "submission": uuid.uuid4()}
    return {**five, **hidden, **differences}


def build_operation_form(row, **said):
    """What an act's form sends for a profile."""
    return {"version": row.version, "submission": uuid.uuid4(), **said}


def address(row, act):
    return PROFILES.url("detail", row.pk) + f"{act}/"
