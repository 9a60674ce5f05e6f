"""The graphs: each figure is the engine's, and leads to exactly the clients it was counted from."""

import re
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.tests.factories import company, opportunity
from crm.tests.submitted_forms import send
from recurring.lifecycle import operations
from recurring.models import ClosedMonth, ExchangeRate, RevenueCategory, RevenueProfile, RevenueTerm
from recurring.mrr.calendar import month_end, months_after
from recurring.mrr.profiles import total_mrr
from recurring.reporting.dataset import DatasetFilters, RevenueDataset
from recurring.reporting.narrative import sentence, tell_month
from recurring.reporting.report import RevenueReport
from recurring.tests import factories

LINE = {"unit": "month", "count": 1, "quantity": Decimal(1), "discount": Decimal(0)}


@pytest.fixture
def this(workspace):
    """The first day of the current month."""
    return workspace.today().replace(day=1)


@pytest.fixture
def book(this):
    """Some clients to whom everything has happened in the last months."""
    ago = {number: months_after(this, -number) for number in range(1, 19)}
    first = factories.profile(400, company=company(name="Acme"), name="Desk", start=ago[18])
    operations.change_amount(first, ago[3], amount=Decimal(520), reason="upsell", **LINE)
    second = factories.profile(300, company=company(name="Birch"), start=ago[18], category_name="Hosting")
    operations.end(second, months_after(ago[2], 0).replace(day=1) - operations.ONE_DAY, reason="price")
    third = factories.profile(250, company=company(name="Cedar"), start=ago[16])
    operations.pause(third, ago[5], month_end(ago[4]))
    fourth = factories.profile(1200, company=company(name="Dale"), unit="year", start=ago[14])
    operations.change_amount(
        fourth, ago[2], amount=Decimal(1260), reason="uplift", **{**LINE, "unit": "year"}
    )
    operations.change_category(first, ago[1], RevenueCategory.objects.get(name="Licenses"))
    factories.profile(80, company=first.company, start=ago[1], category_name="Hosting")
    factories.profile(60, company=company(name="Elm"), start=ago[2])
    factories.profile(
        90, company=company(name="Fern"), start=ago[6], term_months=12, renewal="automatic", notice_days=30
    )
    return ago


def total_at(address, client):
    """The sums under the page of the clients behind a figure."""
    page = client.get(address).content.decode()
    return [Decimal(text) for text in re.findall(r'data-total="([^"]+)"', page)]


def test_every_month_is_the_sum_of_its_profiles(book, this):
    histories = RevenueProfile.objects.histories().values()
    for month in RevenueReport(RevenueDataset(), 24).past:
        day = min(month_end(month.month), RevenueDataset().today)
        assert month.closing == total_mrr(histories, day), month.month


def test_the_page_says_what_the_figures_are(sign_in, workspace, book):
    page = sign_in(workspace, "reader").get(reverse("recurring:graphs"))
    report, html = page.context["report"], page.content.decode()
    exact = dict(re.findall(r'data-figure="(\w+)" data-exact="([^"]*)"', html))
    for figure in report.top:
        assert Decimal(exact[figure.name]) == figure.value
    assert report.now.closing == 520 + 250 + 105 + 80 + 60 + 90
    assert f"${report.now.closing:,.2f}" in html


def test_each_cell_leads_to_clients_who_add_up_to_it(sign_in, workspace, book):
    client, report = sign_in(workspace, "reader"), RevenueReport(RevenueDataset(), 12)
    checked = 0
    for row in [*report.by_category, *report.movements]:
        for cell in row.cells:
            if cell.url and cell.value:
                assert total_at(cell.url, client)[0] == cell.value, cell.url
                checked += 1
    assert checked > 60


def test_retention_and_cohorts_lead_to_what_they_are_made_of(sign_in, workspace, book):
    client, report = sign_in(workspace, "reader"), RevenueReport(RevenueDataset(), 24)
    nrr, grr = (figure for figure in report.top if figure.name in ("nrr", "grr"))
    later, current_time, kept_values = total_at(nrr.url, client)
    assert (nrr.value, grr.value) == (current_time / later, kept_values / later)
    for kind, place in (("net", 1), ("gross", 2)):
        for *_, cells in report.cohort_rows(kind):
            for cell in cells:
                sums = total_at(cell.url, client)
                assert cell.value == sums[place] / sums[0]


def test_the_largest_lead_to_themselves(sign_in, workspace, book):
    client, report = sign_in(workspace, "reader"), RevenueReport(RevenueDataset(), 12)
    for _, share, url in report.concentration:
        assert total_at(url, client)[0] / report.now.closing == share
    assert report.largest[0][1] == 600


