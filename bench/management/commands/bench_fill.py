import itertools
import multiprocessing
import os
import time
from collections import Counter, defaultdict

from django.conf import settings
from django.core.management import BaseCommand
from django.db import connection
from django.utils import translation

from bench.bulk import bulk, settle
from bench.scales import EMAIL, LARGEST, MEASURED, PASSWORD, SCALES
from bench.workspaces import BenchWorkspace, Revenue
from crm.models import Company
from workspaces.creation import create_workspace
from workspaces.models import Membership, User, Workspace
from workspaces.tenancy.scope import activate

PROCESSES = {"postgresql": os.cpu_count(), "sqlite": 1}  # concurrent writers
IDS = 100_000_000  # size of each writer's id range


class Command(BaseCommand):
    help = "Fill the database, just migrated and never used again, at a scale: S, M or L."

    def add_arguments(self, parser):
        parser.add_argument("scale", choices=SCALES)

    def handle(self, *, scale, **options):
        begun = time.monotonic()
        sizes = SCALES[scale].sizes()
        open_workspaces(sizes)
        shares = in_shares(sizes, PROCESSES[connection.vendor])
        connection.close()  # each process opens its own
        with multiprocessing.get_context("fork").Pool(len(shares)) as processes:
            work = [(place, share, SCALES[scale].profiles) for place, share in enumerate(shares)]
            counts = sum(processes.starmap(fill, work), Counter())
        settle(counts)
        for model, number in counts.items():
            self.stdout.write(f"{number:>11,} {model._meta.verbose_name_plural}")
        self.stdout.write(f"filled in {time.monotonic() - begun:.0f} s")


def open_workspaces(sizes):
    """Create all workspaces with their members and settings through the application's own code."""
    measurer = User.objects.create_user(EMAIL, PASSWORD, name="Bench Warmer")
    owner = User.objects.create_user("owner@socius.example", name="Olga Owner")
    colleagues = [User.objects.create_user(f"staff-{n}@socius.example", name=f"Staff {n}") for n in range(12)]
    for slug in sizes:
        is_measured = slug in MEASURED
        workspace = create_workspace(measurer if is_measured else owner, slug.title(), slug=slug)
        with activate(workspace, memo={}):
            for user in colleagues if is_measured else colleagues[:2]:
                Membership.objects.create(user=user)


def in_shares(sizes, number):
    """Split the sizes into `number` dicts of about equal row counts."""
    shares = [{} for _ in range(number)]
    for slug, size in sizes.items():
        min(shares, key=lambda share: sum(share.values()))[slug] = size
    return shares


def fill(place, share, profiles):
    """Write the rows of some of the workspaces. Return {model: row count}."""
    ids, counts = defaultdict(lambda: itertools.count(place * IDS + 1)), Counter()
    for rows in (rows_of, revenue_of):
        with bulk() as written, translation.override(settings.LANGUAGE_CODE):
            for row in rows(share, ids, profiles):
                written.add(row)
        counts += written.count
    return counts


def rows_of(share, ids, profiles):
    for slug, number in share.items():
        with activate(Workspace.objects.get(slug=slug), memo={}):
            yield from BenchWorkspace(ids, slug, number).rows()


def revenue_of(share, ids, profiles):
    """Write the revenue profiles of the largest workspace, whose companies exist by now."""
    if LARGEST in share:
        with activate(Workspace.objects.get(slug=LARGEST), memo={}):
            companies = Company.objects.order_by("pk")[:profiles]
            yield from Revenue(BenchWorkspace(ids, "revenue", 0), companies).rows()
