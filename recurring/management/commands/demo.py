from crm.management.commands import demo
from recurring.demo import fill


class Command(demo.Command):
    """The CRM's demo, and what its clients pay again and again."""

    def fill(self, room):
        random = super().fill(room)
        fill(random, room)
        return random
