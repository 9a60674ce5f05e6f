"""A select is Django's own, whatever it offers, with the fast path and without."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.test import override_settings
from django.test.html import parse_html

CHOICES = {
    "plain": [("", "—"), (1, "One"), ("2", "<Two> & “more”")],
    "none": [],
    "grouped": [("", "—"), ("Fruit & more", [(1, "Apple"), (2, "Pear")]), (3, "Stone"), ("Other", [])],
}


class Marked(forms.Select):
    def create_option(self, *args, **kwargs):
        option = super().create_option(*args, **kwargs)
        option["attrs"] |= {"disabled": option["value"] == 2, "data-x": "<"}
        return option


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple, Marked])
@pytest.mark.parametrize("chosen", [None, "2", ["1", "2"]])
@pytest.mark.parametrize("fastpath", [True, False])
def test_a_select_is_as_django_makes_it(choices, widget, chosen, fastpath):
    with override_settings(FASTPATH=fastpath):
        ours, djangos = [
            parse_html(widget(choices=choices).render("it", chosen, {"id": "id_it"}, renderer))
            for renderer in (get_default_renderer(), DjangoTemplates())
        ]
    assert ours == djangos
    assert ours.children or not choices
