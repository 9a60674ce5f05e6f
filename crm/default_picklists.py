"""What a new workspace begins with: once, so that what is deleted does not come back."""

from django.dispatch import receiver

from crm.models import ContactType, LossReason, Source, Stage, Status
from workspaces.signals import workspace_created

Kind = Status.Kind
START = [
    (ContactType, [("Current Customer", "green"), ("Potential Customer", "blue"), ("Lead", "cyan")]),
    (
        Stage,
        [
            ("Qualification", "gray", {"win_percent": 10}),
            ("Demo", "cyan", {"win_percent": 25}),
            ("Proposal", "blue", {"win_percent": 50}),
            ("Negotiation", "purple", {"win_percent": 70}),
            ("Ready to close", "teal", {"win_percent": 90}),
        ],
    ),
    (
        Status,
        [
            ("Open", "blue", {"kind": Kind.OPEN}),
            ("Won", "green", {"kind": Kind.WON}),
            ("Lost", "red", {"kind": Kind.LOST}),
            ("Abandoned", "gray", {"kind": Kind.ABANDONED}),
        ],
    ),
    (
        Source,
        [
            ("Advertising", "orange"),
            ("Chamber of Commerce", "purple"),
            ("Inbound", "blue"),
            ("Referral", "green"),
        ],
    ),
    (
        LossReason,
        [
            ("Competitor", "red"),
            ("Price", "orange"),
            ("Budget", "yellow"),
            ("Timing", "cyan"),
            ("No response", "gray"),
            ("Poor fit", "purple"),
            ("Other", "gray"),
        ],
    ),
]


def default_values():
    """{model: [row, not saved]}: what there is at first, for the help page too."""
    return {
        model: [
            model(name=name, color=color, position=place, **(options[0] if options else {}))
            for place, (name, color, *options) in enumerate(entries, 1)
        ]
        for model, entries in START
    }


@receiver(workspace_created)
def create_default_picklists(workspace, **signal):
    for model, rows in default_values().items():
        model.objects.bulk_create(rows)
