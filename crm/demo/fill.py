"""Everything that is in one workspace of the demo."""

import datetime
import random as randomness
import zoneinfo

from django.utils import timezone

from crm.demo.contacts import create_companies, create_people
from crm.demo.timestamps import Timestamps
from crm.models import Company, Opportunity, Person, Source, Stage, Status, Trashed
from workspaces.models import Membership
from workspaces.tenancy.scope import activate, active_workspace

from .opportunities import opportunities


def fill_workspace(room):
    """Fill the active workspace with what the room says; the random numbers, for who adds more to it."""
    random = randomness.Random(room.seed)  # noqa: S311 - the same everywhere is what it is for
    zone = zoneinfo.ZoneInfo(active_workspace().time_zone)
    moments = Timestamps(random, timezone.now(), zone)
    more_settings()
    firms = create_companies(random, room.companies, moments)
    create_people(random, room.people, firms, moments)
    opportunities(random, room.opportunities, firms, moments)
    for model in (Company, Person, Opportunity):
        model.objects.all().refresh_search_text()
    fill_trash(moments)
    return random


def more_settings():
    """What this firm has set up beyond the start, some of it retired since: on old records only."""
    Status.objects.create(name="On hold", kind=Status.Kind.OPEN, color="yellow")
    Source.objects.create(name="Website", color="teal")
    Source.objects.create(name="Trade fair", color="gray", is_retired=True)
    pilot = Stage.objects.create(name="Pilot", win_percent=60, color="yellow", is_retired=True)
    first = [pk for pk in Stage.objects.values_list("pk", flat=True) if pk != pilot.pk]
    Stage.objects.put_in_order([*first[:3], pilot.pk, *first[3:]])


def fill_trash(moments):
    """Some deleted rows, as a member deleted them in the last weeks."""
    member = Membership.objects.sales_staff().order_by("pk").first()
    with activate(active_workspace(), member):
        for model, number in [(Person, 4), (Opportunity, 5), (Company, 3)]:
            chosen = model.objects.order_by("created_at", "pk")[20 : 20 + number]
            model.objects.filter(pk__in=[row.pk for row in chosen]).delete()
    for days, entry in enumerate(Trashed.objects.order_by("-pk"), 1):
        entry.deleted_at = moments.ago(days * 2) - datetime.timedelta(minutes=days)
        entry.save(update_fields=["deleted_at"])
        entry.model.trash.filter(pk=entry.row_id).update(deleted_at=entry.deleted_at)
