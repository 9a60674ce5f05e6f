"""The bars of the frame: each tab opens, is lit on the pages below it, and shows only to those who may."""

import pytest

from crm.cruds import COMPANIES
from crm.tests import make
from socius.tabs import BESIDE, TABS, TOOLS

LABELS = {tab.label for tab in [*TOOLS, *TABS, *BESIDE]}


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.label)
def test_a_tab_opens_and_is_the_one_lit(sign_in, workspace, tab):
    response = sign_in(workspace, "admin and sales staff").get(tab.url)
    assert response.status_code == 200
    assert [shown.label for shown, _, is_open in response.context["tabs"] if is_open] == [tab.label]
    assert response.content.decode().count('aria-current="page"') == 1


def test_a_tab_is_lit_on_the_pages_below_it(sign_in, workspace):
    page = sign_in(workspace).get(COMPANIES.url("detail", make.company().pk))
    assert [tab.label for tab, _, is_open in page.context["tabs"] if is_open] == ["Companies"]


@pytest.mark.parametrize(
    "role,missing",
    [
        ("admin", set()),
        ("reader", {"Settings"}),
        ("without CRM", {tab.label for tab in [*TABS, *TOOLS, *BESIDE]}),
    ],
)
def test_the_frame_shows_what_one_may_open(sign_in, workspace, role, missing):
    shown = sign_in(workspace, role).get("/w/acme/members/").context
    labels = {tab.label for bar in ("tools", "tabs", "beside") for tab, *_ in shown[bar]}
    assert labels == LABELS - missing


def test_the_theme_is_kept_and_what_is_none_is_passed_over(sign_in, workspace):
    client = sign_in(workspace)
    user = client.member.user
    for asked, kept in [("dark", "dark"), ("pink", "dark"), ("", "dark"), ("system", "system")]:
        assert client.post("/theme/", {"theme": asked}).status_code == 302
        user.refresh_from_db()
        assert user.theme == kept
