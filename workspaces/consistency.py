"""Checks of a workspace's data that no constraint of the database can make, and their repairs.

The packages that have such data list their checks in the setting DATA_CHECKS (see manage.py check_data).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

BATCH_SIZE = 1000


@dataclass(frozen=True)
class Check:
    """One kind of mistake in the active workspace.

    `find` returns the number of mistakes; `repair` corrects them and returns how many it could correct.
    """

    name: str
    find: Callable[[], int]
    repair: Callable[[], int]


def get_all_checks():
    """Return the checks of all packages, in the order in which they repair."""
    return [check for path in settings.DATA_CHECKS for check in import_string(path)()]


def batches(queryset):
    """Yield lists of the queryset's rows by primary key, so that no list grows with the table."""
    last = 0
    while rows := list(queryset.filter(pk__gt=last).order_by("pk")[:BATCH_SIZE]):
        yield rows
        last = rows[-1].pk
