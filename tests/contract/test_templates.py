"""Templates can be read side by side."""

from django.conf import settings

MAX_LINE = 160


def test_no_line_of_a_template_is_too_long():
    paths = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
    assert len(paths) > 100
    long_lines = [
        f"{path.relative_to(settings.BASE_DIR)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > MAX_LINE
    ]
    assert long_lines == []
