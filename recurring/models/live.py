"""Rows that count until they are superseded."""

from django.db import models

from crm.unchanged import OTHERS, Told, records_changed
from workspaces.models import WorkspaceModel, WorkspaceQuerySet
from workspaces.scope import WorkspaceManager


class LiveQuerySet(Told, WorkspaceQuerySet):
    def live(self):
        """Those that count: not superseded, not undone."""
        return self.filter(superseded_at=None)


class Live(WorkspaceModel):
    """What figures are reckoned from: those that are kept are made anew when one is written."""

    parts = (OTHERS,)

    superseded_at = models.DateTimeField(null=True, editable=False)

    objects = WorkspaceManager.from_queryset(LiveQuerySet)()

    class Meta(WorkspaceModel.Meta):
        abstract = True

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        records_changed(self.parts)