def test_the_charts_say_the_same_as_the_tables(sign_in, workspace, book):
    client, report = sign_in(workspace, "reader"), RevenueReport(RevenueDataset(), 12)
    charts = client.get(reverse("recurring:graphs-data")).json()["charts"]
    owner = {item["label"]: item["data"] for item in charts["by-category"]["datasets"]}
    for category, column in report.category_columns:
        assert owner[category.name] == [float(amount) for amount in column]
    for place, month in enumerate(report.past):
        moved = sum(item["data"][place] for item in charts["movements"]["datasets"])
        assert moved == pytest.approx(float(month.closing - month.opening))
    marks = charts["by-category"]["datasets"][0]
    assert marks["pattern"] == [11] and marks["lighter"] == [12, 13, 14, 15, 16, 17]
    assert total_at(marks["urls"][0], client)[0] == Decimal(str(marks["data"][0]))


def test_a_filter_looks_at_some_only(sign_in, workspace, book):
    client = sign_in(workspace)
    hosting = RevenueCategory.objects.get(name="Hosting")
    assert (
        client.get(reverse("recurring:graphs"), {"category": hosting.pk}).context["report"].now.closing == 80
    )
    mine = RevenueProfile.objects.get(name="Desk")
    mine.owner = client.member
    mine.save()
    mine.tags.add("Key")
    for captured in ({"owner": client.member.pk}, {"tag": mine.tags.get().pk}):
        page = client.get(reverse("recurring:graphs"), captured)
        assert page.context["report"].now.closing == 520
        top = next(iter(page.context["report"].top))
        assert total_at(top.url, client) == [520]
        assert {name: [str(value)] for name, value in captured.items()}.items() <= parse_qs(
            urlsplit(top.url).query
        ).items()


NOT_UNDERSTOOD = [
    "months=7",
    "category=x",
    "category=999999999999999999999",
    "owner=0",
    "cohorts=x",
    "share=2",
]


def test_what_is_not_understood_is_passed_over(sign_in, workspace, book, subtests):
    client = sign_in(workspace)
    for captured in NOT_UNDERSTOOD:
        with subtests.test(asked=captured):
            assert client.get(f"{reverse('recurring:graphs')}?{captured}").status_code == 200


NO_FIGURES = [
    "month=2026-13",
    "month=x",
    "month=2026-10&kind=x",
    "month=",
    "cohort=9999-12&month=0000-00",
]


def test_what_is_no_figure_is_not_found(sign_in, workspace, book, subtests):
    client = sign_in(workspace)
    for captured in NO_FIGURES:
        with subtests.test(asked=captured):
            assert client.get(f"{reverse('recurring:clients')}?{captured}").status_code == 404


def test_the_clients_behind_a_figure_are_exported(sign_in, workspace, book, this):
    address = reverse("recurring:clients")
    response = sign_in(workspace, "reader").get(address, {"month": f"{this:%Y-%m}", "export": "csv"})
    lines = response.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == '"Client","MRR, USD","What"'
    assert '"Acme","600",""' in lines


def test_what_else_is_to_be_said_has_a_column_where_there_is_any(sign_in, workspace, book):
    client, month = sign_in(workspace, "reader"), f"{book[2]:%Y-%m}"
    for captured, is_said in [({"month": month}, False), ({"month": month, "kind": "churn"}, True)]:
        page = client.get(reverse("recurring:clients"), captured).content.decode()
        assert ('<th scope="col">What</th>' in page) == is_said


def test_a_month_is_explained_by_a_sentence_and_its_rows(sign_in, workspace, book):
    month = book[2]
    page = sign_in(workspace, "reader").get(reverse("recurring:month", args=[f"{month:%Y-%m}"]))
    messages_said, html = page.context["sentence"], page.content.decode()
    assert "Elm is new ($60)" in messages_said
    assert "Birch left ($300, price)" in messages_said
    assert "Dale pays $5 more (price increase)" in messages_said
    totals = page.context["totals"]
    rows = sum(
        row.amount for group in page.context["groups"] if group.kind != "transferred" for row in group.rows
    )
    assert totals.opening + rows == totals.closing
    assert f'data-total="{totals.closing}"' in html


def test_a_quiet_month_says_so(workspace, book, this):
    dataset = RevenueDataset()
    explanation = dataset.ledger(book[7], book[7], recorded=True).explanation(book[7])
    groups = tell_month(dataset, explanation)
    assert "unchanged from" in sentence(dataset, explanation.totals, groups)


def test_a_closed_month_keeps_what_was_reported_beside_what_it_is(sign_in, workspace, book):
    client, month = sign_in(workspace, "admin"), f"{book[3]:%Y-%m}"
    client.post(reverse("recurring:month-close", args=[month]))
    reported = ClosedMonth.objects.get().amount("closing")
    row = RevenueProfile.objects.get(name="Desk")
    term = RevenueTerm.objects.live().get(profile=row, from_date=book[3])
    term.profile = row
    operations.correct(term, amount=Decimal(530))
    page = client.get(reverse("recurring:month", args=[month]))
    assert ("Closing", reported, reported + 10) in page.context["restated"]
    assert "reported as" in page.content.decode()


