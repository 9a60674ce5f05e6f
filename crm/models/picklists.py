"""The picklists of the CRM: contact types, stages, statuses, sources and loss reasons."""

from django.core.validators import MaxValueValidator
from django.db import models

from crm.models.picklist_value import PicklistValue


class ContactType(PicklistValue):
    """What a company is to the workspace."""

    about = "What a company is to you: somebody who buys, who might, or who asked."


class Stage(PicklistValue):
    """How far a sale has come: a step of the workspace's own way of selling."""

    about = "How far a sale has come, step by step."
    required_values = {"At least one stage must remain: opportunities need somewhere to be.": {}}

    win_percent = models.PositiveSmallIntegerField(
        "win %",
        default=0,
        validators=[MaxValueValidator(100)],
        help_text="How likely an opportunity in this stage is to be won; proposed when one comes here.",
    )


class Status(PicklistValue):
    """How a sale stands. What the program does with it, its kind says; the name is only for people."""

    class Kind(models.TextChoices):
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"
        ABANDONED = "abandoned", "Abandoned"

        @property
        def is_closed(self):
            return self is not Status.Kind.OPEN

        @property
        def wants_reason(self):
            return self in (Status.Kind.LOST, Status.Kind.ABANDONED)

    about = "How a sale stands. Figures go by its kind (open, won, lost, abandoned); the name is yours."
    traced_field = "kind"
    required_values = {
        "At least one status of kind open must remain: new opportunities begin with it.": {"kind": Kind.OPEN},
        "At least one status of kind won must remain: total sales count what has it.": {"kind": Kind.WON},
    }

    kind = models.CharField(
        max_length=10,
        choices=Kind,
        default=Kind.OPEN,
        help_text="What figures, colors and the close date go by; the name is yours to choose.",
    )

    class Meta(PicklistValue.Meta):
        verbose_name_plural = "statuses"

    @classmethod
    def ids_of(cls, *kinds):
        """The ids of the statuses of these kinds."""
        return [pk for pk, status in cls.objects.all_by_id().items() if status.kind in kinds]


class Source(PicklistValue):
    """Where an opportunity came from."""

    about = "Where an opportunity came from: what to do more of."


class LossReason(PicklistValue):
    """Why an opportunity was not won."""

    about = "Why an opportunity was lost or abandoned: what to do better."
