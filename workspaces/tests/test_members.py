"""Members: what they may do is changed by admins, they leave, and there is always an admin."""

import html
import re
import threading
from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from crm.models import Company, Opportunity
from crm.tests import factories
from tests.support.edit_forms import post_edit
from workspaces.creation import create_workspace
from workspaces.members.membership import LastAdminError, change_permissions, deactivate
from workspaces.models import Membership, User, Workspace
from workspaces.tenancy.scope import activate

LIST = "/w/acme/members/"


def member(name="Bea", **marks):
    user = User.objects.create_user(f"{name.lower()}@acme.example", name=name)
    return Membership.objects.create(user=user, **marks)


def owner():
    return Membership.objects.get(user__email="owner@acme.example")


def path(member, action=""):
    return f"{LIST}{member.pk}/{action}"


def now(member):
    return Membership.objects.get(pk=member.pk)


# The list


def test_every_member_sees_who_is_there_and_only_admins_see_what_to_do(sign_in, workspace):
    bea = member()
    page = sign_in(workspace, "reader").get(LIST).content.decode()
    assert "Bea" in page and "bea@acme.example" in page
    assert path(bea) not in page and "Invitations" not in page
    page = sign_in(workspace, "admin").get(LIST).content.decode()
    assert path(bea, "deactivate/") in page and "Invitations" in page


def test_the_settings_show_the_same_list_to_admins_only(sign_in, workspace):
    assert "Olga Owner" in sign_in(workspace, "admin").get("/w/acme/crm/settings/staff/").content.decode()
    assert sign_in(workspace, "reader").get("/w/acme/crm/settings/staff/").status_code == 403


@pytest.mark.parametrize("opened", ["/w/acme/crm/settings/staff/", f"{LIST}?q=bea&show=active"])
def test_from_whichever_list_one_came_one_is_back_when_it_is_done(sign_in, workspace, opened):
    bea, client = member(), sign_in(workspace, "admin")

    def link(page, address):
        return html.unescape(re.search(rf'href="({address}\?next=[^"]+)"', page.content.decode())[1])

    change = link(client.get(opened), path(bea))
    assert post_edit(client, change, {"is_sales_staff": "on"}).url == opened
    page = client.get(change)
    assert f'href="{html.escape(opened)}">Cancel' in page.content.decode()
    assert client.post(link(page, path(bea, "deactivate/"))).url == opened


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "8", "http://["]
)
def test_one_is_not_led_elsewhere(sign_in, workspace, elsewhere):
    address = f"{path(member())}?{urlencode({'next': elsewhere})}"
    assert post_edit(sign_in(workspace, "admin"), address, {"is_sales_staff": "on"}).url == LIST


def test_many_members_come_by_pages_and_are_searched(sign_in, workspace, django_assert_max_num_queries):
    for n in range(60):
        member(f"Member{n}")
    member("Zoë")
    client = sign_in(workspace, "admin")
    client.get(LIST, {"q": "nobody"})  # the first request of a process looks for snapshots of yesterday
    with django_assert_max_num_queries(9):
        page = client.get(LIST).content.decode()
    assert "Page 1 of 2" in page and "Zoë" not in page
    assert "Zoë" in client.get(LIST, {"page": 2}).content.decode()
    results = client.get(LIST, {"q": "zoe"}).content.decode()
    assert "Zoë" in results and "Member1" not in results and "1 member<" in results


@pytest.mark.parametrize(
    "query", ["?page=x", "?page=-1", "?page=9" * 9, "?show=x", "?q=%00%22-", f"?q={'a ' * 3000}"]
)
def test_an_odd_question_is_answered_all_the_same(sign_in, workspace, query):
    assert sign_in(workspace, "admin").get(LIST + query).status_code in (200, 400)


# Marks


def test_an_admin_changes_what_a_member_may_do(sign_in, workspace, confirm_identity):
    bea, client = member(), sign_in(workspace, "admin")
    confirm_identity(client)
    response = post_edit(client, path(bea), {"is_admin": "on"})
    assert response.url == LIST
    assert (now(bea).is_admin, now(bea).is_sales_staff, now(bea).has_crm_access) == (True, False, False)


def test_a_member_cannot_give_themselves_marks(sign_in, workspace):
    client = sign_in(workspace, "sales staff")
    assert client.post(path(client.member), {"is_admin": "on"}).status_code == 403
    assert not now(client.member).is_admin


def test_the_form_takes_nothing_but_the_marks(sign_in, workspace, other_workspace):
    bea = member()
    fields = {"is_sales_staff": "on", "workspace": other_workspace.pk, "user": owner().user_id}
    post_edit(sign_in(workspace, "admin"), path(bea), fields)
    assert now(bea).user == bea.user and now(bea).workspace == workspace


def test_the_last_admin_keeps_the_mark_and_is_told_why(client, workspace):
    client.force_login(owner().user)
    page = post_edit(client, path(owner()), {"is_sales_staff": "on"}).content.decode()
    assert "Olga Owner is the only admin." in page
    assert owner().is_admin


