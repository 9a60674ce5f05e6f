"""Every form: those that edit a row carry its version, and none loses the user's input."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.contract.test_url_permissions import rows
from tests.security.support.page_forms import TEXT, addresses, forms_of

pytestmark = [pytest.mark.usefixtures("quiet", "unlimited")]

TYPED = TEXT | {"select", "checkbox", "radio", "date", "number"}
# Routes whose forms edit no stored row, with the reason; the rest carry `version`.
WITHOUT_VERSION = {
    "create": "adds a row; `submission` tells a second press of Save",
    "list": "of the settings: adds a value at the foot of the list",
    "workspace-new": "adds a workspace",
    "invite": "adds an invitation",
    "settings-staff-new": "the same from the settings",
    "hand-over": "says who gets what; nothing in it comes from a row",
    "member-hand-over": "as above",
    "member-deactivate": "as above",
    "leave": "as above",
    "replace": "names another value; which is looked at under a lock",
    "delete": "of a value in use: names the one that takes its place",
}
ACCOUNT = "/accounts/"  # allauth's forms: passwords, codes and addresses are always entered anew


@pytest.fixture
def browser(sign_in, workspace):
    return sign_in(workspace, "admin and sales staff")


@pytest.fixture
def forms(browser, db):
    """[PageForm] of every POST form with inputs, except those of accounts."""
    forms = forms_of(browser, addresses(rows()))
    forms = [form for form in forms if form.method == "post" and form.of_kinds(TYPED)]
    return [form for form in forms if not form.action.startswith(ACCOUNT)]


def action_of(route):
    name = route.name.split(":")[-1]
    return name if name in WITHOUT_VERSION else name.partition("-")[2]


def test_a_form_that_edits_a_stored_row_carries_its_version(forms):
    with_version = {str(form) for form in forms if "version" in {field.name for field in form.fields}}
    without = [form for form in forms if str(form) not in with_version]
    assert len(with_version) > 15
    assert not {str(form) for form in without if action_of(form.route) not in WITHOUT_VERSION}


def test_a_form_with_starting_values_carries_all_of_them(forms):
    for form in forms:
        names = {field.name for field in form.fields}
        if "base" in names:
            (base,) = form.values()["base"]
            assert base.startswith("{") and "version" in names, form


def test_no_form_loses_what_was_typed_when_the_session_ends(browser, forms):
    lost, tried = [], 0
    for form in forms:
        names = [name for name in form.of_kinds({"text", "textarea"}) if name not in ("q",)]
        if not names:
            continue
        tried += 1
        sent_data = form.values() | {names[0]: ["Typed before"]}
        Session.objects.all().delete()
        strict = Client()
        strict.cookies = browser.cookies
        answer = strict.post(form.action, sent_data)
        assert answer.status_code == 302 and answer.url.startswith("/accounts/login/"), form
        strict.force_login(browser.member.user)
        page = strict.get(form.action)
        if page.status_code not in (200, 409) or "Typed before" not in page.content.decode():
            lost.append((str(form), names[0], page.status_code))
        browser.cookies = strict.cookies
    assert not lost
    assert tried > 20
