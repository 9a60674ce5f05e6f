from django.core.management.base import BaseCommand

from workspaces.accounts.first_run import build_announcement


class Command(BaseCommand):
    help = "Show the token that the first-run page asks for, while nobody has an account."

    def handle(self, **options):
        self.stdout.write(
            build_announcement() or "Somebody has an account already: there is no token any more."
        )
