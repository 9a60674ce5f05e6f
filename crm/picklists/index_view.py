"""The Settings tab's first page."""

from dataclasses import dataclass

from django.db.models import CharField, Count, Value
from django.shortcuts import render
from django.urls import reverse

from crm.viewsets import CONTACT_TYPES, REASONS, SETTINGS, SOURCES, STAGES, STATUSES, TAGS
from workspaces.models import Membership
from workspaces.permissions import permission_required

GROUPS = {
    "Company": [CONTACT_TYPES],
    "Opportunities": [STAGES, STATUSES, SOURCES, REASONS],
    "Tags": [TAGS],
}


@dataclass(frozen=True)
class PicklistSummary:
    """One line of the page: a kind, what it is for, how many entries it has."""

    title: str
    why: str
    url: str
    number: int
    noun: str


def count_values():
    """{route: number of entries offered}, of all kinds by one query."""
    querysets = [
        crud.model.objects.active().order_by().values("workspace").annotate(number=Count("*"))
        for crud in SETTINGS
    ]
    named_querysets = [
        rows.values_list(Value(crud.route, CharField()), "number")
        for crud, rows in zip(SETTINGS, querysets, strict=True)
    ]
    return dict(named_querysets[0].union(*named_querysets[1:], all=True))


def summary_of(crud, number):
    noun = crud.one if number == 1 else crud.title.lower()
    return PicklistSummary(crud.title, crud.model.about, crud.url("list"), number, noun)


@permission_required("crm.configure_settings")
def settings_index(request):
    counts = count_values()
    staff = Membership.objects.active().count()
    members = PicklistSummary(
        "Members",
        "Who is in this workspace, and what they may do.",
        reverse("crm:settings-staff"),
        staff,
        "member" if staff == 1 else "members",
    )
    groups = [
        ("Sales Staff", [members]),
        *(
            (title, [summary_of(crud, counts.get(crud.route, 0)) for crud in cruds])
            for title, cruds in GROUPS.items()
        ),
    ]
    return render(request, "crm/picklists/index.html", {"groups": groups})
