"""Profiles stored before get today's search text by a migration."""

import datetime
import importlib

import pytest

from crm import backfill
from crm.tests.test_backfill import migrate
from recurring.models import RevenueProfile

from . import make

spell_mrr = importlib.import_module("recurring.migrations.0005_keys_and_search").spell_mrr


SPELLINGS = ("311.67", "31167", "1,200", "1200", "1,200.00", "120000")


@pytest.mark.parametrize(
    "amount, currency, before",
    [("311.6667", "USD", "311.6667"), ("1200", "JPY", "1,200.00"), ("1200", "USD", "1,200.00")],
)
def test_profiles_are_found_by_their_mrr_as_it_is_shown(workspace, amount, currency, before):
    profile = make.profile(amount, currency=currency, start=datetime.date(2026, 1, 1))
    today = RevenueProfile.objects.get(pk=profile.pk).search_text
    old = [line for line in today.split("\n") if line not in SPELLINGS]
    old += [before, before.replace(".", "").replace(",", "")]
    RevenueProfile.objects.update(search_text="\n".join(old))
    migrate(backfill.rewrite_records("recurring", "revenueprofile", respelled=(spell_mrr,)))
    assert {*RevenueProfile.objects.get().search_text.split("\n")} == {*today.split("\n")}
