"""Navigation: each tab opens, is current on the pages below it, and requires its permission."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from crm.tests import factories
from crm.viewsets import COMPANIES
from socius.navigation import BESIDE, NEW, TABS, TOOLS
from workspaces.models import Membership
from workspaces.tenancy.scope import activate
from workspaces.tenancy.urls import reverse_outside

LABELS = {tab.label for tab in [*TOOLS, *TABS, *BESIDE]}


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.label)
def test_a_tab_opens_and_is_the_one_lit(sign_in, workspace, tab):
    response = sign_in(workspace, "admin and sales staff").get(tab.url_in(workspace))
    assert response.status_code == 200
    assert [shown_text.label for shown_text, _, is_open in response.context["tabs"] if is_open] == [tab.label]
    assert response.content.decode().count('aria-current="page"') == 1


def test_a_tab_is_lit_on_the_pages_below_it(sign_in, workspace):
    page = sign_in(workspace).get(COMPANIES.url("detail", factories.company().pk))
    assert [tab.label for tab, _, is_open in page.context["tabs"] if is_open] == ["Companies"]


@pytest.mark.parametrize(
    ("role", "missing"),
    [
        ("admin", set()),
        ("reader", {"Settings"}),
        ("without CRM", {tab.label for tab in [*TABS, *TOOLS, *BESIDE]}),
    ],
)
def test_the_frame_shows_what_one_may_open(sign_in, workspace, role, missing):
    shown_text = sign_in(workspace, role).get("/w/acme/members/").context
    labels = {tab.label for bar in ("tools", "tabs", "beside") for tab, *_ in shown_text[bar]}
    assert labels == LABELS - missing


@pytest.mark.parametrize(("role", "number"), [("sales staff", 4), ("reader", 0), ("without CRM", 0)])
def test_the_menu_new_leads_to_the_forms_that_one_may_use(sign_in, workspace, role, number):
    client = sign_in(workspace, role)
    page = client.get(reverse_outside("profile"))
    assert len(page.context["new"]) == number <= len(NEW)
    for item, url, _ in page.context["new"]:
        assert f'<a href="{url}">{item.label}</a>' in page.content.decode()
        assert client.get(url).status_code == 200


def test_the_theme_is_kept_and_what_is_none_is_passed_over(sign_in, workspace):
    client = sign_in(workspace)
    user = client.member.user
    for captured, kept_values in [("dark", "dark"), ("pink", "dark"), ("", "dark"), ("system", "system")]:
        assert client.post("/theme/", {"theme": captured}).status_code == 302
        user.refresh_from_db()
        assert user.theme == kept_values


def own_pages():
    """Return the pages outside of workspaces that show the user's account, or help."""
    names = ["profile", "account_email", "mfa_index", "usersessions_list"]
    return [reverse_outside(name) for name in [*names, "lead-lifecycle", "workspace-new"]]


@pytest.mark.parametrize("page", own_pages())
def test_pages_outside_keep_the_frame_of_the_workspace_used_last(sign_in, workspace, other_workspace, page):
    client = sign_in(workspace, "admin and sales staff")
    with activate(other_workspace):
        Membership.objects.create(user=client.member.user, is_admin=True)
    for place in other_workspace, workspace:
        client.get(f"/w/{place.slug}/crm/")
        shown_text = client.get(page)
        labels = {tab.label for bar in ("tools", "tabs", "beside") for tab, *_ in shown_text.context[bar]}
        assert labels == LABELS
        text = shown_text.content.decode()
        for name in "companies/", "search/", "settings/", "trash/":
            assert f"/w/{place.slug}/crm/{name}" in text
        assert f"/w/{place.slug}/members/" in text


def test_pages_outside_say_nothing_of_workspaces_that_one_is_not_in(sign_in, workspace, other_workspace):
    client = sign_in(workspace, "admin and sales staff")
    client.get("/w/acme/crm/")
    for page in own_pages():
        assert f"/w/{other_workspace.slug}/" not in client.get(page).content.decode()
    user = client.member.user
    user.last_workspace = other_workspace  # a former member
    user.save()
    assert "/w/acme/crm/companies/" in client.get("/help/lead-lifecycle/").content.decode()
    client.member.deactivated_at = timezone.now()
    client.member.save()
    assert "/w/acme/" not in client.get(reverse_outside("profile")).content.decode()
    assert b"/w/" not in Client().get(reverse_outside("lead-lifecycle")).content
    assert "/w/" not in client.get(reverse_outside("profile")).content.decode()


@pytest.mark.parametrize(("role", "missing"), [("reader", {"Settings"}), ("without CRM", LABELS)])
def test_pages_outside_show_only_what_one_may_open(sign_in, workspace, role, missing):
    client = sign_in(workspace, role)
    shown_text = client.get(reverse_outside("profile")).context
    labels = {tab.label for bar in ("tools", "tabs", "beside") for tab, *_ in shown_text[bar]}
    assert labels == LABELS - missing


def test_the_user_menu_is_called_by_what_is_seen_of_it_first(sign_in, workspace):
    client = sign_in(workspace)
    user = client.member.user
    page = client.get(reverse_outside("profile")).content.decode()
    assert re.search(
        rf'<summary class="avatar">{user.initials}<span\s+class="visually-hidden"> {user}: your menu', page
    )
