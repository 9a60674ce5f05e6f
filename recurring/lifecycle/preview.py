"""What an act does to the months: tried for real, compared, and taken back."""

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from recurring.lifecycle.category_changes import terms_of
from recurring.lifecycle.checks import history_of
from recurring.models import RevenueCategory
from recurring.mrr import profiles as profiles_module
from recurring.mrr.calendar import month_end, month_of, months_after, months_between
from workspaces.tenancy.scope import forget_cached

MOST = 12  # months that are listed one by one


@dataclass(frozen=True)
class ChangedMonth:
    """What a profile is worth at a month-end, before and after."""

    month: datetime.date
    before: Decimal
    after: Decimal
    category_before: object
    category_after: object
    is_over: bool

    @property
    def difference(self):
        return self.after - self.before


@dataclass(frozen=True)
class Preview:
    """The months that an act changes."""

    months: list
    goes_on: bool  # whether it stays like the last one from there on
    carried: tuple = ()  # the days of category changes that the amount goes on through

    @property
    def listed(self):
        return self.months[:MOST]

    @property
    def number_over(self):
        return sum(month.is_over for month in self.months)

    @property
    def rest(self):
        return len(self.months) - len(self.listed)


class RolledBack(Exception):
    """Ends the trial."""


def preview(form, today):
    """The Preview of a form's act; ValidationError as the act raises it."""
    histories_before, histories_after, submission = [history_of(form.profile)], None, uuid.uuid4()
    try:
        with transaction.atomic():
            earlier_pks = set(terms_of(form.profile).values_list("pk", flat=True))
            goes_on = form.act(submission) or form.profile
            written = terms_of(form.profile).exclude(pk__in=earlier_pks).exclude(submission=submission)
            carried = tuple(written.values_list("from_date", flat=True))
            histories_after = [history_of(profile) for profile in dict.fromkeys((form.profile, goes_on))]
            names = dict(RevenueCategory.objects.values_list("pk", "name"))
            raise RolledBack
    except RolledBack:
        forget_cached()
    return compare_months(histories_before, histories_after, names, today, carried)


def compare_months(histories_before, histories_after, names, today, carried=()):
    """The months in which what was differs from what is, up to a month after the last thing in either.

    Either is the history of a profile, and of the one that goes on in its place, if there is one.
    """
    turns = {day for history in (*histories_before, *histories_after) for day in change_days(history)}
    last = months_after(month_of(max([*turns, today])), 1)
    months = []
    for month in months_between(min(turns), last):
        end = month_end(month)
        worth = (
            profiles_module.total_mrr(histories_before, end),
            profiles_module.total_mrr(histories_after, end),
        )
        places = category_on(histories_before, end, names), category_on(histories_after, end, names)
        if worth[0] != worth[1] or (places[0] != places[1] and any(worth)):
            months.append(ChangedMonth(month, *worth, *places, is_over=end < today))
    return Preview(months, bool(months) and months[-1].month == month_of(last), carried)


def change_days(history):
    yield history.start
    yield from (term.from_date for term in history.live_terms)
    for pause in history.pauses:
        yield from filter(None, (pause.from_date, pause.to_date))
    if history.last_day:
        yield history.last_day


def category_on(profiles, day, names):
    terms = [term for term in (profile.term_on(day) for profile in profiles) if term]
    return names.get(terms[-1].category, "") if terms else ""
