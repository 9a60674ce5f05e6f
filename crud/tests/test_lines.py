from django.template import Context, Template
from django.utils.safestring import SafeString

ROWS = """{% load crud %}{% lines rows %}<p id="{{ line.pk }}"{% if asked %} class="{{ asked }}"{% endif %}>
{{ line.name }}{{ line.html }}{{ line.name }}</p>{% endlines %}"""


def rendered(**context):
    return Template(ROWS).render(Context(context))


def test_a_block_of_lines_is_what_a_loop_would_be():
    rows = [{"pk": n, "name": f"{{n}} <{n}> {{ line.pk }}", "html": SafeString("<b>x</b>")} for n in range(3)]
    loop = ROWS.replace("{% lines rows %}", "{% for line in rows %}").replace("endlines", "endfor")
    for captured in ("", "{pk} <i>"):
        context = {"rows": rows, "asked": captured}
        assert rendered(**context) == Template(loop).render(Context(context))
    assert rendered(rows=[]) == ""


def test_a_value_that_looks_like_a_place_is_a_value():
    assert "\0pk\0" in rendered(rows=[{"pk": 1, "name": "\0pk\0", "html": ""}])
