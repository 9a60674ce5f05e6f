"""The first page of a day, whichever it is, brings the snapshots of revenue profiles up to date."""

from datetime import date

from django.urls import reverse

from recurring.models import RevenueProfile
from recurring.tests import factories
from tests.support.routes import INSIDE
from workspaces.tenancy.reference_cache import reference_values


def test_no_page_leaves_the_snapshot_of_another_day(sign_in, workspace, subtests):
    client = sign_in(workspace, "admin and sales staff")
    factories.profile(100)
    for route in INSIDE:
        if route.parameters:
            continue
        with subtests.test(route=route.name):
            RevenueProfile.objects.update(mrr=1, stands_until=date(2020, 1, 1))
            reference_values.cache_clear()  # as a process does that shows its first page
            client.get(reverse(route.name))
            assert RevenueProfile.objects.get().mrr == 100
