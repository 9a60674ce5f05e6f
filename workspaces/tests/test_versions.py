"""The forms of workspaces, members and profiles: an older form takes nothing back that others saved."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from conftest import ROLES
from crm.tests.submitted_forms import fill_in, send
from crud.models import EditConflict
from tests.security.support.page_forms import differences, read_all_rows
from workspaces.models import Membership, User, Workspace
from workspaces.tenancy.scope import activate

pytestmark = pytest.mark.usefixtures("unlimited")


@pytest.fixture
def teammate(workspace):
    """Another admin, with a browser of their own."""
    user = User.objects.create_user("tess@acme.example", name="Tess Teammate")
    with activate(workspace):
        Membership.objects.create(user=user, **ROLES["admin"])
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def settings_url(workspace):
    return reverse("members:workspace")


def test_an_older_form_does_not_make_somebody_an_admin_again(sign_in, workspace, teammate):
    user = User.objects.create_user("mia@acme.example", name="Mia")
    mia = Membership.objects.create(user=user, **ROLES["admin and sales staff"])
    admin, url = sign_in(workspace, "admin"), reverse("members:member-update", args=[mia.pk])
    page = admin.get(url)
    fill_in(teammate, url, is_admin=None)
    answer = send(admin, page, url, has_crm_access=None)
    assert answer.status_code == 302
    mia.refresh_from_db()
    assert (mia.is_admin, mia.is_sales_staff, mia.has_crm_access) == (False, True, False)
    text = admin.get(answer.url).content.decode()
    assert "Tess Teammate changed Admin in the meantime." in text


def test_settings_of_two_admins_are_both_kept(sign_in, workspace, teammate, settings_url):
    admin = sign_in(workspace, "admin")
    page = admin.get(settings_url)
    fill_in(teammate, settings_url, fiscal_year_start="4", requires_loss_reason=None)
    assert send(admin, page, settings_url, name="Acme Ltd").status_code == 302
    saved = Workspace.objects.get(pk=workspace.pk)
    assert (saved.name, saved.fiscal_year_start, saved.requires_loss_reason) == ("Acme Ltd", 4, False)


def test_a_setting_that_both_changed_is_shown(sign_in, workspace, teammate, settings_url):
    admin = sign_in(workspace, "admin")
    page = admin.get(settings_url)
    fill_in(teammate, settings_url, name="Acme Inc", fiscal_year_start="4")
    answer = send(admin, page, settings_url, name="Acme Ltd")
    text = answer.content.decode()
    assert answer.status_code == 409 and "Acme Inc" in text and 'value="Acme Ltd"' in text
    assert "Tess Teammate changed this field while you were editing it" in text
    assert send(admin, answer, settings_url).status_code == 302
    saved = Workspace.objects.get(pk=workspace.pk)
    assert (saved.name, saved.fiscal_year_start) == ("Acme Ltd", 4)


@pytest.mark.parametrize("url", ["/w/acme/members/workspace/", "/workspaces/profile/", "/w/acme/members/{}/"])
def test_a_form_without_a_version_replaces_nothing(sign_in, workspace, url):
    """No page sends one; a script that does is shown what is saved."""
    admin, mia = sign_in(workspace, "admin"), User.objects.create_user("mia@acme.example", name="Mia")
    url = url.format(Membership.objects.create(user=mia, **ROLES["sales staff"]).pk)
    page, state_before = admin.get(url), read_all_rows()
    changes = {"is_sales_staff": None} if "is_sales_staff" in page.context["form"].fields else {"name": "Ada"}
    assert send(admin, page, url, version=None, base=None, **changes).status_code == 409
    assert not differences(state_before, read_all_rows())
    assert send(admin, page, url, **changes).status_code == 302


def test_two_tabs_of_ones_own_profile_are_merged(sign_in, workspace):
    client, url = sign_in(workspace), "/workspaces/profile/"
    page = client.get(url)
    client.post("/theme/", {"theme": "dark"})
    fill_in(client, url, time_zone="Europe/Berlin")
    assert send(client, page, url, name="Ada").status_code == 302
    user = User.objects.get(pk=client.member.user_id)
    assert (user.name, user.theme, user.time_zone) == ("Ada", "dark", "Europe/Berlin")


def test_a_name_that_was_changed_in_another_tab_is_shown(sign_in, workspace):
    client, url = sign_in(workspace), "/workspaces/profile/"
    page = client.get(url)
    fill_in(client, url, name="Ada Lovelace")
    answer = send(client, page, url, name="Ada King")
    assert answer.status_code == 409
    assert "You (in another tab) changed this field while you were editing it" in answer.content.decode()
    assert User.objects.get(pk=client.member.user_id).name == "Ada Lovelace"


def test_the_version_is_part_of_the_update(workspace):
    admin = User.objects.get(email="owner@acme.example")
    pairs = [(Workspace.objects.get(pk=workspace.pk), Workspace.objects.get(pk=workspace.pk))]
    pairs += [tuple(Membership.objects.get(user=admin) for _ in range(2))]
    for first, second in pairs:
        first.save()
        with pytest.raises(EditConflict), transaction.atomic():
            second.save()
    first, second = User.objects.get(pk=admin.pk), User.objects.get(pk=admin.pk)
    first.save_profile(["name"])
    with pytest.raises(EditConflict), transaction.atomic():
        second.save_profile(["name"])


def test_a_refused_change_leaves_a_form_that_can_be_sent_again(client, workspace):
    owner = Membership.objects.get()
    client.force_login(owner.user)
    url = reverse("members:member-update", args=[owner.pk])
    page = fill_in(client, url, is_admin=None)
    assert page.status_code == 200 and "only admin" in page.content.decode()
    assert send(client, page, url, is_admin="on", has_crm_access=None).status_code == 302
    owner.refresh_from_db()
    assert (owner.is_admin, owner.has_crm_access) == (True, False)
