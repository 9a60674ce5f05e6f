from django.core.management.base import BaseCommand
from django.db import transaction

from workspaces.consistency import get_all_checks
from workspaces.models import Workspace
from workspaces.tenancy.scope import activate, lock_workspace_writes


class Command(BaseCommand):
    help = "Looks for data that contradicts itself, workspace by workspace, and with --repair corrects it."

    def add_arguments(self, parser):
        parser.add_argument(
            "--repair", action="store_true", help="correct what is wrong; nobody writes there meanwhile"
        )

    def handle(self, *args, repair, **options):
        checks, remaining = get_all_checks(), 0
        for workspace in Workspace.objects.order_by("pk"):
            with transaction.atomic(), activate(workspace):
                if repair:
                    lock_workspace_writes()
                for check in checks:
                    remaining += self.run(workspace, check, repair)
        if remaining:
            raise SystemExit(1)
        self.stdout.write("Nothing is wrong.")

    def run(self, workspace, check, repair):
        """Report one check of a workspace; return the number of mistakes that remain."""
        number = check.find()
        if not number:
            return 0
        repaired = check.repair() if repair else 0
        outcome = f", {repaired} repaired" if repair else ""
        self.stdout.write(f"{workspace.slug}: {check.name}: {number}{outcome}")
        return max(number - repaired, 0)