# Leaving


def test_the_last_admin_cannot_leave(client, workspace):
    client.force_login(owner().user)
    assert "is the only admin" in client.get(LIST + "leave/").content.decode()
    assert "is the only admin" in client.post(LIST + "leave/").content.decode()
    assert owner().deactivated_at is None


def test_of_two_admins_who_end_each_other_at_once_one_remains(workspace):
    """Both looked while the other was still there; what counts is what is there when it is done."""
    bea = member(is_admin=True)
    first, second = now(owner()), now(bea)
    assert not first.is_last_admin and not second.is_last_admin
    change_permissions(first, is_admin=False)
    with pytest.raises(LastAdminError):
        change_permissions(second, is_admin=False)
    with pytest.raises(LastAdminError):
        deactivate(now(bea))
    assert [admin.pk for admin in Membership.objects.admins()] == [bea.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite writes one transaction at a time anyway")
def test_a_race_of_admins_never_leaves_a_workspace_without_one():
    for n in range(20):
        pair = [User.objects.create_user(f"{name}{n}@acme.example") for name in "ab"]
        workspace = create_workspace(pair[0], f"Race {n}")
        with activate(workspace):
            Membership.objects.create(user=pair[1], is_admin=True)
            admins = list(Membership.objects.admins())
        start, refused = threading.Barrier(2), []

        def end(admin, workspace=workspace, start=start, refused=refused):
            try:
                with activate(workspace):
                    start.wait()
                    change_permissions(admin, is_admin=False)
            except LastAdminError:
                refused.append(admin)
            finally:
                connection.close()

        threads = [threading.Thread(target=end, args=[admin]) for admin in admins]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with activate(workspace):
            assert Membership.objects.admins().count() == len(refused) == 1


def test_who_was_deactivated_is_a_stranger_with_the_next_request(sign_in, client, workspace, other_workspace):
    bea = member()
    with activate(other_workspace):
        Membership.objects.create(user=bea.user)
    client.force_login(bea.user)
    assert client.get("/w/acme/crm/companies/").status_code == 200
    deactivate(bea)
    for address in [LIST, "/w/acme/", "/w/acme/crm/companies/", "/w/acme/crm/companies/new/"]:
        assert client.get(address).status_code == 404
    assert client.post("/w/acme/crm/companies/new/", {"name": "Roofs"}).status_code == 404
    assert client.get("/w/other/members/").status_code == 200


def test_who_has_no_other_workspace_is_signed_out_everywhere(client, workspace):
    bea = member()
    bea.user.set_password("a few good words")
    bea.user.save()
    client.post("/accounts/login/", {"login": bea.user.email, "password": "a few good words"})
    assert client.get(LIST).status_code == 200
    deactivate(bea)
    assert not Session.objects.exists()
    assert client.get(LIST).url.startswith("/accounts/login/")


def test_a_member_leaves_and_stays_signed_in_to_say_goodbye(sign_in, workspace):
    client = sign_in(workspace, "sales staff")
    response = client.post(LIST + "leave/", follow=True)
    assert "You left Acme." in response.content.decode()
    assert now(client.member).deactivated_at
    assert client.get(LIST).status_code == 404


def test_an_admin_deactivates_and_lets_in_again(sign_in, workspace):
    bea, client = member(), sign_in(workspace, "admin")
    assert client.post(path(bea, "deactivate/")).url == LIST
    assert now(bea).deactivated_at
    client.get(LIST)  # takes the message away
    assert "bea@acme.example" not in client.get(LIST).content.decode()
    assert "Bea" in client.get(LIST, {"show": "inactive"}).content.decode()
    client.post(path(bea, "reactivate/"))
    assert now(bea).deactivated_at is None


def test_a_name_stays_on_what_was_done(sign_in, workspace):
    bea = member()
    with activate(workspace, bea):
        company = factories.company(assignee=bea)
    deactivate(bea)
    page = sign_in(workspace).get(f"/w/acme/crm/companies/{company.pk}/").content.decode()
    assert "Bea (inactive)" in page


# Handing over


@pytest.fixture
def work(workspace):
    """What Bea looks after: a company of hers with an open opportunity, one at Carl's, one won."""
    bea, carl = member("Bea"), member("Carl")
    company, at_carls = factories.company(assignee=bea), factories.company(assignee=carl)
    open_here = factories.opportunity(name="Here", company=company, assignee=bea)
    open_there = factories.opportunity(name="There", company=at_carls, assignee=bea)
    won = factories.opportunity(kind="won", name="Won", company=company, assignee=bea)
    return {"bea": bea, "carl": carl, "company": company, "here": open_here, "there": open_there, "won": won}


def assignee(row):
    return type(row).objects.get(pk=row.pk).assignee


def test_the_page_counts_what_is_to_be_handed_over(sign_in, workspace, work, django_assert_max_num_queries):
    client = sign_in(workspace, "admin")
    client.get(LIST)  # the first request of a process looks for snapshots of yesterday
    with django_assert_max_num_queries(12):
        page = client.get(path(work["bea"], "deactivate/")).content.decode()
    assert "Reassign 1 company to" in page and "Reassign 2 open opportunities to" in page
    assert f'value="{work["bea"].pk}"' not in page, "nobody hands over to themselves"


def test_everything_goes_to_one_person(sign_in, workspace, work):
    carl = work["carl"]
    client = sign_in(workspace, "admin")
    client.post(path(work["bea"], "deactivate/"), {"companies": carl.pk, "opportunities": carl.pk})
    assert assignee(work["company"]) == assignee(work["here"]) == assignee(work["there"]) == carl
    assert assignee(work["won"]) == work["bea"], "closed opportunities stay theirs"
    assert Opportunity.objects.get(pk=work["here"].pk).updated_by == client.member
    assert now(work["bea"]).deactivated_at


def test_opportunities_go_to_the_assignee_of_their_company(sign_in, workspace, work):
    answers = {"companies": "nobody", "opportunities": "company"}
    sign_in(workspace, "admin").post(path(work["bea"], "deactivate/"), answers)
    assert assignee(work["company"]) is None
    assert assignee(work["there"]) == work["carl"]
    assert assignee(work["here"]) is None, "nobody looks after its company"


def test_without_an_answer_nothing_happens(sign_in, workspace, work):
    page = sign_in(workspace, "admin").post(path(work["bea"], "deactivate/"), {"companies": "nobody"})
    assert "Choose a new assignee or “Unassigned”." in page.content.decode()
    assert now(work["bea"]).deactivated_at is None
    assert assignee(work["company"]) == work["bea"]


def test_what_the_last_admin_would_hand_over_stays_when_they_cannot_go(client, workspace):
    company = factories.company(assignee=owner())
    client.force_login(owner().user)
    client.post(LIST + "leave/", {"companies": "nobody"})
    assert assignee(company) == owner()


@pytest.mark.parametrize("heir", ["reader", "left", "elsewhere", "0", "x", ""])
def test_only_active_sales_staff_of_the_workspace_take_over(sign_in, workspace, other_workspace, work, heir):
    deactivate(remaining := member("Left"))
    with activate(other_workspace):
        elsewhere = Membership.objects.get()
    people = {"reader": member("Rita", is_sales_staff=False), "left": remaining, "elsewhere": elsewhere}
    answer = people[heir].pk if heir in people else heir
    client = sign_in(workspace, "admin")
    response = client.post(path(work["bea"], "hand-over/"), {"companies": answer, "opportunities": "nobody"})
    assert response.status_code == 200
    assert assignee(work["company"]) == work["bea"]


def test_somebody_who_edits_meanwhile_hears_of_the_new_assignee(sign_in, workspace, work):
    version = Company.objects.get(pk=work["company"].pk).version
    answers = {"companies": work["carl"].pk, "opportunities": "nobody"}
    sign_in(workspace, "admin").post(path(work["bea"], "hand-over/"), answers)
    assert Company.objects.get(pk=work["company"].pk).version == version + 1


# The workspace itself


def test_an_admin_sets_up_the_workspace(sign_in, workspace):
    fields = {"name": "Acme Ltd", "currency": "GBP", "time_zone": "Europe/London", "fiscal_year_start": 4}
    client = sign_in(workspace, "admin")
    post_edit(client, LIST + "workspace/", {**fields, "has_crm": "on", "slug": "mine"})
    results = Workspace.objects.get(pk=workspace.pk)
    assert {name: getattr(results, name) for name in fields} == fields
    assert (results.has_crm, results.has_recurring, results.requires_loss_reason) == (True, False, False)
    assert results.slug == "acme", "an address stays"
    assert sign_in(workspace, "sales staff").post(LIST + "workspace/", fields).status_code == 403


def test_a_refused_value_is_kept_in_the_form_and_nowhere_else(sign_in, workspace):
    fields = {"name": "Renamed", "currency": "XX"}
    page = post_edit(sign_in(workspace, "admin"), LIST + "workspace/", fields)
    assert 'value="Renamed"' in page.content.decode()
    assert "Renamed" not in page.content.decode().split("<main")[0]


def test_an_add_on_that_is_switched_off_is_gone_and_its_rows_are_kept(sign_in, workspace):
    factories.company()
    client = sign_in(workspace, "admin and sales staff")
    fields = {"name": "Acme", "currency": "USD", "time_zone": "UTC", "fiscal_year_start": 1}
    post_edit(client, LIST + "workspace/", fields)
    response = client.get("/w/acme/crm/companies/")
    assert response.status_code == 403 and "turned off" in response.content.decode()
    post_edit(client, LIST + "workspace/", {**fields, "has_crm": "on"})
    assert client.get("/w/acme/crm/companies/").status_code == 200
    assert Company.objects.exists()
