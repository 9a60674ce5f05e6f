"""Forbidden source patterns, and the few exceptions with their reasons."""

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
# Folders for code that is forbidden elsewhere.
FENCE = re.compile(r"/(db|fastpath|isolation|triggers)/")
# rule, outside of these: (glob, forbidden pattern, {exempt file: reason})
FENCED_RULES = {
    "SQL of our own would not be held to a workspace": (
        "py",
        r"\.raw\(|cursor\(\)|RawSQL|\.extra\(|\.execute(many)?\(",
        {
            "workspaces/tenancy/db_session.py": "tells the database which workspace it is in",
            "workspaces/health.py": "asks whether the database can be written, and no table",
        },
    ),
    "a walk over a model's fields or relations is generic code, and has few places": (
        "py",
        r"(_meta|\bopts)\.(get_fields|(local_|private_)?(concrete_)?fields|related_objects|many_to_many)\b",
        {
            "crm/consistency.py": "checks the derived texts of every model",
            "crm/models/concerns/change_tracking.py": "compares a record with what is stored",
            "crm/models/concerns/trashable.py": "hides records in the trash behind every key to one",
            "crm/models/picklist_value.py": "reads all picklists by one query",
            "crm/models/records.py": "saves the keys of changed names",
            "crm/models/trash.py": "finds what refers to a record in the trash",
            "crm/picklists/forms.py": "the fields of the form, which are a list of names",
            "crm/picklists/usage.py": "finds what uses a picklist value",
            "crud/models.py": "saves all fields that were read",
            "crud/related.py": "finds what refers to a record",
            "crud/views/export.py": "leaves out derived columns",
            "recurring/lifecycle/operations.py": "copies a row of the history",
            "workspaces/audit/display.py": "shows the changes of a record in the order of its fields",
            "workspaces/audit/models.py": "finds the tables between a record and its tags",
            "workspaces/audit/options.py": "the fields whose changes are recorded",
            "workspaces/models/base.py": "validates constraints over fields that no form has",
        },
    ),
}
# rule: (glob, forbidden pattern, {exempt file: reason})
RULES = {
    "rows of all workspaces are asked for at the sign-in only": (
        "py",
        r"\.everywhere\b",
        {
            "workspaces/models/membership.py": "the memberships of who signs in",
        },
    ),
    "a view refuses through the one gate, whose page says why": (
        "py",
        r"raise PermissionDenied",
        {"workspaces/permissions.py": "the gate itself; classes have Django's mixin (crud/views/base.py)"},
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
    "security headers are set in one place": (
        "py",
        r"Content-Security-Policy|X-Frame-Options|Referrer-Policy|Permissions-Policy|Cross-Origin-\w|X-Content-Type",
        {"socius/middleware/security_headers.py": "the constant; deploy/nginx.conf is held to it"},
    ),
    "a form names its fields": ("py", r"fields\s*=\s*[\"']__all__", {}),
}


@pytest.mark.parametrize("rule", RULES | FENCED_RULES)
def test_rule(rule):
    kind, pattern, exceptions = (RULES | FENCED_RULES)[rule]
    assert SOURCES[kind]
    files = {
        str(file.relative_to(settings.BASE_DIR))
        for file in SOURCES[kind]
        if re.search(pattern, file.read_text())
    }
    if rule in FENCED_RULES:
        files = {file for file in files if not FENCE.search(file)}
    assert files == set(exceptions), rule  # unnecessary exceptions must be removed
