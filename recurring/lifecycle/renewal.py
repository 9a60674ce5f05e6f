"""Renew a profile: what its term is followed by. Late within the grace period, it is dated back."""

import uuid

from django.utils.translation import gettext as _

from recurring.lifecycle.category_changes import skip_category_changes
from recurring.lifecycle.checks import format_day, history_of, live_rows, raise_refusal
from recurring.lifecycle.operations import operation, start_profile, write_term
from recurring.models import RevenueCategory, RevenueEnding, RevenueProfile, RevenueTerm
from recurring.mrr.calendar import ONE_DAY
from recurring.mrr.renewals import renewal_start, term_to_renew

# What a new agreement with the same client takes over from the one that is over.
TAKEN_OVER = (
    "company_id",
    "name",
    "description",
    "owner_id",
    "currency",
    "term_months",
    "renewal",
    "notice_days",
    "opportunity_id",
    "notes",
)


def renew_profile(profile, renewed_on, until=None, *, reason="", note="", submission=None, **line):
    """Renew it on a day, with a new fixed last day or none; the profile that goes on is answered.

    Up to 60 days after the term's end the new term counts from the day after it: no gap and no
    churn, and an ending that was recorded is undone. Later, one that is over stays over: the client
    comes back on the day of the renewal, with a profile of its own.
    """
    with operation(profile, "end"), skip_category_changes(profile):
        history = history_of(profile)
        over = term_to_renew(history, renewed_on)
        if over is None:
            raise_refusal(
                renewed_on=_("There is nothing to renew: no term ends, or the next one is already agreed.")
            )
        begin = renewal_start(over, renewed_on)
        if until and until < begin:
            sentence = _("The new term starts on %(date)s. Choose a day from then on.")
            raise_refusal(until=sentence % {"date": format_day(begin)})
        previous = history.term_on(over)
        category = RevenueCategory.objects.get(pk=previous.category if previous else profile.category_id)
        line |= {"note": note, "submission": submission or uuid.uuid4()}
        if history.last_day is not None and begin > over + ONE_DAY:
            return has_successor(profile, category, begin, until, **line)
        for ending in live_rows(RevenueEnding, profile):
            ending.supersede()
        profile.end = until
        term = RevenueTerm(profile=profile, from_date=begin, category=category, **line)
        term.reason = reason or RevenueTerm.Reason.RENEWAL.value
        write_term(profile, term, "renewed_on")
    return profile


def has_successor(profile, category, begin, until, **line):
    """A new profile in the place of one that is over."""
    taken_over = {name: getattr(profile, name) for name in TAKEN_OVER}
    successor = start_profile(RevenueProfile(start=begin, end=until, **taken_over), category, **line)
    successor.tags.set(profile.tags.all())
    return successor
