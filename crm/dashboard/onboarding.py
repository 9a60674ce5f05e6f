"""The first things to do in a new workspace, ticked as they are done."""

from dataclasses import dataclass

from django.db.models import Exists
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Company, Opportunity, Person, Stage
from workspaces.models import Invitation, Membership, Workspace
from workspaces.tenancy.scope import active_workspace

AT_WORK = 10  # with more opportunities than that, nobody needs to be told how to begin


@dataclass(frozen=True)
class Step:
    """One thing to do: the words, where, and whether it is done."""

    text: str
    why: str
    url: str
    is_done: bool


def steps(user):
    """The steps that this member may take; none once all are done, or it is plain that work has begun."""
    other_members = Membership.objects.exclude(pk=user.membership.pk)
    workspace = Workspace.objects.filter(pk=active_workspace().pk).values_list(
        Exists(Invitation.objects.all()),
        Exists(other_members),
        Exists(Stage.objects.filter(version__gt=1)),
        Exists(Company.objects.all()),
        Exists(Person.objects.all()),
        Exists(Opportunity.objects.all()),
        Exists(Opportunity.objects.order_by()[AT_WORK : AT_WORK + 1]),
    )
    invited, has_others, has_own_stages, has_company, has_person, has_opportunity, is_at_work = (
        workspace.get()
    )
    all_steps = build_steps(
        has_colleagues=invited or has_others,
        # Somebody who sells by the stages that were there has found them good.
        has_stages=has_own_stages or has_opportunity,
        has_company=has_company,
        has_person=has_person,
        has_opportunity=has_opportunity,
    )
    mine = [step for permission, step in all_steps if user.has_perm(permission)]
    return [] if is_at_work or all(step.is_done for step in mine) else mine


def build_steps(*, has_colleagues, has_stages, has_company, has_person, has_opportunity):
    """Return [(permission, Step)] of all steps, in order."""
    return [
        (
            "crm.configure_stage",
            Step(
                _("Invite your teammates"),
                _("Add teammates and choose their roles."),
                reverse("crm:settings-staff"),
                has_colleagues,
            ),
        ),
        (
            "crm.configure_stage",
            Step(
                _("Review your stages"),
                _("Rename, add or reorder them to match your sales process."),
                reverse("crm:stage-list"),
                has_stages,
            ),
        ),
        (
            "crm.add_company",
            Step(
                _("Add your first company"),
                _("A customer or prospect."),
                reverse("crm:company-create"),
                has_company,
            ),
        ),
        (
            "crm.add_person",
            Step(_("Add a person"), _("Your contact there."), reverse("crm:person-create"), has_person),
        ),
        (
            "crm.add_opportunity",
            Step(
                _("Add an opportunity"),
                _("A deal you’re working on."),
                reverse("crm:opportunity-create"),
                has_opportunity,
            ),
        ),
    ]
