"""How numbers of records are said."""

from django.utils.formats import number_format


def format_count(number, use):
    """1 opportunity, 1,200 opportunities."""
    return f"{number_format(number, force_grouping=True)} {use.name(number)}"


def format_usage(users):
    """Of PicklistValue.usage_counts: "41 opportunities, 3 of them in the trash, and 2 companies"."""
    parts = []
    for use, number, in_trash in users:
        part = format_count(number + in_trash, use)
        if in_trash and number:
            part += f" ({number_format(in_trash, force_grouping=True)} of them in the trash)"
        elif in_trash:
            part += " in the trash"
        parts.append(part)
    return join_words(parts)


def join_words(parts):
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
