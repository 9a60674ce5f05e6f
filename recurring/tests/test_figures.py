"""Figures on top of the graphs: constant exchange rates, the unfinished month, renewals."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from django.urls import reverse

from crm.tests.make import company
from recurring import acts
from recurring.books import Books
from recurring.figures import Figures
from recurring.models import ExchangeRate
from recurring.money import month_of, months_after
from recurring.tests import make
from recurring.tests.test_graphs import LINE, total_at


def test_retention_in_two_currencies_is_that_of_the_clients_behind_it(sign_in, workspace, time_machine):
    """The published example: the month to date has a rate of its own, and changes no earlier figure."""
    time_machine.move_to(datetime(2025, 2, 15, 12, tzinfo=UTC))
    start, change = date(2023, 1, 1), date(2024, 6, 1)
    euros, dollars = (make.profile(100, start=start, currency=code) for code in ("EUR", "USD"))
    acts.change_amount(euros, change, amount=Decimal(50), **LINE)
    acts.change_amount(dollars, change, amount=Decimal(200), **LINE)
    ExchangeRate.objects.create(month=start, currency="EUR", rate=Decimal(1))
    client, seen = sign_in(workspace, "reader"), []
    for later_rate in (None, Decimal(2)):
        if later_rate:
            ExchangeRate.objects.create(month=date(2025, 2, 1), currency="EUR", rate=later_rate)
        html = client.get(reverse("recurring:graphs")).content.decode()
        found = dict(re.findall(r'data-figure="(\w+)" data-exact="([^"]*)"', html))
        nrr = next(one for one in Figures(Books(), 12).top if one.name == "nrr")
        then, now, kept = total_at(nrr.url, client)
        assert (Decimal(found["nrr"]), Decimal(found["grr"])) == (now / then, kept / then)
        seen.append((Decimal(found["nrr"]), Decimal(found["grr"])))
        figures = Figures(Books(), 24)
        for kind, place in (("net", 1), ("gross", 2)):
            for *_, cells in figures.cohort_rows(kind):
                for cell in cells[::6]:
                    sums = total_at(cell.url, client)
                    assert cell.value == sums[place] / sums[0]
    assert seen == [(Decimal("1.25"), Decimal("0.75"))] * 2


def test_the_unfinished_month_is_compared_with_nothing(sign_in, workspace):
    """Net new MRR of some days against that of a whole month was a loss in red."""
    this = month_of(workspace.today())
    make.profile(100, start=months_after(this, -14))
    make.profile(300, start=months_after(this, -1))
    figures = Figures(Books(), 12)
    (net_new,) = (figure for figure in figures.top if figure.name == "net_new")
    assert net_new.before is None and net_new.change is None
    assert net_new.line == [month.net_new for month in figures.past[-13:] if month.status == "closed"]
    html = sign_in(workspace, "reader").get(reverse("recurring:graphs")).content.decode()
    card = html.partition('id="kpi-net_new"')[2].partition("</section>")[0]
    assert "is-down" not in card and "is-up" not in card and "unchanged" not in card and "to date" in card


def test_a_renewal_counts_once_whatever_its_term(sign_in, workspace):
    """Twelve terms of a month are not twelve times the MRR."""
    options = {"start": months_after(month_of(workspace.today()), -3), "renewal": "automatic"}
    make.profile(100, company=company(name="Monthly"), term_months=1, **options)
    make.profile(100, company=company(name="Quarterly"), term_months=3, **options)
    make.profile(100, company=company(name="Yearly"), term_months=12, **options)
    make.profile(100, company=company(name="Later"), term_months=36, **options)
    coming = Figures(Books(), 12).coming
    assert (len(coming.renewals), coming.total) == (3, 300)
    client = sign_in(workspace, "reader")
    page = client.get(reverse("recurring:graphs")).content.decode()
    assert "each profile once, with its next term’s end" in page
    behind = client.get(reverse("recurring:clients"), {"what": "renewals"})
    assert total_at(reverse("recurring:clients") + "?what=renewals", client) == [300]
    assert "3 renewals" in behind.content.decode() and "each profile once" in behind.content.decode()
