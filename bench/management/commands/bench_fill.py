import itertools
import time
from collections import defaultdict

from django.conf import settings
from django.core.management import BaseCommand
from django.utils import translation

from bench.bulk import bulk
from bench.rooms import Revenue, Room
from bench.scales import EMAIL, LARGEST, MEASURED, PASSWORD, SCALES
from crm.models import Company
from workspaces.models import Membership, User, Workspace
from workspaces.scope import activate
from workspaces.start import create_workspace


class Command(BaseCommand):
    help = "Fill the database, just migrated and never used again, at a scale: S, M or L."

    def add_arguments(self, parser):
        parser.add_argument("scale", choices=SCALES)

    def handle(self, *, scale, **options):
        begun = time.monotonic()
        for rows in (rows_of, revenue_of):
            with bulk() as written, translation.override(settings.LANGUAGE_CODE):
                for row in rows(SCALES[scale]):
                    written.add(row)
            for model, number in written.count.items():
                self.stdout.write(f"{number:>11,} {model._meta.verbose_name_plural}")
        self.stdout.write(f"filled in {time.monotonic() - begun:.0f} s")


def rows_of(scale):
    """Every row of the scale but workspaces and their settings, which the application makes."""
    measurer = User.objects.create_user(EMAIL, PASSWORD, name="Bench Warmer")
    owner = User.objects.create_user("owner@socius.example", name="Olga Owner")
    colleagues = [User.objects.create_user(f"staff-{n}@socius.example", name=f"Staff {n}") for n in range(12)]
    ids = defaultdict(lambda: itertools.count(1))
    for seed, (slug, number) in enumerate(scale.sizes().items()):
        is_measured = slug in MEASURED
        workspace = create_workspace(measurer if is_measured else owner, slug.title(), slug=slug)
        with activate(workspace, memo={}):
            for user in colleagues if is_measured else colleagues[:2]:
                Membership.objects.create(user=user)
            yield from Room(ids, seed, number).rows()


def revenue_of(scale):
    """The revenue profiles of the largest workspace, whose companies are there by now."""
    ids = defaultdict(lambda: itertools.count(1))
    with activate(Workspace.objects.get(slug=LARGEST), memo={}):
        companies = Company.objects.order_by("pk")[: scale.profiles]
        yield from Revenue(Room(ids, "revenue", 0), companies).rows()
