"""Checks of what revenue profiles repeat of their histories."""

from workspaces.consistency import Check, batches
from workspaces.tenancy.scope import active_workspace

from .models import RevenueProfile, RevenueTerm

SNAPSHOT = ("mrr", "category_id", "state", "stands_until")


def get_recurring_checks():
    """Return the checks of the snapshots of today, and of each amount's worth per month."""
    return [
        Check("revenue profiles whose snapshot of today is outdated", find_snapshots, repair_snapshots),
        Check("amounts whose worth per month is outdated", find_amounts, repair_amounts),
    ]


def stale_snapshots():
    """Yield lists of ids of the profiles that say something else of today than their history does.

    Those for which a day has come since are no mistake: the pages that show them renew them.
    """
    today = active_workspace().today()
    for rows in batches(RevenueProfile.with_trash):
        current = [row for row in rows if row.stands_until is None or row.stands_until >= today]
        histories = RevenueProfile.with_trash.filter(pk__in=[row.pk for row in current]).histories()
        yield [row.pk for row in current if is_stale(row, histories[row.pk], today)]


def is_stale(row, history, today):
    stored = [getattr(row, name) for name in SNAPSHOT]
    row.stand(history, today)
    return stored != [getattr(row, name) for name in SNAPSHOT]


def find_snapshots():
    return sum(map(len, stale_snapshots()))


def repair_snapshots():
    number = 0
    for pks in stale_snapshots():
        RevenueProfile.with_trash.filter(pk__in=pks).renew_standing()
        number += len(pks)
    return number


def stale_amounts():
    for rows in batches(RevenueTerm.objects):
        yield [row for row in rows if row.monthly != row.normalize()]


def find_amounts():
    return sum(map(len, stale_amounts()))


def repair_amounts():
    number = 0
    for rows in stale_amounts():
        for row in rows:
            row.save(update_fields=["monthly"])
        number += len(rows)
    return number
