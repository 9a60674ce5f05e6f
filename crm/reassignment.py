"""What a member leaves behind: their companies and open opportunities go to somebody else.

Closed opportunities stay theirs: it was they who won or lost them.
"""

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Company, Opportunity, Status
from workspaces.members.reassignment import AssignedRecords
from workspaces.models import Membership
from workspaces.tenancy.scope import active_member_id


def companies_of(member):
    return Company.objects.filter(assignee=member)


def open_opportunities_of(member):
    return Opportunity.objects.of_kind(Status.Kind.OPEN).filter(assignee=member)


def reassign_records(rows, assignee):
    """Put the rows in the hands of `assignee`: a membership, None for nobody, or a subquery."""
    rows.update(
        assignee=assignee, version=F("version") + 1, updated_at=timezone.now(), updated_by=active_member_id()
    )


def reassign_to_company_assignees(opportunities):
    """To who looks after the company, if that is somebody who can; to nobody where it is not."""
    looked_after = Company.objects.filter(
        pk=OuterRef("company_id"), assignee__in=Membership.objects.sales_staff()
    ).exclude(assignee=OuterRef("assignee_id"))
    reassign_records(opportunities, Subquery(looked_after.values("assignee")[:1]))


WORK = [
    AssignedRecords("companies", _("company"), _("companies"), companies_of, reassign_records),
    AssignedRecords(
        "opportunities",
        _("open opportunity"),
        _("open opportunities"),
        open_opportunities_of,
        reassign_records,
        ways={"company": (_("The assignee of their company"), reassign_to_company_assignees)},
    ),
]