def test_a_month_that_is_not_over_is_not_closed(sign_in, workspace, this):
    sign_in(workspace, "admin").post(reverse("recurring:month-close", args=[f"{this:%Y-%m}"]))
    assert not ClosedMonth.objects.exists()


def test_nothing_yet_says_what_to_do(sign_in, workspace):
    client = sign_in(workspace)
    assert "your first revenue profile" in client.get(reverse("recurring:graphs")).content.decode()
    assert client.get(reverse("recurring:graphs-data")).json() is not None


def test_a_missing_rate_is_named_and_hides_no_other_figure(sign_in, workspace, this):
    factories.profile(100)
    factories.profile(100, currency="EUR")
    client = sign_in(workspace, "admin")
    for name, args in (("graphs", []), ("clients", []), ("month", [f"{this:%Y-%m}"])):
        page = client.get(reverse(f"recurring:{name}", args=args))
        assert page.status_code == 200
        assert "no EUR rate" in page.content.decode()
    assert client.get(reverse("recurring:graphs-data")).json()["charts"]["largest"]["datasets"][0][
        "data"
    ] == [100]
    client.post(reverse("recurring:rates"), {"lines": "2025-12 eur 1,08\n2026-05;EUR;1.10\n"})
    assert ExchangeRate.objects.live().count() == 2
    report = client.get(reverse("recurring:graphs")).context["report"]
    assert (report.now.closing, report.dataset.currency) == (210, "USD")


def test_a_rate_is_corrected_by_another_and_both_stay(sign_in, workspace):
    factories.profile(100, currency="EUR")
    client = sign_in(workspace, "admin")
    for rate in ("1.08", "1.09", "1.09"):
        url = reverse("recurring:rates")
        send(client, client.get(url), url, lines=f"2026-01 EUR {rate}")
    assert [str(row.plain) for row in ExchangeRate.objects.live()] == ["1.09"]
    assert ExchangeRate.objects.count() == 2


NO_RATES = [
    ("2026-13 EUR 1", "2026-13 isn’t a month"),
    ("2026-01 XXX1 1", "Enter it like"),
    ("2026-01 EUX 1", "isn’t a currency"),
    ("2026-01 USD 1", "the workspace’s currency"),
    ("2026-01 EUR nan", "“nan” isn’t a number above 0"),
    ("2026-01 EUR -1", "above 0"),
    ("2026-01 EUR x", "isn’t a number"),
    ("2026-01 EUR 1,085", "Did you mean 1.0850 or 1,085?"),
    ("2026-01 EUR 1e3", "isn’t a number"),
    ("2026-01 EUR 1.00000000001", "at most 10 decimal places"),
    ("2026-01 EUR 1\n2026-01 EUR 2", "twice"),
    ("1066-01 EUR 1", "from 1970 to 2100"),
]


def test_a_line_that_is_no_rate_says_why_and_nothing_is_written(sign_in, workspace, subtests):
    client = sign_in(workspace, "admin")
    for line, why in NO_RATES:
        with subtests.test(line=line):
            page = client.post(reverse("recurring:rates"), {"lines": f"2026-02 EUR 1.1\n{line}"})
            assert why in page.context["form"].errors["lines"].as_text()
            assert not ExchangeRate.objects.exists()


def test_only_admins_enter_rates(sign_in, workspace):
    client = sign_in(workspace)
    assert client.get(reverse("recurring:rates")).status_code == 200
    assert client.post(reverse("recurring:rates"), {"lines": "2026-01 EUR 1.1"}).status_code == 403


@pytest.mark.usefixtures("fastpath")
@pytest.mark.parametrize("name", ["graphs", "graphs-data", "clients", "months"])
def test_queries_do_not_grow_with_the_rows(sign_in, workspace, book, this, name):
    client = sign_in(workspace, "reader")
    ExchangeRate.objects.create(month=book[18], currency="EUR", rate=Decimal("1.1"))

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(f"recurring:{name}"), follow=False).status_code in (200, 302)
        return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in captured)

    queries()
    for place in range(4):
        factories.profile(
            10,
            currency="EUR",
            company=company(),
            opportunity=opportunity("won"),
            start=book[5 + place],
            renewal="manual",
            term_months=12,
        )
    assert queries() <= 12


def test_what_is_chosen_says_so_in_every_address():
    chosen = DatasetFilters(frozenset({3, 1}), owner=5)
    assert chosen.parameters == [("category", 1), ("category", 3), ("owner", 5)]


