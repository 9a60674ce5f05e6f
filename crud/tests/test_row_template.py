"""A block of the row template is what a loop would be, with the fast path and without."""

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.utils.safestring import SafeString

TEMPLATE = """{% load crud %}{% lines rows %}<p id="{{ line.pk }}"{% if css %} class="{{ css }}"{% endif %}>
{{ line.name }}{{ line.html }}{{ line.name }}</p>{% endlines %}"""


@pytest.fixture(params=[True, False], ids=["fastpath", "plain"], autouse=True)
def each_way(request):
    with override_settings(FASTPATH=request.param):
        yield


def render(template=TEMPLATE, **context):
    return Template(template).render(Context(context))


def test_a_block_of_rows_is_what_a_loop_would_be():
    rows = [{"pk": n, "name": f"{{n}} <{n}> {{ line.pk }}", "html": SafeString("<b>x</b>")} for n in range(3)]
    loop = TEMPLATE.replace("{% lines rows %}", "{% for line in rows %}").replace("endlines", "endfor")
    for css in ("", "{pk} <i>"):
        assert render(rows=rows, css=css) == render(loop, rows=rows, css=css)
    assert render(rows=[]) == ""


def test_a_value_that_looks_like_a_placeholder_is_a_value():
    assert "\0pk\0" in render(rows=[{"pk": 1, "name": "\0pk\0", "html": ""}])
