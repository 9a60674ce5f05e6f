"""How numbers of records are said."""

from django.utils.formats import number_format


def counted(number, use):
    """1 opportunity, 1,200 opportunities."""
    return f"{number_format(number, force_grouping=True)} {use.name(number)}"


def in_use(users):
    """Of Choice.numbers_of_uses: "41 opportunities, 3 of them in the trash, and 2 companies"."""
    parts = []
    for use, number, in_trash in users:
        part = counted(number + in_trash, use)
        if in_trash and number:
            part += f" ({number_format(in_trash, force_grouping=True)} of them in the trash)"
        elif in_trash:
            part += " in the trash"
        parts.append(part)
    return as_list(parts)


def as_list(parts):
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
