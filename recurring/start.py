"""What a new workspace begins with: once, so that what is deleted does not come back."""

from django.dispatch import receiver

from workspaces.signals import workspace_created

from .models import RevenueCategory

START = [
    ("Support", "blue"),
    ("Hosting", "orange"),
    ("Licenses", "teal"),
    ("Maintenance", "pink"),
    ("Other", "gray"),
]


@receiver(workspace_created)
def fill(workspace, **signal):
    RevenueCategory.objects.bulk_create(
        RevenueCategory(name=name, color=color, position=place)
        for place, (name, color) in enumerate(START, 1)
    )
