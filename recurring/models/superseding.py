"""Rows that count until they are superseded."""

from django.db import models

from crm.report_cache import OTHERS, InvalidatesReportCache, invalidate_reports
from workspaces.models import WorkspaceModel, WorkspaceQuerySet
from workspaces.tenancy.scope import WorkspaceManager


class SupersedableQuerySet(InvalidatesReportCache, WorkspaceQuerySet):
    def live(self):
        """Those that count: not superseded, not undone."""
        return self.filter(superseded_at=None)


class Supersedable(WorkspaceModel):
    """What figures are reckoned from: those that are kept are made anew when one is written."""

    parts = (OTHERS,)

    superseded_at = models.DateTimeField(null=True, editable=False)

    objects = WorkspaceManager.from_queryset(SupersedableQuerySet)()

    class Meta(WorkspaceModel.Meta):
        abstract = True

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        invalidate_reports(self.parts)
