"""A month's sentence is made of the movements in its table: its amounts add up to the difference."""

import random
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from crm.tests.factories import company
from recurring.lifecycle import operations
from recurring.models import ExchangeRate, RevenueCategory, RevenueProfile
from recurring.mrr.calendar import month_of, months_after, months_between
from recurring.reporting import narrative
from recurring.reporting.dataset import DatasetFilters, RevenueDataset
from recurring.tests import factories, generated

SIDE = re.compile(r"(?:^|; |\. )([+−])\$([\d,]+(?:\.\d\d)?)")


def explain_month(month, **chosen):
    """(the Month, its groups, its sentence)"""
    dataset = RevenueDataset(DatasetFilters(**chosen))
    explanation = dataset.ledger(month, month, recorded=True).explanation(month)
    groups = narrative.tell_month(dataset, explanation)
    return explanation.totals, groups, narrative.sentence(dataset, explanation.totals, groups)


def sum_of(sentence):
    results = ((-1 if sign == "−" else 1, text) for sign, text in SIDE.findall(sentence))
    return sum((sign * Decimal(text.replace(",", "")) for sign, text in results), Decimal(0))


@pytest.fixture
def portfolio(workspace, sign_in):
    """Some sixty profiles of two years to which everything has happened, a third of them in euros."""
    luck, member = random.Random(3), sign_in(workspace).member
    generated.fill(60, years=2)
    rows = list(RevenueProfile.objects.order_by("pk"))
    for row in rows[::3]:
        RevenueProfile.objects.filter(pk=row.pk).update(currency="EUR")
    for row in rows[::4]:
        RevenueProfile.objects.filter(pk=row.pk).update(owner=member)
    for month in months_between(months_after(month_of(workspace.today()), -30), workspace.today()):
        rate = Decimal(luck.randrange(90, 130)) / 100
        ExchangeRate.objects.create(month=month, currency="EUR", rate=rate)
    return member


def test_the_sum_of_each_sentence_is_the_difference(portfolio, workspace):
    current_item = month_of(workspace.today())
    filters = [{}, {"owner": portfolio.pk}]
    filters += [
        {"categories": frozenset([pk])} for pk in RevenueCategory.objects.values_list("pk", flat=True)
    ]
    kinds = set()
    for chosen in filters:
        for month in months_between(months_after(current_item, -23), months_after(current_item, 2)):
            totals, groups, sentence = explain_month(month, **chosen)
            kinds |= {group.kind for group in groups}
            difference = totals.closing - totals.opening
            assert abs(sum_of(sentence) - difference) <= Decimal("0.03"), sentence
            assert (
                "-" not in re.sub(r"[A-Za-z]-", "", sentence)
                and ". ." not in sentence
                and "0.00" not in (re.findall(r"\$-?0\.00", sentence))
            )
            if groups and month <= current_item:
                assert "unchanged from" not in sentence
    assert {"transfer", "transferred", "pause", "resume", "churn", "exchange", "uplift"} <= kinds


FEBRUARY = date(2026, 2, 1)
LINE = {"unit": "month", "count": 1, "quantity": 1, "discount": 0}


@pytest.fixture
def acme(workspace):
    return factories.profile(120, company=company(name="Acme"), start=date(2026, 1, 1))


@pytest.mark.parametrize(("name", "says"), [("Hosting", "+$120 moved in"), ("Support", "−$120 moved out")])
def test_a_transfer_is_in_the_sentence_of_its_categories(acme, name, says):
    operations.change_category(acme, FEBRUARY, factories.category("Hosting"))
    _, _, sentence = explain_month(FEBRUARY, categories=frozenset([factories.category(name).pk]))
    assert says in sentence and "unchanged" not in sentence


def test_what_only_changed_its_category_is_told_of_all(acme):
    operations.change_category(acme, FEBRUARY, factories.category("Hosting"))
    _, _, sentence = explain_month(FEBRUARY)
    assert sentence.endswith(", unchanged from the previous month. $120 moved between categories.")


def test_a_client_who_leaves_while_paused_is_told_without_an_amount(acme, sign_in, workspace):
    operations.pause(acme, date(2026, 2, 15))
    operations.end(acme, date(2026, 3, 5))
    _, groups, sentence = explain_month(date(2026, 3, 1))
    assert sentence.endswith(", unchanged from the previous month. Acme left while paused.")
    assert not groups[0].rows[0].amount.is_signed()
    client, behind = sign_in(workspace, "reader"), {"month": "2026-03", "kind": "churn"}
    page = client.get(reverse("recurring:clients"), behind).content.decode()
    assert "Acme" in page and "-0" not in re.sub("<[^>]*>", "", page)
    file = client.get(reverse("recurring:clients"), behind | {"export": "csv"}).getvalue().decode("utf-8-sig")
    assert file.splitlines()[1].startswith('"Acme","0",""')


def test_nothing_moved(acme):
    assert (
        explain_month(date(2026, 3, 1))[2] == "Mar 2026 closed at $120.00, unchanged from the previous month."
    )


def test_cents_are_told_where_there_are_any(acme):
    operations.change_amount(acme, FEBRUARY, amount=Decimal("120.40"), **LINE)
    assert explain_month(FEBRUARY)[2].endswith("+$0.40: Acme pays $0.40 more.")


def test_a_month_that_is_not_over_says_with_what_it_is_compared(acme, time_machine):
    time_machine.move_to(datetime(2026, 2, 10, 12, tzinfo=UTC))
    operations.change_amount(acme, date(2026, 2, 5), amount=Decimal(100), **LINE)
    assert ", $20.00 less than the end of Jan 2026. " in explain_month(FEBRUARY)[2]
    assert explain_month(date(2026, 3, 1))[2] == (
        "Mar 2026 will close at $100.00, unchanged from the end of Feb 2026."
    )
    operations.change_category(acme, date(2026, 3, 1), factories.category("Hosting"))
    assert ", unchanged from the end of Feb 2026. " in explain_month(date(2026, 3, 1))[2]


def test_thousandths_are_told_where_the_currency_has_them(workspace):
    factories.profile("1.004", company=company(name="Acme"), start=date(2026, 1, 1), currency="KWD")
    _, _, sentence = explain_month(date(2026, 1, 1))
    assert spaced_sum(sentence) == ["1.004"] * 4


def spaced_sum(sentence):
    return re.findall(r"KWD\s?([\d.]+\d)", sentence)
