"""Changes of a time zone's distance from UTC, for a database that knows no time zones."""

import datetime
import functools
import zoneinfo

FIRST_YEAR = 1990  # earlier moments are taken to have the distance of its first day
STEP = datetime.timedelta(days=7)  # shorter than the shortest stay of any zone at one distance
RESOLUTION = datetime.timedelta(minutes=1)


def offset_changes(zone):
    """Return [(moment, minutes)] of a ZoneInfo, latest first: from the moment on (UTC) it is so far from UTC.

    The last pair has no moment: that distance holds for everything before the others.
    """
    return _offset_changes(zone.key, datetime.datetime.now(datetime.UTC).year + 2)


@functools.lru_cache(maxsize=64)
def _offset_changes(key, last_year):
    zone = zoneinfo.ZoneInfo(key)
    moment = datetime.datetime(FIRST_YEAR, 1, 1, tzinfo=datetime.UTC)
    offset = moment.astimezone(zone).utcoffset()
    changes = [(None, _minutes(offset))]
    while moment.year < last_year:
        following = moment + STEP
        if following.astimezone(zone).utcoffset() != offset:
            following = _first_moment_of_change(zone, moment, following)
            offset = following.astimezone(zone).utcoffset()
            changes.append((following, _minutes(offset)))
        moment = following
    return tuple(reversed(changes))


def _first_moment_of_change(zone, earlier, later):
    """Return the first moment, to the minute, whose offset differs from that of `before`."""
    offset = earlier.astimezone(zone).utcoffset()
    while later - earlier > RESOLUTION:
        middle = earlier + ((later - earlier) / 2 // RESOLUTION) * RESOLUTION
        if middle.astimezone(zone).utcoffset() == offset:
            earlier = middle
        else:
            later = middle
    return later


def _minutes(offset):
    return round(offset.total_seconds() / 60)