def test_a_day_of_now_is_no_day_of_then(workspace, this):
    """Begun in this month after today, it is committed for the next month's end, and nothing to date."""
    tomorrow = workspace.today() + operations.ONE_DAY
    factories.profile(100, start=tomorrow)
    report = RevenueReport(RevenueDataset(), 12)
    assert report.now.closing == 0
    assert report.ledger.month(months_after(this, 1)).closing == 100
    assert date.max > tomorrow


def test_many_clients_come_by_the_page_and_are_summed_up_and_exported_all(
    sign_in, workspace, this, monkeypatch
):
    monkeypatch.setattr("recurring.views.drilldown.PER_PAGE", 3)
    monkeypatch.setattr("recurring.reporting.narrative.MAX_LISTED_CLIENTS", 3)
    for amount in range(1, 8):
        factories.profile(amount, name=f"Desk {amount}", company=company(name=f"Client {amount}"), start=this)
    client = sign_in(workspace, "reader")
    address = f"{reverse('recurring:clients')}?month={this:%Y-%m}&kind=new"
    pages = [client.get(f"{address}&page={number}") for number in (1, 2, 3)]
    shown_text = [[(name, note) for _, name, _, note in page.context["lines"]] for page in pages]
    expected = [(f"Client {amount}", f"Desk {amount} (new)") for amount in range(7, 0, -1)]
    assert [len(lines) for lines in shown_text] == [3, 3, 1] and [
        *shown_text[0],
        *shown_text[1],
        *shown_text[2],
    ] == expected
    assert all("Total of all 7" in page.content.decode() for page in pages)
    assert total_at(f"{address}&page=2", client) == [28]
    assert len(client.get(f"{address}&export=csv").getvalue().decode().splitlines()) == 1 + 7
    explained = client.get(reverse("recurring:month", args=[f"{this:%Y-%m}"]))
    (group,) = explained.context["groups"]
    assert [row.name for row in group.rows] == ["Client 7", "Client 6", "Client 5"]
    assert "7 clients are new ($28)" in explained.context["sentence"]
    assert f"{reverse('recurring:clients')}?month={this:%Y-%m}&amp;kind=new" in explained.content.decode()


def test_a_rate_that_somebody_saved_meanwhile_is_not_replaced_unseen(sign_in, workspace):
    admin, url = sign_in(workspace, "admin"), reverse("recurring:rates")
    page = admin.get(url)
    send(admin, page, url, lines="2026-09 EUR 1.10\n2026-08 EUR 1.05")
    answer = send(admin, page, url, lines="2026-09 EUR 1.20\n2026-08 EUR 1.05")
    text = answer.content.decode()
    assert answer.status_code == 409 and "Admin saved 2026-09 EUR 1.1 while you were editing" in text
    assert "2026-08 EUR 1.05 while" not in text and "2026-09 EUR 1.20" in text
    assert ExchangeRate.objects.live().get(month="2026-09-01").rate == Decimal("1.10")
    assert send(admin, answer, url).status_code == 302
    assert ExchangeRate.objects.live().get(month="2026-09-01").rate == Decimal("1.20")


@pytest.mark.parametrize("version", [None, "", "many", "999999999", "9" * 40])
def test_rates_sent_without_what_was_seen_replace_none(sign_in, workspace, version):
    admin, url = sign_in(workspace, "admin"), reverse("recurring:rates")
    sent_data = {} if version is None else {"version": version}
    assert admin.post(url, {"lines": "2026-09 EUR 1.10"}).status_code == 302  # nothing to replace
    answer = admin.post(url, {"lines": "2026-09 EUR 1.20\n2026-08 EUR 1.05"} | sent_data)
    assert answer.status_code == 409 and "Admin saved 2026-09 EUR 1.1 while" in answer.content.decode()
    assert [row.plain for row in ExchangeRate.objects.all()] == ["1.1"]
    assert send(admin, answer, url).status_code == 302
    assert {row.plain for row in ExchangeRate.objects.live()} == {"1.2", "1.05"}


def test_a_mistake_corrected_does_not_hide_what_was_saved_meanwhile(sign_in, workspace):
    admin, url = sign_in(workspace, "admin"), reverse("recurring:rates")
    page = admin.get(url)
    send(admin, page, url, lines="2026-09 EUR 1.10")
    answer = send(admin, page, url, lines="2026-09 EUR many")
    assert answer.status_code == 200
    assert send(admin, answer, url, lines="2026-09 EUR 1.20").status_code == 409
    assert ExchangeRate.objects.live().get().rate == Decimal("1.10")


@pytest.mark.parametrize(("number", "title"), [(1, "Top client, "), (2, "Top 2 clients, ")])
def test_the_title_of_the_largest_clients_agrees_with_their_number(sign_in, workspace, number, title):
    client = sign_in(workspace, "admin and sales staff")
    page = client.get(reverse("recurring:clients"), {"top": number})
    assert title in page.content.decode()
