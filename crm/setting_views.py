"""The Settings tab's first page."""

from dataclasses import dataclass

from django.db.models import CharField, Count, Value
from django.shortcuts import render
from django.urls import reverse

from workspaces.models import Membership
from workspaces.roles import needs

from .cruds import CONTACT_TYPES, REASONS, SETTINGS, SOURCES, STAGES, STATUSES, TAGS

GROUPS = {
    "Company": [CONTACT_TYPES],
    "Opportunities": [STAGES, STATUSES, SOURCES, REASONS],
    "Tags": [TAGS],
}


@dataclass(frozen=True)
class Entry:
    """One line of the page: a kind, what it is for, how many entries it has."""

    title: str
    why: str
    url: str
    number: int
    noun: str


def numbers():
    """{route: number of entries offered}, of all kinds by one query."""
    each = [
        crud.model.objects.offered().order_by().values("workspace").annotate(number=Count("*"))
        for crud in SETTINGS
    ]
    named = [
        rows.values_list(Value(crud.route, CharField()), "number")
        for crud, rows in zip(SETTINGS, each, strict=True)
    ]
    return dict(named[0].union(*named[1:], all=True))


def of_kind(crud, number):
    noun = crud.one if number == 1 else crud.title.lower()
    return Entry(crud.title, crud.model.about, crud.url("list"), number, noun)


@needs("crm.configure_settings")
def home(request):
    found = numbers()
    staff = Membership.objects.active().count()
    members = Entry(
        "Members",
        "Who is in this workspace, and what they may do.",
        reverse("crm:settings-staff"),
        staff,
        "member" if staff == 1 else "members",
    )
    groups = [
        ("Sales Staff", [members]),
        *(
            (title, [of_kind(crud, found.get(crud.route, 0)) for crud in cruds])
            for title, cruds in GROUPS.items()
        ),
    ]
    return render(request, "crm/settings.html", {"groups": groups})
