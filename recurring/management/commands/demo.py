from crm.management.commands import demo
from recurring.demo import fill_demo


class Command(demo.Command):
    """The CRM's demo, and what its clients pay again and again."""

    def fill(self, room):
        random = super().fill(room)
        fill_demo(random, room)
        return random
