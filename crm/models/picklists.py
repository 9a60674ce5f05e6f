"""The picklists of the CRM: contact types, stages, statuses, sources and loss reasons."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.picklist_value import PicklistValue


class ContactType(PicklistValue):
    """What a company is to the workspace."""

    about = _("Categories for companies, such as current or potential customers.")


class Stage(PicklistValue):
    """How far a sale has come: a step of the workspace's own way of selling."""

    about = _("The steps an opportunity goes through before it closes.")
    required_values = {_("You need at least one stage."): {}}

    win_percent = models.PositiveSmallIntegerField(
        _("win %"),
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_("Chance of winning an opportunity in this stage. New ones start with it."),
    )


class Status(PicklistValue):
    """How a sale stands. What the program does with it, its kind says; the name is only for people."""

    class Kind(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")
        ABANDONED = "abandoned", _("Abandoned")

        @property
        def is_closed(self):
            return self is not Status.Kind.OPEN

        @property
        def wants_reason(self):
            return self in (Status.Kind.LOST, Status.Kind.ABANDONED)

    about = _(
        "The outcome of an opportunity. Reports use the type (open, won, lost, abandoned); "
        "you choose the name."
    )
    traced_field = "kind"
    required_values = {
        _("You need at least one status of type open: new opportunities start with it."): {"kind": Kind.OPEN},
        _("You need at least one status of type won: total sales count it."): {"kind": Kind.WON},
    }

    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=Kind,
        default=Kind.OPEN,
        help_text=_("Reports, colors and the close date depend on it."),
    )

    class Meta(PicklistValue.Meta):
        verbose_name_plural = "statuses"

    @classmethod
    def ids_of(cls, *kinds):
        """The ids of the statuses of these kinds."""
        return [pk for pk, status in cls.objects.all_by_id().items() if status.kind in kinds]


class Source(PicklistValue):
    """Where an opportunity came from."""

    about = _("Where your leads come from.")


class LossReason(PicklistValue):
    """Why an opportunity was not won."""

    about = _("Why opportunities are lost or abandoned.")
