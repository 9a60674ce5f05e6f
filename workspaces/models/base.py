"""Base classes of models that belong to a workspace."""

from django.db import models

from workspaces.audit.options import AuditOptions
from workspaces.models.workspace import Workspace
from workspaces.tenancy.scope import (
    WorkspaceManager,
    active_workspace_id,
    cached_for_workspace,
    default_workspace_id,
    forget_cached,
)


class WorkspaceQuerySet(models.QuerySet):
    """Rows of one workspace."""


class WorkspaceModel(models.Model):
    """A row that belongs to one workspace, and is only ever seen inside it.

    The wall is the manager (see scope.py). What it does not see: raw SQL; a query that
    starts at User or Workspace and joins into scoped rows (hence related_name="+" on keys
    that point out of the scope); a streamed answer, which outlives its request and must
    activate again; a cache key without the workspace's id. Unique constraints are always
    with `workspace`, never `unique=True`.
    """

    audited = AuditOptions()  # what the audit trail tells of its rows; None where another table's tell it

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, default=default_workspace_id, editable=False, related_name="+"
    )

    objects = WorkspaceManager.from_queryset(WorkspaceQuerySet)()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def validate_constraints(self, exclude=None):
        # Forms leave out what is not editable, `workspace` first of all, and Django skips a constraint
        # with a field left out: the duplicate would then surface as an IntegrityError.
        fixed = {field.name for field in self._meta.fields if not field.editable}
        super().validate_constraints(exclude=set(exclude or ()) - fixed)

    def get_last_changes(self, names):
        """Return {field name: (user id, actor, time)} of the last change of each, by the audit trail."""
        from workspaces.audit.models import AuditEntry  # needs this package

        return AuditEntry.objects.get_last_changes(self, names)


def bump_settings_version():
    """A row of a small kind was written: nobody goes on with the rows they have."""
    forget_cached()
    Workspace.objects.filter(pk=active_workspace_id()).bump_settings_version()


class ReferenceQuerySet(WorkspaceQuerySet):
    """Rows of a kind of which a workspace has few: they are read all at once, and then kept."""

    def all_by_id(self):
        """{pk: row} of the workspace, in order. Not to be changed by the caller: others have the same."""
        return cached_for_workspace(self.model, lambda: {row.pk: row for row in self.model.objects.all()})

    def written(self):
        """To be called where rows were written by other ways than these."""
        bump_settings_version()

    def bulk_create(self, *args, **options):
        records = super().bulk_create(*args, **options)
        self.written()
        return records

    def in_bulk(self, ids=None, **options):
        if ids is None or options:
            return super().in_bulk(ids, **options)
        records = self.all_by_id()
        return {pk: records[pk] for pk in ids if pk in records}

    def update(self, **values):
        number = super().update(**values)
        self.written()
        return number

    def delete(self):
        result = super().delete()
        self.written()
        return result
