"""Forms offer what is used today; a row keeps what it has."""

import datetime
import re

import pytest
from babel.core import get_global

from crm.tests import factories
from recurring.tests import factories as recurring
from recurring.viewsets import PROFILES
from tests.support.edit_forms import post_edit
from tests.support.pages import page_html
from workspaces.models import User, Workspace
from workspaces.models.currencies_and_zones import CURRENT_CURRENCIES, current_time_zones, utc_offset

NO_MONEY = {"XAU", "XAG", "XPT", "XPD", "XXX", "XTS", "XDR", "DEM", "FRF", "HRK", "BGN", "ANG", "CUC", "ZWL"}
WORKSPACE, PROFILE, NEW = "/w/acme/members/workspace/", "/workspaces/profile/", "/workspaces/new/"


def read_choices(page, name):
    """The values and labels of a select."""
    select = re.search(rf'<select name="{name}".*?</select>', page_html(page), re.DOTALL)[0]
    return dict(re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', select))


def test_the_currencies_are_those_of_iso_4217_today():
    assert 150 <= len(CURRENT_CURRENCIES) <= 160
    assert not CURRENT_CURRENCIES & NO_MONEY
    today = datetime.date.today()
    tender = {
        code
        for rows in get_global("territory_currencies").values()
        for code, _start, end, is_tender in rows
        if is_tender and (end is None or datetime.date(*end[:3]) >= today)
    }
    assert tender - CURRENT_CURRENCIES <= {"BGN"}  # CLDR ends it later than ISO does
    assert CURRENT_CURRENCIES - tender <= {"SVC", "VED"}


@pytest.mark.parametrize("address", [WORKSPACE, NEW, PROFILES.url])
def test_forms_offer_current_currencies_by_code_and_name(sign_in, workspace, address):
    recurring.one_of_each(factories.company())
    client = sign_in(workspace, "admin and sales staff")
    choices = read_choices(client.get(address if isinstance(address, str) else address("create")), "currency")
    choices.pop("", None)
    assert set(choices) == CURRENT_CURRENCIES
    assert choices["EUR"] == "EUR – Euro"


@pytest.mark.parametrize("address", [WORKSPACE, NEW, PROFILE])
def test_forms_offer_canonical_time_zones_with_their_offsets(sign_in, workspace, address):
    choices = read_choices(sign_in(workspace, "admin").get(address), "time_zone")
    choices.pop("", None)
    assert 400 < len(choices) < 440
    assert not set(choices) & {
        "Asia/Calcutta",
        "Europe/Kiev",
        "US/Eastern",
        "Etc/GMT+3",
        "America/Buenos_Aires",
    }
    assert choices["Asia/Kolkata"] == "Asia/Kolkata (UTC+05:30)" and choices.pop("UTC") == "UTC"
    assert all(re.search(r"\(UTC[+−]\d\d:\d\d\)$", label) for label in choices.values())


def test_the_offset_is_that_of_the_season():
    summer, winter = (datetime.datetime(2026, month, 1, tzinfo=datetime.UTC) for month in (7, 1))
    offsets = [
        utc_offset(zone, position)
        for zone in ("Europe/Berlin", "America/St_Johns")
        for position in (summer, winter)
    ]
    assert offsets == ["UTC+02:00", "UTC+01:00", "UTC−02:30", "UTC−03:30"]


def test_a_stored_value_that_is_no_longer_offered_stays_valid_for_its_row(sign_in, workspace):
    Workspace.objects.filter(pk=workspace.pk).update(currency="DEM", time_zone="Asia/Calcutta")
    client = sign_in(workspace, "admin and sales staff")
    page = client.get(WORKSPACE)
    assert read_choices(page, "currency")["DEM"] == "DEM – German Mark"
    fields = {"name": "Renamed", "currency": "DEM", "time_zone": "Asia/Calcutta", "fiscal_year_start": 1}
    fields |= {"version": page.context["version"]}
    assert client.post(WORKSPACE, {**fields, "has_recurring": "on", "has_crm": "on"}).status_code == 302
    workspace.refresh_from_db()
    assert (workspace.name, workspace.currency, workspace.time_zone) == ("Renamed", "DEM", "Asia/Calcutta")
    assert "FRF" not in read_choices(page, "currency")
    User.objects.filter(pk=client.member.user_id).update(time_zone="US/Eastern")
    profile = {"name": "Ada", "language": "en-us", "time_zone": "US/Eastern", "theme": "system"}
    assert post_edit(client, PROFILE, profile).status_code == 302
    refused = post_edit(client, PROFILE, {**profile, "time_zone": "US/Pacific"})
    assert "time_zone" in refused.context["form"].errors


def test_a_profile_keeps_a_currency_that_is_no_longer_read_choices(sign_in, workspace):
    profile = recurring.one_of_each(factories.company())["revenueprofile"]
    type(profile).objects.filter(pk=profile.pk).update(currency="DEM")
    client = sign_in(workspace, "admin and sales staff")
    form = client.get(PROFILES.url("update", profile.pk)).context["form"]
    assert "DEM" in dict(form.fields["currency"].choices)
    assert "FRF" not in dict(form.fields["currency"].choices)


def test_current_time_zones_are_made_once_an_hour():
    assert current_time_zones() is current_time_zones()
