"""Profiles: entered in five fields, listed, shown; from a won opportunity; on their client's page."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Company, Trashed
from crm.tests.factories import company, opportunity
from crm.tests.submitted_forms import Form, send
from crm.viewsets import COMPANIES, OPPORTUNITIES
from recurring.lifecycle.checks import history_of
from recurring.lifecycle.operations import change_amount, change_category, correct, end, pause, undo_ending
from recurring.models import ExchangeRate, RevenueCategory, RevenueProfile, RevenueTerm
from recurring.mrr.calendar import month_end
from recurring.reporting.dataset import RevenueDataset
from recurring.tests import factories
from recurring.tests.factories import build_profile_form
from recurring.viewsets import PROFILES
from tests.support.pages import page_html


def errors(response):
    return response.context["form"].errors


def test_five_fields_make_a_profile_its_client_and_its_category(sign_in, workspace):
    client = sign_in(workspace)
    client.post(
        PROFILES.url("create"), build_profile_form(category="Gardening", amount="$1,200", unit="year")
    )
    row = RevenueProfile.objects.get()
    assert (row.name, row.company.name, row.category.name, row.currency) == (
        "Gardening",
        "Acme",
        "Gardening",
        "USD",
    )
    assert (row.mrr, row.state) == (100, "live")
    assert RevenueTerm.objects.get().reason == "new"


def test_the_form_sent_twice_makes_one_profile(sign_in, workspace):
    client, form = sign_in(workspace), build_profile_form()
    first, second = client.post(PROFILES.url("create"), form), client.post(PROFILES.url("create"), form)
    assert first.url == second.url
    assert (RevenueProfile.objects.count(), RevenueTerm.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("said", "monthly"),
    [
        ({"amount": "90", "unit": "quarter"}, "30"),
        ({"amount": "600", "unit": "half_year"}, "100"),
        ({"amount": "1.800,00", "unit": "month", "count": "18"}, "100"),
        ({"amount": "1200", "unit": "week", "count": "4"}, "1300"),
        ({"amount": "12.5", "quantity": "7", "discount": "10"}, "78.75"),
        ({"amount": "49,90 EUR"}, "49.90"),
        ({"amount": "0"}, "0"),
        ({"amount": "１２００"}, "1200"),
        ({"amount": "１２.５０"}, "12.50"),
        ({"amount": "٣"}, "3"),
        ({"amount": "0,925"}, "0.925"),
        ({"amount": "0.0001"}, "0.0001"),
    ],
)
def test_what_people_type_is_understood(sign_in, workspace, said, monthly):
    sign_in(workspace).post(PROFILES.url("create"), build_profile_form(**said))
    assert RevenueProfile.objects.get().mrr == Decimal(monthly)


WRONG = [
    ({"amount": "-5"}, "amount", "Enter 0 or more"),
    ({"amount": "0.1234567890123"}, "amount", "at most 4 decimal places"),
    ({"amount": "NaN"}, "amount", "Enter an amount"),
    ({"amount": "1.234"}, "amount", "Did you mean"),
    ({"amount": "1e5"}, "amount", "Enter an amount"),
    ({"amount": "9" * 30}, "amount", "Enter less than"),
    ({"amount": "999999999999", "quantity": "5000"}, "amount", "must be below"),
    ({"amount": ""}, "amount", "required"),
    ({"unit": "fortnight"}, "unit", "Choose one of the available options"),
    ({"count": "0"}, "count", "Enter 1 or more"),
    ({"discount": "101"}, "discount", "at most 100"),
    ({"start": "2026-02-31"}, "start", "a valid date"),
    ({"amount": "TBD"}, "amount", "Enter an amount"),
    ({"quantity": "$"}, "quantity", "Enter an amount"),
    ({"discount": "none"}, "discount", "Enter an amount"),
    ({"term_months": "ask"}, "term_months", "Enter a whole number"),
    ({"notice_days": "+"}, "notice_days", "Enter a whole number"),
    ({"start": "0001-01-01"}, "start", "Did you mean 2001?"),
    ({"start": "1969-01-01"}, "start", "in 1970 or later"),
    ({"end": "0026-12-31"}, "end", "Did you mean 2026?"),
    ({"start": "9999-01-01"}, "start", "in 2100 or earlier"),
    ({"end": "2025-12-31"}, "end", "not be before the first"),
    ({"renewal": "manual"}, "term_months", "Enter the term"),
    ({"company": ""}, "company", "required"),
    ({"category": "x" * 61}, "category", "at most 60"),
    ({"currency": "XXL"}, "currency", "Choose one of the available options"),
    ({"notes": "a\x00b"}, "notes", "Null characters"),
]


def test_what_is_wrong_is_said_at_the_field_and_nothing_is_written(sign_in, workspace, subtests):
    client = sign_in(workspace)
    for messages_said, field, sentence in WRONG:
        with subtests.test(said=messages_said):
            response = client.post(PROFILES.url("create"), build_profile_form(**messages_said))
            assert response.status_code == 200
            assert sentence in errors(response)[field].as_text()
            assert not RevenueProfile.objects.exists() and not RevenueTerm.objects.exists()
            assert not Company.objects.exists()


def test_a_retired_category_is_not_taken_for_a_new_profile(sign_in, workspace):
    RevenueCategory.objects.get(name="Hosting").retire()
    response = sign_in(workspace).post(PROFILES.url("create"), build_profile_form(category="hosting"))
    assert "is archived" in errors(response)["category"].as_text()


def test_from_a_won_opportunity_the_form_comes_filled_in(sign_in, workspace):
    client = sign_in(workspace)
    won = opportunity("won", company=company(name="Acme"), value=4800, close_date=datetime.date(2026, 3, 2))
    page = page_html(client.get(OPPORTUNITIES.url("detail", won.pk)))
    address = f"{PROFILES.url('create')}?opportunity={won.pk}"
    assert address in page and "Create revenue profile" in page
    form = client.get(address).content.decode()
    for value in ("Acme", won.name, "4,800", "2026-03-02"):
        assert f'value="{value}"' in form, value
    client.post(
        PROFILES.url("create"), build_profile_form(opportunity=won.name, **{"opportunity-id": won.pk})
    )
    assert RevenueProfile.objects.get().opportunity == won
    assert "Create revenue profile" not in page_html(client.get(OPPORTUNITIES.url("detail", won.pk)))


def test_an_opportunity_that_is_not_there_is_told_and_not_made(sign_in, workspace):
    page = sign_in(workspace).post(
        PROFILES.url("create"), build_profile_form(opportunity="Roof", company="New one")
    )
    assert errors(page)["opportunity"] == ["No opportunity is named “Roof”. Choose an existing one."]
    assert not Company.objects.exists()


def test_an_open_opportunity_offers_no_profile(sign_in, workspace):
    page = page_html(sign_in(workspace).get(OPPORTUNITIES.url("detail", opportunity().pk)))
    assert "Create revenue profile" not in page


def test_a_client_s_page_shows_its_profiles_and_what_they_come_to(sign_in, workspace):
    acme = company()
    factories.profile(100, company=acme, name="Help desk")
    factories.profile(1200, unit="year", company=acme)
    page = sign_in(workspace).get(COMPANIES.url("detail", acme.pk)).content.decode()
    assert "Help desk" in page
    assert "$200.00" in page


def test_a_company_with_profiles_is_not_deleted_and_the_page_says_why(sign_in, workspace):
    client, row = sign_in(workspace), factories.profile()
    other_item = company()
    for address in (
        COMPANIES.url("delete", row.company.pk),
        f"{COMPANIES.url('delete-many')}?ids={row.company.pk}&ids={other_item.pk}",
    ):
        assert "1 revenue profile" in page_html(client.get(address))
        assert client.post(address).status_code == 409
    assert Company.objects.count() == 2
    with pytest.raises(ProtectedError):
        row.company.delete()
    client.post(PROFILES.url("delete", row.pk))
    assert "in the trash" in page_html(client.get(COMPANIES.url("delete", row.company.pk)))
    Trashed.objects.get().erase()
    client.post(COMPANIES.url("delete", row.company.pk))
    assert list(Company.objects.all()) == [other_item]


def test_the_list_finds_filters_sorts_and_sums(sign_in, workspace):
    client = sign_in(workspace)
    small = factories.profile(100, company=company(name="Zeta"), name="Desk", notes="Überall")
    large = factories.profile(
        900, company=company(name="Alpha"), category_name="Hosting", owner=client.member
    )
    ended = factories.profile(50, company=company(name="Mitte"))
    end(ended, datetime.date(2026, 2, 28))

    def listed(**asked):
        page = client.get(PROFILES.url("list"), asked)
        assert page.status_code == 200
        return [row.pk for row in page.context["table"].records]

    assert listed() == [large.pk, ended.pk, small.pk]
    assert listed(q="uberall desk zeta") == [small.pk]
    assert listed(q="hosting") == listed(category=large.category_id) == [large.pk]
    assert listed(q="900") == listed(mrr_min="200") == [large.pk]
    assert listed(q="ended") == listed(state="ended") == [ended.pk]
    assert listed(owner="me") == [large.pk]
    assert listed(sort="-mrr") == [large.pk, small.pk, ended.pk]
    assert "$1,000.00" in client.get(PROFILES.url("list")).content.decode()
    row = next(line for line in export_rows(client) if "Desk" in line)
    assert "100" in row


def export_rows(client):
    response = client.get(PROFILES.url("list"), {"export": "all"})
    return b"".join(response.streaming_content).decode().splitlines()


def test_a_category_that_a_past_amount_has_is_used_and_gives_way_whole(sign_in, workspace):
    row = factories.profile(category_name="Support")
    hosting = RevenueCategory.objects.get(name="Hosting")
    change_category(row, datetime.date(2026, 3, 1), hosting)
    support = RevenueCategory.objects.get(name="Support")
    client = sign_in(workspace, "admin")
    assert not support.remove()
    page = client.get(reverse("recurring:revenuecategory-list")).content.decode()
    assert page.count("1 revenue profile") == 2
    results = client.get(PROFILES.url("list"), {"ever": support.pk}).context["table"].records
    assert [item.pk for item in results] == [row.pk]
    client.post(
        reverse("recurring:revenuecategory-replace", args=[support.pk]), {"to": hosting.pk, "how": "merge"}
    )
    assert {term.category_id for term in RevenueTerm.objects.all()} == {hosting.pk}
    assert not RevenueCategory.objects.filter(name="Support").exists()


def test_the_standing_is_renewed_when_its_day_comes(sign_in, workspace):
    row = factories.profile()
    change_amount(
        row, datetime.date(2100, 1, 1), amount=Decimal(300), unit="month", count=1, quantity=1, discount=0
    )
    assert (row.mrr, row.stands_until) == (100, datetime.date(2099, 12, 31))
    RevenueProfile.objects.update(mrr=7, stands_until=datetime.date(2000, 1, 1))
    page = sign_in(workspace).get(PROFILES.url("list"))
    assert page.context["table"].records[0].mrr == 100


def test_the_kept_figures_are_those_of_the_rows_after_whatever_was_done(workspace):
    row = factories.profile(120)
    line = {"unit": "month", "count": 1, "quantity": Decimal(1), "discount": Decimal(0)}
    change_amount(row, datetime.date(2026, 4, 1), amount=Decimal(200), **line)
    pause(row, datetime.date(2026, 6, 1), datetime.date(2026, 7, 15))
    end(row, datetime.date(2026, 9, 30))
    undo_ending(row)
    term = RevenueTerm.objects.live().get(from_date=datetime.date(2026, 4, 1))
    term.profile = row
    correct(term, amount=Decimal(210), from_date=datetime.date(2026, 4, 10))
    kept_values = RevenueProfile.objects.values_list("mrr", "state", "category", "stands_until").get()
    RevenueProfile.objects.all().renew_standing()
    assert RevenueProfile.objects.values_list("mrr", "state", "category", "stands_until").get() == kept_values
    history = history_of(row)
    ledger = RevenueDataset().ledger(datetime.date(2026, 1, 1), datetime.date(2026, 10, 1))
    for month in ledger.months:
        assert month.closing == history.mrr(month_end(month.month))
    assert [int(month.closing) for month in ledger.months] == [120, 120, 120, 210, 210, 0, 210, 210, 210, 210]


@pytest.mark.parametrize("action", ["list", "detail", "row", "company"])
def test_queries_do_not_grow_with_the_rows(sign_in, workspace, action):
    client, row = sign_in(workspace), factories.profile()
    address = (
        COMPANIES.url("detail", row.company_id)
        if action == "company"
        else PROFILES.url(action, *([row.pk] * (action != "list")))
    )

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few_items = queries()
    for place in range(6):
        other_item = factories.profile(
            company=row.company, opportunity=opportunity("won"), owner=client.member
        )
        other_item.tags.add(f"tag {place}")
    row.tags.add("one", "two")
    for month in range(2, 8):
        change_amount(
            row,
            datetime.date(2026, month, 1),
            amount=Decimal(month),
            unit="month",
            count=1,
            quantity=1,
            discount=0,
        )
    assert queries() <= max(few_items + 2, 12)


def test_a_saved_change_over_another_one_shows_both(sign_in, workspace):
    client, row = sign_in(workspace), factories.profile(name="Desk")
    messages_said = {
        "company": row.company.name,
        "start": "2026-01-01",
        "renewal": "evergreen",
        "currency": "USD",
        "version": row.version,
    }
    client.post(PROFILES.url("update", row.pk), {**messages_said, "name": "First"})
    answer = client.post(PROFILES.url("update", row.pk), {**messages_said, "name": "Second"})
    assert answer.status_code == 409
    row.refresh_from_db()
    assert row.name == "First"


def test_the_first_day_moves_with_its_first_amount(sign_in, workspace):
    client, row = sign_in(workspace), factories.profile(name="Desk")
    for start in ("2025-06-15", "2026-03-01"):
        row.refresh_from_db()
        messages_said = {
            "company": row.company.name,
            "name": "Desk",
            "renewal": "evergreen",
            "currency": "USD",
        }
        messages_said["version"] = row.version
        messages_said["confirmed"] = (
            client.post(PROFILES.url("update", row.pk), {**messages_said, "start": start})
            .context["form"]
            .effects_token
        )  # it changes months that are over
        assert (
            client.post(PROFILES.url("update", row.pk), {**messages_said, "start": start}).status_code == 302
        )
        (term,) = RevenueTerm.objects.live()
        assert term.from_date.isoformat() == start


def test_searching_everything_finds_profiles_for_those_who_may_see_them(sign_in, workspace):
    row = factories.profile(100, name="Night watch")
    client = sign_in(workspace)
    address = reverse("crm:search")
    page = client.get(address, {"q": "watch"})
    assert [str(hit) for hits in page.context["results"] for hit, *_ in hits.hits] == [str(row)]
    workspace.has_recurring = False
    workspace.save()
    page = client.get(address, {"q": "watch"})
    assert page.context["results"] == [] and "revenue" not in page.content.decode().split("<main")[1]


def test_the_foot_sums_up_each_currency_and_all_at_the_month_s_rates(sign_in, workspace):
    factories.profile("100.10")
    factories.profile(200, currency="EUR")
    client = sign_in(workspace)

    def foot():
        page = client.get(PROFILES.url("list"))
        return [figure for _, figure in page.context["page"].totals]

    assert foot() == ["€200.00", "$100.10", "$100.10"]  # in all, without what has no rate
    ExchangeRate.objects.create(month=datetime.date(2026, 1, 1), currency="EUR", rate=Decimal("1.0825"))
    assert foot() == ["€200.00", "$100.10", "$316.60"]
    assert (
        foot()[2]
        == f"${RevenueDataset().ledger(workspace.today(), workspace.today()).months[0].closing:,.2f}"
    )


def test_a_currency_that_was_a_slip_is_put_right_for_all_months(sign_in, workspace):
    row = factories.profile(100, start=datetime.date(2026, 1, 1))
    other_item = factories.profile(50)
    client = sign_in(workspace)
    page = client.get(PROFILES.url("update", row.pk))
    sent_data = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    sent_data |= {"company": row.company.name, "currency": "EUR", "version": row.version, "tags": ""}
    sent_data["confirmed"] = (
        client.post(PROFILES.url("update", row.pk), sent_data).context["form"].effects_token
    )
    assert client.post(PROFILES.url("update", row.pk), sent_data).status_code == 302
    row.refresh_from_db()
    assert (row.currency, other_item.currency) == ("EUR", "USD")
    ExchangeRate.objects.create(month=datetime.date(2026, 1, 1), currency="EUR", rate=Decimal("1.1"))
    january = datetime.date(2026, 1, 1)
    assert RevenueDataset().ledger(january, january).months[0].closing == 160


@pytest.mark.parametrize("action", ["create", "update"])
def test_an_opportunity_that_is_not_there_is_not_made_on_the_spot(sign_in, workspace, action):
    client = sign_in(workspace)
    row = factories.profile()
    address = PROFILES.url(action, *([row.pk] if action == "update" else []))
    page = send(client, client.get(address), address, **{**build_profile_form(), "opportunity": "Nowhere"})
    assert page.status_code == 200
    assert "No opportunity is named “Nowhere”" in page.content.decode()


def test_the_form_of_a_profile_deleted_for_good_meanwhile_is_kept(sign_in, workspace):
    client, row = sign_in(workspace), factories.profile()
    page, nowhere = client.get(PROFILES.url("update", row.pk)), PROFILES.url("update", row.pk + 1)
    answer = client.post(nowhere, {**Form(page).values, "notes": "Typed before"})
    assert answer.status_code == 404
    assert (Form(answer).values["notes"], Form(answer).action) == ("Typed before", PROFILES.url("create"))


def test_amounts_have_the_decimals_of_their_currency(sign_in, workspace):
    yen = factories.profile("1200", currency="JPY", name="Yen")
    factories.profile("1000", unit="quarter", currency="JPY", name="Third")
    dinar = factories.profile("1.2345", currency="KWD", name="Dinar")
    factories.profile("1.2", currency="KWD", name="Short")
    client = sign_in(workspace)
    table = client.get(PROFILES.url("list")).context["table"]
    lines = {line["record"].name: line["cell_mrr"] for line in table.lines()}
    assert lines == {"Yen": "1,200", "Third": "333", "Dinar": "1.235", "Short": "1.200"}
    yen, dinar = (client.get(row.get_absolute_url()).content.decode() for row in (yen, dinar))
    assert "¥1,200<" in yen and "1,200 per month" in yen and "1,200.00" not in yen
    assert "KWD\N{NO-BREAK SPACE}1.235<" in dinar and "1.2345 per month" in dinar


def test_an_amount_of_three_decimals_is_saved_again_as_it_is(sign_in, workspace):
    row = factories.profile("1.235", currency="KWD")
    form = Form(sign_in(workspace).get(reverse("recurring:revenueprofile-amount", args=[row.pk])))
    assert form.values["amount"] == "1.2350"


def test_mrr_is_filtered_by_amounts_as_the_form_takes_them(sign_in, workspace):
    factories.profile("49.90", name="Small")
    factories.profile("1200", name="Large")
    client = sign_in(workspace)

    def names(**parameters):
        table = client.get(PROFILES.url("list"), parameters).context["table"]
        return [line["record"].name for line in table.lines()]

    assert names(mrr_max="49,90 EUR") == names(mrr_max="４９.９０") == ["Small"]
    assert names(mrr_min="49.91") == names(mrr_min="1,200") == ["Large"]
    assert (
        "Did you mean 1.2 or 1,200?"
        in client.get(PROFILES.url("list"), {"mrr_min": "1.200"}).content.decode()
    )


def test_undo_takes_back_the_deletion_of_profiles_too(sign_in, workspace):
    client, row = sign_in(workspace), factories.profile(company=company(name="Acme"))
    client.post(PROFILES.url("delete", row.pk))
    response = client.post(reverse("crm:trashed-undo", args=[Trashed.objects.get().pk]))
    assert response.status_code == 302 and response.url == PROFILES.url("list")
    assert RevenueProfile.objects.get() == row


def test_a_profile_is_found_by_the_new_name_of_its_opportunity(workspace):
    sale = opportunity(name="Roof")
    row = factories.profile(opportunity=sale)
    sale.name = "Cellar"
    sale.save()
    assert RevenueProfile.objects.search("cellar").get() == row
    assert not RevenueProfile.objects.search("roof").exists()
