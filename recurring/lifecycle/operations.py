"""What can be done to a revenue profile. Each act checks, writes dated rows, and overwrites none.

An act that can't be raises ValidationError({field: sentence}) and has written nothing. Whoever acts brings
the profile with the version they have seen: over somebody else's act in between, it raises Conflict.
`submission` is the key of the form: what was done under it is not done again.
"""

import datetime
import hashlib
import uuid
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from recurring.lifecycle.category_changes import skip_category_changes
from recurring.lifecycle.checks import (
    check_day,
    check_ending,
    check_line,
    check_not_ended,
    check_pause,
    format_day,
    history_of,
    live_rows,
    raise_refusal,
)
from recurring.models import RevenueEnding, RevenuePause, RevenueProfile, RevenueTerm
from recurring.models.terms import LINE
from recurring.mrr.calendar import ONE_DAY
from workspaces.tenancy.scope import active_workspace, lock_workspace_writes

EARLIEST, LATEST = datetime.date(1970, 1, 1), datetime.date(2100, 12, 31)


@contextmanager
def operation(profile, *fields):
    """One act as a whole: the profile is locked, its version counted, and what it says of today renewed.

    `fields` are those of its own that the act changes.
    """
    with transaction.atomic():
        lock_workspace_writes()
        RevenueProfile.objects.select_for_update(no_key=True).get(pk=profile.pk)
        yield
        profile.save(update_fields=fields)
        profile.renew_standing()


def basis_of(profile):
    """Digest of what an operation on a profile rests on: its client, currency, days, renewal and dated rows.

    Two versions of a profile with one basis differ only in what no operation looks at, such as its notes.
    """
    fields = "company_id", "currency", "start", "end", "term_months", "renewal"
    basis = [str(getattr(profile, name)) for name in fields]
    basis += live_rows(RevenueTerm, profile).order_by("pk").values_list("pk", "category_id")
    for model in (RevenuePause, RevenueEnding):
        basis += live_rows(model, profile).order_by("pk").values_list("pk")
    return hashlib.sha256(repr(basis).encode()).hexdigest()[:32]


def start_profile(profile, category, *, submission=None, **line):
    """Save a new profile, with the amount that it begins with."""
    with transaction.atomic():
        lock_workspace_writes()
        profile.category = category
        profile.save()
        term = RevenueTerm(
            profile=profile,
            from_date=profile.start,
            category=category,
            reason=RevenueTerm.Reason.NEW.value,
            **line,
        )
        term.submission = submission or uuid.uuid4()
        check_line(term)
        term.save()
        profile.renew_standing()
    return profile


def set_term(profile, term, field="from_date"):
    """Write a dated amount: one a day, within the service."""
    check_day(profile, field, term.from_date)
    write_term(profile, term, field)


def write_term(profile, term, field):
    if live_rows(RevenueTerm, profile).filter(from_date=term.from_date).exists():
        raise_refusal(
            **{
                field: _("There is already an amount from %(date)s. Edit that one.")
                % {"date": format_day(term.from_date)}
            }
        )
    check_line(term)
    term.save()


def change_amount(profile, from_date, *, reason="", note="", submission=None, **line):
    """From a day on, another amount; the category stays."""
    with operation(profile), skip_category_changes(profile):
        check_day(profile, "from_date", from_date)
        previous = history_of(profile).term_on(from_date)
        term = RevenueTerm(
            profile=profile,
            from_date=from_date,
            category_id=previous.category if previous else profile.category_id,
            reason=reason,
            note=note,
            submission=submission or uuid.uuid4(),
            **line,
        )
        if previous and all(getattr(previous, name) == getattr(term, name) for name in LINE):
            sentence = _("This is already the amount, since %(date)s.")
            raise_refusal(amount=sentence % {"date": format_day(previous.from_date)})
        set_term(profile, term)
    return term


def change_category(profile, from_date, category, *, note="", submission=None):
    """From a day on, another category; the amount stays."""
    with operation(profile):
        check_day(profile, "from_date", from_date)
        previous = history_of(profile).term_on(from_date)
        if previous is None:
            raise_refusal(from_date=_("No amount is agreed for that day yet."))
        if previous.category == category.pk:
            sentence = _("It is already in %(category)s, since %(date)s.")
            raise_refusal(category=sentence % {"category": category, "date": format_day(previous.from_date)})
        line = {name: getattr(previous, name) for name in LINE}
        term = RevenueTerm(
            profile=profile,
            from_date=from_date,
            category=category,
            reason=RevenueTerm.Reason.TRANSFER.value,
            note=note,
            submission=submission or uuid.uuid4(),
            **line,
        )
        set_term(profile, term)
    return term


def pause(profile, from_date, to_date=None, *, reason="", note="", submission=None):
    """From a day on, until another or until it is resumed, nothing is paid; the client is kept."""
    with operation(profile):
        row = RevenuePause(profile=profile, from_date=from_date, to_date=to_date, reason=reason, note=note)
        row.submission = submission or uuid.uuid4()
        check_not_ended(profile, "from_date")
        check_pause(profile, row)
        row.save()
    return row


