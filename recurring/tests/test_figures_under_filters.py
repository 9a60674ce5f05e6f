"""The laws of the figures hold for what one owner, one tag or some categories have, too."""

import random
from datetime import UTC, datetime

import pytest

from crm.models import Tag
from recurring.models import RevenueCategory, RevenueProfile
from recurring.models.profiles import TaggedRevenueProfile
from recurring.mrr.calendar import month_end, months_after
from recurring.mrr.cohorts import retention_series
from recurring.mrr.results import TOTALED
from recurring.reporting.dataset import DatasetFilters, RevenueDataset
from recurring.tests import generated
from workspaces.models import Membership, User

PARTS = *TOTALED, "opening", "closing", "paused", "exchange"
COUNTS = "clients", "paying", "clients_new", "clients_reactivated", "clients_churned"


@pytest.fixture(params=range(3))
def portfolio(request, workspace, time_machine):
    """({filter: profiles that it leaves}, owners); all profiles of a client have one owner."""
    time_machine.move_to(datetime(2026, 6, 15, 12, tzinfo=UTC))
    chance = random.Random(request.param)
    generated.fill(40, years=4, seed=request.param)
    members = [
        Membership.objects.create(user=User.objects.create_user(f"{name}@acme.example", name=name))
        for name in ("ann", "ben")
    ]
    tag, profiles = Tag.objects.create(name="key account"), list(RevenueProfile.objects.all())
    owners = {profile.company_id: chance.choice(members) for profile in profiles}
    for profile in profiles:
        RevenueProfile.objects.filter(pk=profile.pk).update(owner=owners[profile.company_id])
    tagged = chance.sample(profiles, 15)
    for profile in tagged:
        TaggedRevenueProfile.objects.create(tag=tag, content_object=profile)
    chosen = {
        DatasetFilters(owner=member.pk): {row.pk for row in profiles if owners[row.company_id] == member}
        for member in members
    }
    chosen[DatasetFilters(tag=tag.pk)] = {row.pk for row in tagged}
    both = DatasetFilters(owner=members[0].pk, tag=tag.pk)
    chosen[both] = {row.pk for row in tagged if owners[row.company_id] == members[0]}
    chosen[DatasetFilters()] = {row.pk for row in profiles}
    return chosen, members


def read_ledger(filters):
    dataset = RevenueDataset(filters)
    return dataset.ledger(
        months_after(dataset.month, -14), dataset.month, since=months_after(dataset.month, -28)
    )


def test_each_month_is_worth_what_its_profiles_are(portfolio):
    for filters, pks in portfolio[0].items():
        histories = RevenueProfile.objects.filter(pk__in=pks).histories().values()
        previous = None
        for month in read_ledger(filters).months[:-1]:
            day = month_end(month.month)
            assert month.closing == sum(history.mrr(day) for history in histories), (filters, day)
            assert month.opening + month.gains - month.losses + month.transfer == month.closing
            assert previous is None or month.opening == previous.closing
            assert month.clients_opening + month.clients_new + month.clients_reactivated == (
                month.clients + month.clients_churned
            )
            previous = month


def test_the_owners_add_up_to_the_whole(portfolio):
    whole = read_ledger(DatasetFilters()).months
    parts = [read_ledger(DatasetFilters(owner=member.pk)).months for member in portfolio[1]]
    for month, *shares in zip(whole, *parts, strict=True):
        for name in (*PARTS, *COUNTS):
            assert getattr(month, name) == sum(getattr(share, name) for share in shares), (month.month, name)


def test_the_categories_add_up_to_the_whole(portfolio):
    for filters in portfolio[0]:
        whole = read_ledger(filters)
        parts = [
            read_ledger(DatasetFilters(frozenset({category}), filters.owner, filters.tag)).months
            for category in RevenueCategory.objects.values_list("pk", flat=True)
        ]
        for month, *shares in zip(whole.months, *parts, strict=True):
            assert month.closing == sum(share.closing for share in shares), (filters, month.month)
            assert sum(share.transfer for share in shares) == 0


def test_retention_stays_within_its_bounds(portfolio):
    for filters in portfolio[0]:
        ledger = read_ledger(filters)
        last = months_after(RevenueDataset(filters).month, -1)
        for retention in retention_series(ledger, months_after(last, -11), last):
            if retention.gross is not None:
                assert 0 <= retention.gross <= 1 and retention.gross <= retention.net
