"""How a workspace begins: its starting settings, the help that explains them, and the first steps."""

import html
import re

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse

from crm.dashboard.onboarding import steps
from crm.default_picklists import START
from crm.models import Company, ContactType, LossReason, Opportunity, Source, Stage, Status
from crm.tests import factories
from workspaces.creation import create_workspace
from workspaces.models import Membership, User
from workspaces.tenancy.scope import activate

HELP = "/help/lead-lifecycle/"


def names(model):
    return [row.name for row in model.objects.all()]


def test_a_workspace_starts_with_the_settings_of_the_product(workspace):
    assert names(ContactType) == ["Current Customer", "Potential Customer", "Lead"]
    assert [(stage.name, stage.win_percent) for stage in Stage.objects.all()] == [
        ("Qualification", 10),
        ("Demo", 25),
        ("Proposal", 50),
        ("Negotiation", 70),
        ("Ready to close", 90),
    ]
    assert [(status.name, status.kind) for status in Status.objects.all()] == [
        ("Open", "open"),
        ("Won", "won"),
        ("Lost", "lost"),
        ("Abandoned", "abandoned"),
    ]
    assert names(Source) == ["Advertising", "Chamber of Commerce", "Inbound", "Referral"]
    assert names(LossReason) == [
        "Competitor",
        "Price",
        "Budget",
        "Timing",
        "No response",
        "Poor fit",
        "Other",
    ]
    assert Source.objects.get(name_key="chamber of commerce")


def test_what_was_deleted_or_renamed_does_not_come_back(workspace):
    Source.objects.get(name="Inbound").remove()
    stage = Stage.objects.get(name="Demo")
    stage.name = "Presentation"
    stage.save()
    # What happens at each start and update of the program, and when somebody else begins.
    call_command("migrate", verbosity=0)
    apps.get_app_config("crm").ready()
    other_item = create_workspace(User.objects.create_user("late@other.example"), "Late")
    assert names(Source) == ["Advertising", "Chamber of Commerce", "Referral"]
    assert names(Stage)[1] == "Presentation"
    with activate(other_item):
        assert names(Source) == ["Advertising", "Chamber of Commerce", "Inbound", "Referral"]


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_the_help_is_for_everybody_and_knows_every_starting_setting(sign_in, client, workspace, is_signed_in):
    if is_signed_in:
        sign_in(workspace, "reader")
    answer = client.get(HELP)
    assert answer.status_code == 200
    page = html.unescape(answer.content.decode())
    for model, entries in START:
        for name, *_ in entries:
            assert name in page, model
    for anchor in re.findall(r'href="#([\w-]+)"', page):
        assert f'id="{anchor}"' in page
    assert "6,000" in page, "the example's sum"


def test_first_steps_are_ticked_and_go_when_they_are_done(workspace, django_assert_num_queries):
    owner = Membership.objects.get().user
    owner.enter(Membership.of(owner)[0])
    with django_assert_num_queries(1):
        assert [step.is_done for step in steps(owner)] == [False] * 5
    factories.company()
    assert [step.text for step in steps(owner) if step.is_done] == ["Add your first company"]
    factories.person()
    Membership.objects.create(user=User.objects.create_user("colleague@acme.example"))
    stage = Stage.objects.first()
    stage.name = "First call"
    stage.save()
    assert [step.text for step in steps(owner) if not step.is_done] == ["Add an opportunity"]
    factories.opportunity()
    assert steps(owner) == []


def test_first_steps_are_those_one_may_take_and_not_for_a_workspace_at_work(sign_in, workspace):
    def of(role):
        user = sign_in(workspace, role).member.user
        user.enter(Membership.of(user)[0])
        return [step.text for step in steps(user)]

    assert of("reader") == []
    assert of("sales staff") == ["Add your first company", "Add a person", "Add an opportunity"]
    assert of("admin") == ["Invite your teammates", "Review your stages"]
    Opportunity.objects.bulk_create(
        Opportunity(name=f"Roof {n}", status=factories.status()) for n in range(11)
    )
    assert of("admin and sales staff") == []
    assert not Company.objects.exists()


def test_the_staff_page_is_on_the_settings_tab(sign_in, workspace):
    page = sign_in(workspace, "admin").get(reverse("crm:settings-staff"))
    assert page.status_code == 200
    assert "Olga Owner" in page.content.decode()
