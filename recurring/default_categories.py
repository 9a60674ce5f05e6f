"""What a new workspace begins with: once, so that what is deleted does not come back."""

from django.dispatch import receiver

from recurring.models import RevenueCategory
from workspaces.signals import workspace_created

START = [
    ("Support", "blue"),
    ("Hosting", "orange"),
    ("Licenses", "teal"),
    ("Maintenance", "pink"),
    ("Other", "gray"),
]


@receiver(workspace_created)
def create_default_categories(workspace, **signal):
    RevenueCategory.objects.bulk_create(
        RevenueCategory(name=name, color=color, position=place)
        for place, (name, color) in enumerate(START, 1)
    )
