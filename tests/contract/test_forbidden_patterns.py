"""What no file of ours may hold, and the few places that may, each with its reason."""

import re

import pytest
from django.conf import settings

SOURCES = {
    kind: [
        path
        for top in ("crud", "workspaces", "crm", "recurring", "socius", "templates")
        for path in sorted((settings.BASE_DIR / top).rglob(f"*.{kind}"))
        if not {"tests", "migrations"} & set(path.parts)
    ]
    for kind in ("py", "html")
}
# rule: (kind of file, what it may not hold, {file that may: why})
RULES = {
    "SQL of our own would not be held to a workspace": (
        "py",
        r"\.raw\((?!value)|cursor\(\)|RawSQL|\.extra\(",
        {
            "crud/views/export.py": "a value as it is, for a file",
            "workspaces/audit/triggers/sync.py": "makes the triggers of the audit trail",
            "workspaces/tenancy/db_session.py": "tells the database which workspace it is in",
            "workspaces/health.py": "asks whether the database can be written, and no table",
            "workspaces/tenancy/isolation/sync.py": "makes the wall",
        },
    ),
    "rows of all workspaces are asked for at the sign-in only": (
        "py",
        r"\.everywhere\b",
        {
            "workspaces/models/membership.py": "the memberships of who signs in",
        },
    ),
    "text is escaped": ("py", r"mark_safe|SafeString\(|csrf_exempt", {}),
    "text is escaped in templates": (
        "html",
        r"\|\s*safe\b|autoescape off",
        {"templates/django/forms/field.html": "help texts are ours, and Django's are HTML"},
    ),
    "the policy lets no script or style stand in a page": (
        "html",
        r"<script(?![^>]*(\bsrc=|application/json))|<style|\sstyle=\"|\son[a-z]+=\"|hx-on",
        {},
    ),
    "nothing comes from another host": ("html", r"(src|href)=\"(https?:)?//", {}),
    "a form names its fields": ("py", r"fields\s*=\s*[\"']__all__", {}),
}


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule):
    kind, pattern, exceptions = RULES[rule]
    assert SOURCES[kind]
    held_items = {
        str(file.relative_to(settings.BASE_DIR))
        for file in SOURCES[kind]
        if re.search(pattern, file.read_text())
    }
    assert held_items <= set(exceptions), rule
