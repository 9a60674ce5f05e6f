"""What somebody sets up for themselves, and what follows from it."""

import pytest
from django.utils import timezone

from tests.support.edit_forms import post_edit
from workspaces.models import Membership, User, Workspace
from workspaces.tenancy.middleware import preferences

FIELDS = {"name": "Zoë", "language": "en-gb", "time_zone": "Europe/Berlin", "theme": "dark"}
PROFILE = "/workspaces/profile/"


def me(client):
    return User.objects.get(pk=client.member.user_id)


def test_the_profile_is_saved_and_shown(sign_in, workspace):
    client = sign_in(workspace)
    assert post_edit(client, PROFILE, FIELDS).url == PROFILE
    assert {name: getattr(me(client), name) for name in FIELDS} == FIELDS
    page = client.get(PROFILE).content.decode()
    assert 'data-theme="dark"' in page and 'lang="en-gb"' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 81), ("language", "xx"), ("time_zone", "Mars/Olympus"), ("theme", "pink")],
)
def test_a_refused_value_is_told_and_nothing_is_saved(sign_in, workspace, field, value):
    client = sign_in(workspace)
    page = post_edit(client, PROFILE, {**FIELDS, field: value}).content.decode()
    assert 'class="errorlist"' in page or "invalid" in page
    assert me(client).name == "Sales Staff"
    assert "Zoë" not in page.split("<main")[0], "what is refused is in no other place"


def test_the_form_changes_nobody_else_and_nothing_else(sign_in, workspace):
    client = sign_in(workspace)
    post_edit(
        client, PROFILE, {**FIELDS, "email": "other@acme.example", "is_active": "", "id": 1, "password": "x"}
    )
    state_before = client.member.user
    assert (me(client).email, me(client).is_active, me(client).password) == (
        state_before.email,
        True,
        state_before.password,
    )


def test_times_are_shown_in_the_users_zone_else_in_the_workspaces():
    membership = Membership(workspace=Workspace(time_zone="Asia/Tokyo"))
    with preferences(User(time_zone=""), membership):
        assert timezone.get_current_timezone_name() == "Asia/Tokyo"
    with preferences(User(time_zone="Europe/Berlin"), membership):
        assert timezone.get_current_timezone_name() == "Europe/Berlin"
