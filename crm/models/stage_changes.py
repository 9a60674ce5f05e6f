"""History of the stages and statuses of opportunities."""

from django.db import models
from django.utils import timezone

from crm.models.picklists import Stage, Status
from workspaces.models import Membership, WorkspaceModel
from workspaces.tenancy.scope import active_member_id


class StageChange(WorkspaceModel):
    """A dated change of an opportunity's stage or status, and who made it."""

    FIELDS = {"stage": Stage, "status": Status}
    audited = None  # the opportunity's own changes say the same

    opportunity = models.ForeignKey("crm.Opportunity", models.CASCADE, related_name="changes")
    field = models.CharField(max_length=10, choices=[(name, name.capitalize()) for name in FIELDS])
    # The ids are for reports and are no keys: a merged stage goes, its history stays. Names are as they were.
    from_id = models.BigIntegerField(null=True)
    to_id = models.BigIntegerField(null=True)
    from_name = models.CharField(max_length=60, blank=True)
    to_name = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Membership, models.PROTECT, null=True, default=active_member_id, related_name="+")

    class Meta(WorkspaceModel.Meta):
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.get_field_display()}: {self.from_name or '—'} → {self.to_name or '—'}"

    @classmethod
    def record(cls, opportunity):
        """Write down what the opportunity's last save changed of its stage and status."""
        steps = []
        for name, model in cls.FIELDS.items():
            if f"{name}_id" not in opportunity.changed:
                continue
            old_id, new_id = opportunity.changed[f"{name}_id"]
            names = {pk: str(row) for pk, row in model.objects.all_by_id().items()}
            labels = {"from_name": names.get(old_id, ""), "to_name": names.get(new_id, "")}
            steps.append(cls(opportunity=opportunity, field=name, from_id=old_id, to_id=new_id, **labels))
        cls.objects.bulk_create(steps)

    @classmethod
    def record_many(cls, pks, field, old, new):
        """Write down that all these opportunities went from one stage or status to another."""
        step = {
            "field": field,
            "from_id": old.pk,
            "to_id": new.pk,
            "from_name": old.name,
            "to_name": new.name,
            "at": timezone.now(),
        }
        cls.objects.bulk_create(cls(opportunity_id=pk, **step) for pk in pks)
