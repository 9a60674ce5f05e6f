"""Category changes that changed nothing else: what is agreed before one of them goes on through it."""

from contextlib import contextmanager

from recurring.models import RevenueTerm

TRANSFER = RevenueTerm.Reason.TRANSFER.value


def terms_of(profile):
    """Its amounts that count, oldest first."""
    return RevenueTerm.objects.live().filter(profile=profile).order_by("from_date", "pk")


def pure_category_changes(profile):
    """{pk} of the category changes that have the very line of the amount before them."""
    pks, previous = set(), None
    for term in terms_of(profile):
        if previous and term.reason == TRANSFER and term.agreed == previous.agreed:
            pks.add(term.pk)
        previous = term
    return pks


@contextmanager
def skip_category_changes(profile):
    """Whatever becomes of the amounts meanwhile, the mere transfers have those that they follow then.

    Each that has to change is superseded by one of the same day, as any correction. An amount that was
    agreed anew later, or in a category change itself, stays; and so does what comes after it.
    Entered, it answers the set of the mere transfers, for an act that puts another row in the place of one.
    """
    transfers = pure_category_changes(profile)
    yield transfers
    previous = None
    for term in terms_of(profile) if transfers else ():
        if previous and term.pk in transfers and term.agreed != previous.agreed:
            term.supersede()
            values = {name: getattr(term, name) for name in ("from_date", "category_id", "reason", "note")}
            term = RevenueTerm.objects.create(profile=profile, **values, **previous.agreed)
        previous = term