def find_resumable_pause(profile):
    """The pause that can be resumed, or cancelled if it is only planned; None if there is none."""
    if history_of(profile).has_ended(active_workspace().today()):
        return None
    return first_open_ended(live_rows(RevenuePause, profile))


def first_open_ended(pauses):
    """The first of some live pauses that has no end, or not yet: the one that is on before those planned."""
    today = active_workspace().today()
    rows = [row for row in pauses if row.to_date is None or row.to_date >= today]
    return min(rows, key=lambda row: row.from_date, default=None)


def is_planned(pause):
    return pause.from_date > active_workspace().today()


def resume(profile, day, *, note="", submission=None):
    """Have a pause end the day before; resumed on its first day, it has not been."""
    with operation(profile):
        check_not_ended(profile, "from_date")
        row = find_resumable_pause(profile)
        if row is None:
            raise_refusal(from_date=_("It isn’t paused."))
        last = history_of(profile).last_day
        if day < row.from_date:
            sentence = _("The pause only starts on %(date)s.")
            raise_refusal(from_date=sentence % {"date": format_day(row.from_date)})
        if row.to_date and day > row.to_date:
            sentence = _("The pause already ends on %(date)s.")
            raise_refusal(from_date=sentence % {"date": format_day(row.to_date)})
        if last and day > last:
            sentence = _("It ends on %(date)s. Undo that first or choose an earlier day.")
            raise_refusal(from_date=sentence % {"date": format_day(last)})
        row.supersede()
        if day > row.from_date:
            RevenuePause.objects.create(
                profile=profile,
                from_date=row.from_date,
                to_date=day - ONE_DAY,
                reason=row.reason,
                note=note or row.note,
                submission=submission or uuid.uuid4(),
            )


def end(profile, last_day, *, notice_date=None, kind="", reason="", note="", submission=None):
    """Have it end: `last_day` is the last one of service."""
    with operation(profile):
        if existing := live_rows(RevenueEnding, profile).first():
            sentence = _("It already ends on %(date)s. Undo or edit that.")
            raise_refusal(end=sentence % {"date": format_day(existing.end)})
        row = RevenueEnding(profile=profile, end=last_day, notice_date=notice_date, reason=reason, note=note)
        row.kind = kind or RevenueEnding.Kind.CLIENT.value
        row.submission = submission or uuid.uuid4()
        check_ending(profile, row)
        row.save()
    return row


def undo_ending(profile):
    """Take the ending back: the churn it made is gone, as if it had never been recorded."""
    with operation(profile):
        row = live_rows(RevenueEnding, profile).first()
        if row is None:
            raise ValidationError(_("There is no ending to undo."))
        row.supersede()
    return row


def correct(row, *, submission=None, **changes):
    """Put another row in the place of this one, which stays to be looked back at."""
    profile = row.profile
    with operation(profile), skip_category_changes(profile) as transfers:
        supersede_once(row)
        fresh = type(row)(
            **{
                field.attname: getattr(row, field.attname)
                for field in row._meta.concrete_fields
                if field.editable and not field.primary_key
            }
        )
        for name, value in changes.items():
            setattr(fresh, name, value)
        fresh.submission = submission or uuid.uuid4()
        if isinstance(fresh, RevenueTerm):
            is_first = row.from_date == first_term(profile, row).from_date
            if is_first and fresh.from_date != row.from_date:
                raise_refusal(
                    from_date=_("This is its first amount. To move the first day, update the profile.")
                )
            set_term(profile, fresh)
            if row.pk in transfers and fresh.agreed == row.agreed and fresh.reason == row.reason:
                transfers.add(fresh.pk)  # moved to another day, it follows what is before that one
        else:
            check_pause(profile, fresh) if isinstance(fresh, RevenuePause) else check_ending(profile, fresh)
            fresh.save()
    return fresh


def first_term(profile, row):
    """The first of its amounts, `row` counted in."""
    return min([row, *live_rows(RevenueTerm, profile)], key=lambda term: term.from_date)


def supersede(row):
    """Have a row count no longer."""
    with operation(row.profile), skip_category_changes(row.profile):
        supersede_once(row)
        if isinstance(row, RevenueTerm) and first_term(row.profile, row) is row:
            raise ValidationError(_("This is its first amount. Edit it or delete the profile."))


def supersede_once(row):
    if row.superseded_at is not None:
        raise ValidationError(_("This entry has already been edited."))
    row.supersede()


def move_start(profile):
    """After the profile's first day was moved: let its first amount begin with it."""
    with operation(profile):
        terms = list(live_rows(RevenueTerm, profile))
        begun = [term for term in terms if term.from_date <= profile.start]
        first = begun[-1] if begun else terms[0]
        for term in {first, *begun}:
            if term.from_date != profile.start:
                term.supersede()
        if first.from_date != profile.start:
            fields = {name: getattr(first, name) for name in (*LINE, "category_id", "reason", "note")}
            RevenueTerm.objects.create(profile=profile, from_date=profile.start, **fields)
