from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from workspaces.audit.receivers import factor_taken_away
from workspaces.models import User


class Command(BaseCommand):
    """For somebody who lost their phone and their recovery codes: be sure it is them who asks."""

    help = "Take away somebody's second factor, so that the password alone signs them in."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise CommandError(f"Nobody has the address {email}.")
        number, _ = Authenticator.objects.filter(user=user).delete()
        if number:
            factor_taken_away(user)
        self.stdout.write(f"{email} {'has no second factor now' if number else 'had no second factor'}.")
