"""Form fields for numbers and dates. No database."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from crud.forms.fields import DateField, NumberField


@pytest.mark.parametrize(
    "initial", [Decimal("1.235"), Decimal("1.2350"), Decimal("1200"), Decimal("0.5"), None]
)
def test_an_amount_left_alone_has_not_changed(initial):
    field = NumberField(places=4, required=False)
    shown_text = field.prepare_value(initial)
    assert not field.has_changed(initial, "" if shown_text is None else shown_text)
    assert field.has_changed(initial, "77")
    assert field.has_changed(initial, "TBD")


def test_another_spelling_of_a_number_is_no_change():
    field = NumberField(required=False)
    assert not field.has_changed(12000, "$12 000")
    assert not field.has_changed(2**70, f"{2**70:,}"), "stored before there was a bound"
    assert field.has_changed(12000, "12.000")


def test_another_spelling_of_a_date_is_no_change():
    field, day = DateField(required=False), datetime.date(2026, 12, 31)
    assert not field.has_changed(day, "31 Dec 2026")
    assert not field.has_changed(None, "")
    assert not field.has_changed(datetime.date(26, 12, 31), "0026-12-31")
    assert field.has_changed(day, "0026-12-31")
    assert field.has_changed(None, "yesterday")


def test_a_number_may_have_one_sentence_for_all_that_is_none():
    field = NumberField(largest=100, is_percentage=True, error_messages={"number": "From 0 to 100"})
    for typed_text in ("101", "-1", "x", "1.5"):
        with pytest.raises(ValidationError, match="From 0 to 100"):
            field.clean(typed_text)
    assert field.clean("７０％") == 70
