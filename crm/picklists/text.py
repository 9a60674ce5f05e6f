"""How numbers of records are said."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _


def format_count(number, use):
    """Return a number of records: "1 opportunity", "1,200 opportunities"."""
    number_text = number_format(number, force_grouping=True)
    return _("%(number)s %(records)s") % {"number": number_text, "records": use.name(number)}


def format_usage(users):
    """Of PicklistValue.usage_counts: "41 opportunities, 3 of them in the trash, and 2 companies"."""
    parts = []
    for use, number, in_trash in users:
        part = format_count(number + in_trash, use)
        if in_trash and number:
            trashed = number_format(in_trash, force_grouping=True)
            part = _("%(records)s (%(number)s of them in the trash)") % {"records": part, "number": trashed}
        elif in_trash:
            part = _("%(records)s in the trash") % {"records": part}
        parts.append(part)
    return join_words(parts)


def join_words(parts):
    """Return words as a list in a sentence: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(words)s and %(last)s") % {"words": ", ".join(parts[:-1]), "last": parts[-1]}


def format_replacement(old, new, users, is_merged):
    """Return the message after `old`, with these users (see format_usage), was replaced or merged."""
    message = _("Merged “%(old)s” into “%(new)s”.") if is_merged else _("Replaced “%(old)s” with “%(new)s”.")
    if users:
        message = f"{message} {_('It now has %(records)s more.')}"
    return message % {"old": old, "new": new, "records": format_usage(users)}
