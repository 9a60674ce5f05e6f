"""Template lines are short enough to read, and to compare in a diff."""

from django.conf import settings

TEMPLATES = settings.BASE_DIR / "templates"
MAX_LENGTH = 160


def test_no_line_is_too_long():
    long_lines = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > MAX_LENGTH
    ]
    assert long_lines == []
