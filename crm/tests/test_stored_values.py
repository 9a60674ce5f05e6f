"""Records stored before a rule was made: shown, and updated, without trouble from a field left alone."""

import datetime

import pytest
from django.urls import reverse

from crm.models import Company, Opportunity
from crm.tests import factories
from crm.tests.submitted_forms import fill_in
from crm.viewsets import COMPANIES, OPPORTUNITIES

DAYS = [datetime.date(26, 12, 31), datetime.date(1, 1, 1), datetime.date(9999, 12, 31)]


@pytest.mark.parametrize("day", DAYS)
def test_a_day_out_of_bounds_blocks_nothing(sales, day):
    row = factories.opportunity(name="Roof", expected_close=day, close_date=day)
    factories.opportunity("won", name="Tiles", close_date=day)
    dashboard = reverse("crm:dashboard")
    lists = [OPPORTUNITIES.url("list"), OPPORTUNITIES.url("list") + "?export=csv"]
    pages = [*lists, row.get_absolute_url(), dashboard, dashboard + "?period=custom&from=2026-01-01"]
    for page in pages:
        answer = sales.get(page)
        assert answer.status_code == 200
        assert b"".join(answer) if answer.streaming else answer.content
    fill_in(sales, OPPORTUNITIES.url("update", row.pk), name="Roof tiles")
    row = Opportunity.objects.get(pk=row.pk)
    assert (row.name, row.expected_close) == ("Roof tiles", day)


def test_a_day_out_of_bounds_is_not_moved_to_another_one(sales):
    row = factories.opportunity(name="Roof", expected_close=DAYS[0])
    answer = fill_in(sales, OPPORTUNITIES.url("update", row.pk), expected_close="0027-12-31")
    assert "Did you mean 2027?" in answer.content.decode()


def test_contact_details_that_would_be_refused_now_block_nothing(sales):
    details = {
        "work_phone": "call me",
        "email_domain": "x_y",
        "work_website": "https://user:secret@example.com",
        "linkedin": "https://user:secret@linkedin.com/company/acme",
    }
    row = factories.company(name="Acme", **details)
    fill_in(sales, COMPANIES.url("update", row.pk), name="Acme Roofs")
    row = Company.objects.get()
    assert row.name == "Acme Roofs"
    assert {name: getattr(row, name) for name in details} == details
