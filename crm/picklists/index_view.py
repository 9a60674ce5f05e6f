"""The Settings tab's first page."""

from dataclasses import dataclass

from django.db.models import CharField, Count, Value
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.viewsets import CONTACT_TYPES, REASONS, SETTINGS, SOURCES, STAGES, STATUSES, TAGS
from workspaces.models import Membership
from workspaces.permissions import permission_required

GROUPS = {
    _("Company"): [CONTACT_TYPES],
    _("Opportunities"): [STAGES, STATUSES, SOURCES, REASONS],
    _("Tags"): [TAGS],
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
        viewset.model.objects.active().order_by().values("workspace").annotate(number=Count("*"))
        for viewset in SETTINGS
    ]
    named_querysets = [
        rows.values_list(Value(viewset.route, CharField()), "number")
        for viewset, rows in zip(SETTINGS, querysets, strict=True)
    ]
    return dict(named_querysets[0].union(*named_querysets[1:], all=True))


def summary_of(viewset, number):
    noun = viewset.one if number == 1 else viewset.title.lower()
    return PicklistSummary(viewset.title, viewset.model.about, viewset.url("list"), number, noun)


@permission_required("crm.configure_settings")
def settings_index(request):
    counts = count_values()
    staff = Membership.objects.active().count()
    members = PicklistSummary(
        _("Members"),
        _("Add teammates and choose what they can do."),
        reverse("crm:settings-staff"),
        staff,
        ngettext("member", "members", staff),
    )
    groups = [
        (_("Sales Staff"), [members]),
        *(
            (title, [summary_of(viewset, counts.get(viewset.route, 0)) for viewset in viewsets])
            for title, viewsets in GROUPS.items()
        ),
    ]
    return render(request, "crm/picklists/index.html", {"groups": groups})
