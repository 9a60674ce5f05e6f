"""Checks of what is done to a revenue profile; each refuses by a ValidationError, a sentence a field."""

from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _

from recurring.models import RevenuePause, RevenueProfile
from workspaces.tenancy.scope import active_workspace


def raise_refusal(**sentences):
    raise ValidationError(sentences)


def format_day(day):
    return formats.date_format(day, "DATE_FORMAT")


def live_rows(model, profile):
    return model.objects.live().filter(profile=profile)


def history_of(profile):
    """The profile with its rows, as the engine reckons with it."""
    return RevenueProfile.with_trash.filter(pk=profile.pk).histories()[profile.pk]


def check_line(term):
    """Refuse a line that is too large, by itself or per month."""
    try:
        term.normalize()
    except ValueError as error:
        raise_refusal(amount=str(error))


def check_day(profile, field, day, is_ending=False):
    """Refuse a day on which the profile is not in service."""
    if day < profile.start:
        raise_refusal(
            **{
                field: _("The first day is %(date)s. Choose a day from then on.")
                % {"date": format_day(profile.start)}
            }
        )
    last = history_of(profile).last_day
    if not is_ending and last and day > last:
        raise_refusal(
            **{
                field: _("It ends on %(date)s. Undo that first or choose an earlier day.")
                % {"date": format_day(last)}
            }
        )


def check_not_ended(profile, field):
    """Refuse to pause or resume what has ended."""
    history = history_of(profile)
    if history.has_ended(active_workspace().today()):
        if history.is_noticed:
            sentence = _("It ended on %(date)s. Undo that first.")
        else:
            sentence = _("It ended on %(date)s. Renew it or change its fixed last day first.")
        raise_refusal(**{field: sentence % {"date": format_day(history.last_day)}})


def check_pause(profile, row):
    """Refuse a pause that lies outside of the service, or over another one."""
    check_day(profile, "from_date", row.from_date)
    if row.to_date and row.to_date < row.from_date:
        raise_refusal(to_date=_("The pause ends before it starts."))
    for existing in live_rows(RevenuePause, profile):
        begins_within = row.to_date is None or existing.from_date <= row.to_date
        if begins_within and (existing.to_date is None or existing.to_date >= row.from_date):
            days = {"start": format_day(existing.from_date)}
            if existing.to_date:
                sentence = _("It is already paused from %(start)s to %(end)s. Edit that pause.")
                days["end"] = format_day(existing.to_date)
            else:
                sentence = _("It is already paused from %(start)s, with no end date. Edit that pause.")
            raise_refusal(from_date=sentence % days)


def check_ending(profile, row):
    check_day(profile, "end", row.end, is_ending=True)
    if profile.end and row.end > profile.end:
        sentence = _("Its fixed last day is %(date)s. Choose an earlier day.")
        raise_refusal(end=sentence % {"date": format_day(profile.end)})
    if row.notice_date and row.notice_date > row.end:
        raise_refusal(notice_date=_("Notice can’t be given after the last day."))
