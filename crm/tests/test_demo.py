"""The demo: made anew at will, the same everywhere, and no way in for strangers."""

import time

import pytest
from django.core.management import call_command

from crm.demo import workspaces
from crm.models import Company, LossReason, Opportunity, Person, Source, Stage, StageChange, Status, Trashed
from workspaces.creation import create_workspace
from workspaces.models import AuditEntry, Invitation, Membership, User, Workspace
from workspaces.tenancy.scope import activate

SMALL = [
    workspaces.DemoWorkspace(**{**vars(room), "companies": 4, "people": 6, "opportunities": 12})
    for room in workspaces.ROOMS
]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(workspaces, "ROOMS", SMALL)


@pytest.fixture
def at_home(settings):
    """Served to this machine alone; tests are asked for under a name that is not one of its own."""
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def demo(capsys, *options):
    """The lines that the command prints."""
    call_command("demo", *options)
    return capsys.readouterr().out.splitlines()


def names():
    results = {}
    for workspace in Workspace.objects.order_by("pk"):
        with activate(workspace):
            results[str(workspace)] = [
                list(model.objects.order_by("pk").values_list("name", flat=True))
                for model in (Company, Person, Opportunity)
            ]
    return results


@pytest.mark.django_db
def test_its_data_are_sound(small, capsys):
    demo(capsys)
    call_command("check_data")
    assert capsys.readouterr().out == "Nothing is wrong.\n"


@pytest.mark.django_db
def test_it_shows_everything_that_the_crm_can_show(capsys):
    begun = time.process_time()
    lines = demo(capsys)
    assert time.process_time() - begun < 30
    first, second = Workspace.objects.order_by("pk")
    assert first.currency != second.currency
    totals = [0, 0, 0]
    for workspace in (first, second):
        with activate(workspace):
            for place, model in enumerate((Company, Person, Opportunity)):
                totals[place] += model.objects.count()
            assert {status.kind for status in Status.objects.filter(opportunities__isnull=False)} == {
                *Status.Kind
            }
            assert not StageChange.objects.filter(at__lt=workspace.created_at).exists()
            assert Invitation.objects.count() == 2 and Trashed.objects.count() == 12
            assert not Opportunity.objects.filter(search_text="").exists()
            assert not Company.objects.filter(match_key="").exists()
            for rows in (Opportunity, Company, Person):
                latest = rows.objects.latest("updated_at")
                assert latest.updated_at >= latest.created_at
    assert [230 <= totals[0] <= 270, 560 <= totals[1] <= 640, 860 <= totals[2] <= 940] == [True] * 3, totals
    with activate(first):
        for model in (Stage, Status, Source, LossReason):
            assert not model.objects.filter(opportunities=None).exists(), model
        blank = {
            "stage": None,
            "value": None,
            "company": None,
            "source": None,
            "assignee": None,
            "contact": None,
        }
        for name, nothing in blank.items():
            assert Opportunity.objects.filter(**{name: nothing}).exists(), name
        assert Membership.objects.exclude(deactivated_at=None).get().opportunities.exists()
        assert (
            Stage.objects.filter(is_retired=True).exists() and Source.objects.filter(is_retired=True).exists()
        )
        assert not Opportunity.objects.of_kind("lost", "abandoned").filter(loss_reason=None).exists()
        assert not Opportunity.objects.of_kind("won", "lost", "abandoned").filter(close_date=None).exists()
        assert not Opportunity.objects.of_kind("open").exclude(close_date=None).exists()
        assert not Opportunity.objects.of_kind("open").filter(is_open=False).exists()
        assert any(len(row.name) > 150 for row in Opportunity.objects.all())
    assert [line.rpartition("  ")[0] for line in lines] == [
        "admin  ada@northwind.example",
        "sales staff  jonas@northwind.example",
        "manager  mira@northwind.example",
        "admin, second workspace  olu@harborpine.example",
    ]


@pytest.mark.django_db
def test_it_signs_in_who_it_says(small, client, capsys):
    for line in demo(capsys):
        _who, email, password = line.split("  ")
        assert client.login(email=email, password=password), line
        assert client.get("/", follow=True).status_code == 200


@pytest.mark.django_db
def test_made_again_it_is_the_same_and_leaves_others_alone(small, capsys):
    theirs = create_workspace(User.objects.create_user("own@acme.example", name="Own"), "Acme")
    with activate(theirs):
        Company.objects.create(name="Kept")
    demo(capsys)
    ours = Workspace.objects.exclude(pk=theirs.pk).values_list("pk", flat=True)
    state_before, old = names(), set(ours)
    users = set(User.objects.values_list("pk", "email"))
    demo(capsys)
    assert names() == state_before
    assert not old & set(ours.all())
    assert set(User.objects.values_list("pk", "email")) == users
    assert state_before["Acme"][0] == ["Kept"]


@pytest.mark.django_db
def test_all_of_it_is_in_the_audit_trail_as_nobodys_doing(small, capsys):
    demo(capsys)
    for workspace in Workspace.objects.all():
        with activate(workspace):
            added = AuditEntry.objects.filter(action="added", kind="crm.company", part="")
            assert added.count() == Company.with_trash.count() == SMALL[0].companies
            assert not added.exclude(user=None, actor="", address=None).exists()


@pytest.mark.django_db
def test_a_workspace_that_only_has_its_name_is_not_the_demos(small, capsys):
    owner = User.objects.create_user("own@acme.example", name="Own")
    theirs = create_workspace(owner, SMALL[0].name, slug=SMALL[0].slug)
    demo(capsys)
    demo(capsys)
    assert Workspace.objects.filter(pk=theirs.pk).exists()
    assert Workspace.objects.count() == 3


@pytest.mark.django_db
def test_if_empty_it_does_nothing_where_somebody_is(small, capsys):
    User.objects.create_user("own@acme.example", name="Own")
    assert demo(capsys, "--if-empty", "--show-sign-ins") == []
    assert not Workspace.objects.exists()


@pytest.mark.django_db
def test_at_each_start_the_sign_ins_are_shown_again(small, at_home, capsys):
    created = demo(capsys, "--if-empty", "--show-sign-ins")
    assert demo(capsys, "--if-empty", "--show-sign-ins") == created != []
    assert demo(capsys, "--if-empty") == []


ELSEWHERE = [("HOST", "0.0.0.0"), ("HOST", "::"), ("TRUSTED_PROXIES", 1), ("ALLOWED_HOSTS", ["crm.example"])]  # noqa: S104


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "value"), ELSEWHERE)
def test_where_others_can_come_passwords_are_random_and_shown_once(
    small, at_home, capsys, monkeypatch, settings, name, value
):
    known_values = demo(capsys)
    if name == "HOST":
        monkeypatch.setenv(name, value)
    else:
        setattr(settings, name, value)
    shown_text = demo(capsys, "--if-empty", "--show-sign-ins")
    assert len(shown_text) == 4 and not set(shown_text) & set(known_values)
    assert not any(user.check_password(workspaces.PASSWORD) for user in User.objects.all())
    assert not any(workspaces.PASSWORD in line for line in demo(capsys, "--if-empty", "--show-sign-ins"))
    for line in demo(capsys):
        _who, email, password = line.split("  ")
        assert password != workspaces.PASSWORD and User.objects.get(email=email).check_password(password)
