"""Changes of months that are over are shown before they are saved, with the other way."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from crm.formatting import format_exact
from crm.models import Trashed
from crm.tests.factories import company
from crm.tests.submitted_forms import Form, send
from recurring.lifecycle import operations
from recurring.lifecycle.effects import deletion_effect
from recurring.models import ClosedMonth, ExchangeRate, RevenueProfile
from recurring.mrr.calendar import month_end
from recurring.mrr.profiles import total_mrr
from recurring.tests import factories, generated
from recurring.tests.factories import build_profile_form
from recurring.viewsets import PROFILES
from tests.support.pages import page_html


@pytest.fixture
def row(workspace, time_machine):
    time_machine.move_to(datetime(2026, 6, 15, 12, tzinfo=UTC))
    return factories.profile(100, company=company(name="Acme"), name="Desk", start=date(2026, 1, 1))


def send_change(client, row, **values):
    """(the update form's response, what was sent)"""
    data = Form(client.get(PROFILES.url("update", row.pk))).values | values
    return client.post(PROFILES.url("update", row.pk), data), data


def test_deleting_says_which_months_change_and_names_end(sign_in, workspace, row):
    ClosedMonth.objects.create(month=date(2026, 5, 1), currency="USD", figures={"closing": "100"})
    client = sign_in(workspace)
    html = page_html(client.get(PROFILES.url("delete", row.pk)))
    assert "from 5 past months, Jan 2026 to May 2026" in html
    assert "$100.00" in html and "1 of them was closed" in html
    assert f'href="{PROFILES.url("detail", row.pk)}end/"' in html
    generated = page_html(client.get(f"{PROFILES.url('delete-many')}?ids={row.pk}"))
    assert "from 5 past months" in generated


def test_deleting_what_has_not_begun_says_nothing(sign_in, workspace, row):
    later = factories.profile(100, start=date(2026, 7, 1))
    assert "past month" not in page_html(sign_in(workspace).get(PROFILES.url("delete", later.pk)))


CHANGES = [
    ({"company": "Birch"}, "Its amounts will count for Birch instead of Acme in 5 past months"),
    ({"currency": "EUR"}, "Its amounts will count as EUR instead of USD in 5 past months"),
    (
        {"start": "2026-03-01"},
        "The new days of service change 2 past months, Jan 2026 to Feb 2026.",
    ),
    ({"start": "2025-12-01"}, "The new days of service change 1 past month, Dec 2025."),
    ({"end": "2026-04-30"}, "The new days of service change 1 past month, May 2026."),
]


@pytest.mark.parametrize(("values", "sentence"), CHANGES)
def test_an_update_of_past_months_is_confirmed_first(sign_in, workspace, row, values, sentence):
    company(name="Birch")
    ExchangeRate.objects.create(month=date(2025, 1, 1), currency="EUR", rate=2)
    client = sign_in(workspace)
    response, data = send_change(client, row, **values, **({"company-id": ""} if "company" in values else {}))
    html = page_html(response)
    assert response.status_code == 200 and sentence in html and "/end/" in html
    for name, value in values.items():
        assert f'value="{value}"' in html or f'value="{value}" selected' in html, name
    assert RevenueProfile.objects.get().version == row.version
    token = response.context["form"].effects_token
    assert token and f'value="{token}"' in html.replace("&amp;", "&")
    assert (
        client.post(PROFILES.url("update", row.pk), data | {"confirmed": "of something else"}).status_code
        == 200
    )
    assert client.post(PROFILES.url("update", row.pk), data | {"confirmed": token}).status_code == 302
    assert RevenueProfile.objects.get().version > row.version


def test_a_form_merged_with_what_others_saved_is_confirmed_first(sign_in, workspace, row):
    client = sign_in(workspace)
    sent_data = Form(client.get(PROFILES.url("update", row.pk))).values | {"start": "2026-03-01"}
    RevenueProfile.objects.get(pk=row.pk).save()
    send_change(client, row, description="Ten seats")
    response = client.post(PROFILES.url("update", row.pk), sent_data)
    assert response.status_code == 200
    assert "The new days of service change 2 past months" in page_html(response)
    assert RevenueProfile.objects.get().start == date(2026, 1, 1)
    second_answer = Form(response).values | {"confirmed": response.context["form"].effects_token}
    assert client.post(PROFILES.url("update", row.pk), second_answer).status_code == 302
    saved = RevenueProfile.objects.get()
    assert (saved.start, saved.description) == (date(2026, 3, 1), "Ten seats")


def test_a_change_that_others_made_too_is_shown_without_a_confirmation(sign_in, workspace, row):
    client = sign_in(workspace)
    sent_data = Form(client.get(PROFILES.url("update", row.pk))).values | {
        "start": "2026-03-01",
        "name": "Desk 3",
    }
    send_change(client, row, name="Desk 2")
    response = client.post(PROFILES.url("update", row.pk), sent_data)
    assert response.status_code == 409 and "confirm it" not in page_html(response)


@pytest.mark.parametrize("values", [{"end": "2026-12-31"}, {"name": "Desk 2"}, {"notes": "Hello"}])
def test_what_changes_no_past_month_is_saved_at_once(sign_in, workspace, row, values):
    response, _ = send_change(sign_in(workspace), row, **values)
    assert response.status_code == 302


def test_a_new_profile_without_a_rate_is_confirmed_first(sign_in, workspace, row):
    client, form = sign_in(workspace), build_profile_form(currency="GBP", category="Support")
    response = client.post(PROFILES.url("create"), form)
    assert "There is no GBP rate. Until you enter one, this profile is left out" in page_html(response)
    assert RevenueProfile.objects.count() == 1
    token = response.context["form"].effects_token
    assert client.post(PROFILES.url("create"), form | {"confirmed": token}).status_code == 302
    assert RevenueProfile.objects.count() == 2


def test_a_first_rate_after_the_first_day_is_said(sign_in, workspace, row):
    ExchangeRate.objects.create(month=date(2026, 4, 1), currency="GBP", rate=2)
    client = sign_in(workspace)
    response = client.post(PROFILES.url("create"), build_profile_form(currency="GBP"))
    assert "There is no GBP rate before Apr 2026" in page_html(response)
    ExchangeRate.objects.create(month=date(2025, 4, 1), currency="GBP", rate=2)
    assert client.post(PROFILES.url("create"), build_profile_form(currency="GBP")).status_code == 302


def test_the_first_profile_may_be_in_any_currency(sign_in, workspace):
    assert (
        sign_in(workspace).post(PROFILES.url("create"), build_profile_form(currency="GBP")).status_code == 302
    )


def test_the_workspace_currency_beside_another_without_rates_is_confirmed_first(sign_in, workspace):
    factories.profile(100, currency="EUR")
    response = sign_in(workspace).post(PROFILES.url("create"), build_profile_form(currency="USD"))
    assert "Figures are in EUR today" in page_html(response)


def test_an_ended_profile_names_no_end(sign_in, workspace, row):
    operations.end(row, date(2026, 3, 31))
    html = page_html(sign_in(workspace).get(PROFILES.url("delete", row.pk)))
    assert "from 3 past months" in html and "/end/" not in html


def test_deleting_many_says_what_all_of_them_change(sign_in, workspace, row):
    generated.fill(150, years=2)
    rows = list(RevenueProfile.objects.all())
    histories = RevenueProfile.objects.histories().values()
    (effect,) = deletion_effect(rows)
    for month, state_before, state_after in effect.months:
        assert (
            state_before == format_exact(total_mrr(histories, month_end(month)), "USD")
            and state_after == "$0.00"
        )
    assert effect.months[0][0] == date(2026, 5, 1)


def test_restoring_says_which_months_change_before_and_after(sign_in, workspace, row):
    client = sign_in(workspace)
    RevenueProfile.objects.filter(pk=row.pk).delete()
    url = reverse("crm:trashed-restore", args=[Trashed.objects.get().pk])
    sentence = "This adds its amounts back to 5 past months, Jan 2026 to May 2026."
    captured = client.post(url)
    html = page_html(captured)
    assert sentence in html and "$100.00" in html and not RevenueProfile.objects.exists()
    answer = client.post(url, {"confirmed": "1"}, follow=True)
    assert sentence in page_html(answer) and RevenueProfile.objects.get() == row


def test_saving_what_was_deleted_meanwhile_says_which_months_its_restoration_changes(sign_in, workspace, row):
    client, url = sign_in(workspace), PROFILES.url("update", row.pk)
    page = client.get(url)
    RevenueProfile.objects.filter(pk=row.pk).delete()
    answer = send(client, page, url, name="Renamed")
    assert answer.status_code == 409 and not RevenueProfile.objects.exists()
    assert "back to 5 past months, Jan 2026 to May 2026." in answer.content.decode()
    assert send(client, answer, url, restore="1").status_code == 302
    assert RevenueProfile.objects.get().name == "Renamed"


def test_undoing_a_deletion_says_which_months_change(sign_in, workspace, row):
    RevenueProfile.objects.filter(pk=row.pk).delete()
    url = reverse("crm:trashed-undo", args=[Trashed.objects.get().pk])
    answer = sign_in(workspace).post(url, follow=True)
    assert "back to 5 past months" in page_html(answer)


def test_restoring_what_changes_no_past_month_asks_nothing(sign_in, workspace, row):
    later = factories.profile(100, start=date(2026, 7, 1))
    RevenueProfile.objects.filter(pk=later.pk).delete()
    url = reverse("crm:trashed-restore", args=[Trashed.objects.get().pk])
    assert sign_in(workspace).post(url).status_code == 302
    assert RevenueProfile.objects.count() == 2
