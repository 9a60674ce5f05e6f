from django.core.management.base import BaseCommand
from django.db import transaction

from crm.demo import workspaces
from crm.demo.fill import fill_workspace
from workspaces.models import User
from workspaces.tenancy.scope import activate


class Command(BaseCommand):
    """Makes the demo workspaces anew, and says how to sign in.

    An app above this one adds its part by a command of the same name that extends this one (`fill`), and by
    standing before `crm` in INSTALLED_APPS: of two commands with one name, Django takes the first app's.
    """

    help = "Make the demo workspaces anew. Others are not touched."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="only where there are no users yet")
        parser.add_argument(
            "--show-sign-ins", action="store_true", help="say how to sign in to the demo that is there"
        )

    def handle(self, *, if_empty, show_sign_ins, **options):
        if if_empty and User.objects.exists():
            if show_sign_ins:
                self.say(self.sign_ins())
            return
        with transaction.atomic():
            for room in workspaces.ROOMS:
                workspace = workspaces.create_demo(room)
                with activate(workspace):
                    self.fill(room)
            sign_ins = workspaces.set_passwords()
        self.say(sign_ins)

    def fill(self, room):
        """Fill the active workspace. Returns the random numbers to go on with."""
        return fill_workspace(room)

    def sign_ins(self):
        """Those to show at a start: with the known password, which goes when others can come here too."""
        accounts = workspaces.known_passwords()
        return accounts if workspaces.is_local() or not accounts else workspaces.set_passwords()

    def say(self, sign_ins):
        if not sign_ins and workspaces.sign_in_lines():
            self.stdout.write("The demo's passwords were shown when they were made. New ones: make demo")
        for description, email, password in sign_ins:
            self.stdout.write(f"{description}  {email}  {password}")
