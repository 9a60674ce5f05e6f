"""A profile from a won opportunity asks what the value is per, and shows the MRR before it is saved."""

from datetime import date
from decimal import Decimal

import pytest

from crm.tests.factories import company, opportunity
from recurring.models import RevenueProfile, RevenueTerm
from recurring.tests.factories import build_profile_form
from recurring.viewsets import PROFILES


@pytest.fixture
def sale(workspace):
    return opportunity("won", company=company(name="Acme"), value=12500, close_date=date(2026, 3, 2))


@pytest.fixture
def address(sale):
    return f"{PROFILES.url('create')}?opportunity={sale.pk}"


def fill_profile_form(sale, **said):
    return build_profile_form(
        **{"opportunity": sale.name, "opportunity-id": sale.pk, "amount": "12,500", **said}
    )


def test_the_value_is_per_year_unless_said_otherwise(sign_in, workspace, address):
    page = sign_in(workspace).get(address)
    html = page.content.decode()
    assert page.context["form"]["unit"].value() == "year"
    assert page.context["form"].fields["unit"].choices[0] == ("once", "one-off")
    assert "(MRR): <strong>$1,041.67</strong>" in html and "The value is per" in html


@pytest.mark.parametrize(
    ("unit", "monthly"), [("month", "$12,500.00"), ("quarter", "$4,166.67"), ("year", "$1,041.67")]
)
def test_the_mrr_is_shown_before_it_is_saved(sign_in, workspace, sale, address, unit, monthly):
    client, form = sign_in(workspace), fill_profile_form(sale, unit=unit)
    shown_text = client.post(address, form | {"preview": "1"})
    assert f"(MRR): <strong>{monthly}</strong>" in shown_text.content.decode()
    part = client.post(
        address, form | {"preview": "1"}, headers={"HX-Request": "true", "HX-Target": "preview"}
    )
    assert (
        f"(MRR): <strong>{monthly}</strong>" in part.content.decode() and "<html" not in part.content.decode()
    )
    assert not RevenueProfile.objects.exists()
    client.post(address, form)
    assert f"${RevenueProfile.objects.get().mrr:,.2f}" == monthly
    assert RevenueTerm.objects.get().amount == Decimal(12500)


def test_a_one_off_sale_makes_no_profile_and_says_so(sign_in, workspace, sale, address):
    client = sign_in(workspace)
    for additional in ({}, {"preview": "1"}):
        response = client.post(address, fill_profile_form(sale, unit="once") | additional)
        assert "isn’t recurring revenue" in response.context["form"].errors["unit"].as_text()
        assert not RevenueProfile.objects.exists()
    part = client.post(
        address,
        fill_profile_form(sale, unit="once", preview="1"),
        headers={"HX-Request": "true", "HX-Target": "preview"},
    )
    assert "isn’t recurring revenue" in part.content.decode()


def test_any_new_profile_shows_its_mrr_first(sign_in, workspace):
    client = sign_in(workspace)
    form = build_profile_form(amount="90", unit="quarter", preview="1", currency="EUR", discount="10")
    assert "(MRR): <strong>€27.00</strong>" in client.post(PROFILES.url("create"), form).content.decode()
    assert "once" not in dict(client.get(PROFILES.url("create")).context["form"].fields["unit"].choices)
    assert not RevenueProfile.objects.exists()


def test_what_cannot_be_reckoned_yet_is_said_without_losing_what_was_typed(sign_in, workspace):
    client = sign_in(workspace)
    page = client.post(PROFILES.url("create"), build_profile_form(amount="abc", preview="1"))
    assert page.status_code == 200 and 'value="abc"' in page.content.decode()
    part = client.post(
        PROFILES.url("create"),
        build_profile_form(amount="", preview="1"),
        headers={"HX-Request": "true", "HX-Target": "preview"},
    )
    assert part.status_code == 200 and "a month" not in part.content.decode()


@pytest.mark.parametrize("query", ["amount=abc", "amount=5&unit=once", "amount=5&count=x", "opportunity=999"])
def test_whatever_an_address_fills_in_the_form_comes(sign_in, workspace, query):
    assert sign_in(workspace).get(f"{PROFILES.url('create')}?{query}").status_code == 200
