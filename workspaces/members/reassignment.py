"""Records of a member, and their reassignment to a teammate."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class AssignedRecords:
    """A kind of thing that members look after, and that somebody else can be given.

    The packages that have such things list them in the setting HAND_OVER, in the order
    in which they change hands.
    """

    name: str
    one: str
    many: str
    rows: Callable  # (member) -> the queryset of what is theirs
    give: Callable  # (queryset, the membership that gets it, or None for nobody)
    # Further ways than to one person or to nobody: {value: (label, what does it with the queryset)}
    ways: dict = field(default_factory=dict)

    def run_counts(self, number):
        """ "1 company", "1,200 companies"."""
        noun = self.one if number == 1 else self.many
        return _("%(number)s %(records)s") % {"number": f"{number:,}", "records": noun}


def all_assigned_records():
    """All kinds of work there are."""
    return [work for path in settings.HAND_OVER for work in import_string(path)]


def assigned_records_of(member):
    """[(work, how many of it)] that is the member's."""
    counts = [(work, work.rows(member).count()) for work in all_assigned_records()]
    return [(work, number) for work, number in counts if number]
