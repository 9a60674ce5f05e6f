import pytest
from django.db.models import Q

from crm.db.exact_sum import CountedWinPercent, ExactSum, in_percent
from crm.models import Opportunity
from crm.tests import factories

LARGEST = 2**63 - 1


def sum_weighted():
    return Opportunity.objects.aggregate(total=ExactSum("value", CountedWinPercent()))["total"]


def test_two_of_the_largest_values_are_summed_exactly(workspace):
    factories.opportunity(value=LARGEST, win_percent=99)
    factories.opportunity(value=LARGEST, win_percent=99)
    assert Opportunity.objects.aggregate(total=ExactSum("value"))["total"] == 2 * LARGEST
    assert sum_weighted() == 2 * 99 * LARGEST


def test_won_counts_whole_and_lost_or_abandoned_nothing(workspace):
    for number, kind in enumerate(["open", "won", "lost", "abandoned"]):
        factories.opportunity(kind, value=10 ** (2 * number), win_percent=50)
    assert sum_weighted() == 50 * 1 + 100 * 100


@pytest.mark.parametrize("rows", ["all", "none"])
def test_nothing_sums_to_zero(workspace, rows):
    factories.opportunity(value=None)
    assert getattr(Opportunity.objects, rows)().aggregate(total=ExactSum("value")) == {"total": 0}


def test_sums_go_by_group_and_take_a_condition(workspace):
    for value in (3, 4, 5):
        factories.opportunity(value=value)
    factories.opportunity("won", value=6)
    rows = Opportunity.objects.order_by().values("is_open")
    sums = rows.annotate(total=ExactSum("value", filter=Q(value__gt=3))).order_by("is_open")
    assert [(row["is_open"], row["total"]) for row in sums] == [(False, 6), (True, 9)]


def test_halves_are_rounded_up_once(workspace):
    assert [in_percent(total) for total in (0, 49, 50, 149, 150)] == [0, 0, 1, 1, 2]
