"""Entries of the settings kinds, and records that use them."""

import re

from crm.models import Company, Tag
from crm.tests import factories


def fill_fields(viewset, **differences):
    """What the form of a kind is sent with."""
    return {"name": "Something new", "win_percent": 30, "kind": "open", "color": "teal", **differences}


def entry(viewset, **differences):
    return viewset.model.objects.create(**{"name": f"{viewset.one} {next(factories.number)}", **differences})


def using(choice, number=1, **differences):
    """So many records that use the entry."""
    if isinstance(choice, Tag):
        rows = [factories.opportunity(**differences) for _ in range(number)]
        for row in rows:
            row.tags.add(choice)
        return rows
    name = choice.uses()[0].field
    maker = factories.company if choice.uses()[0].record is Company else factories.opportunity
    return [maker(**{name: choice, **differences}) for _ in range(number)]


def texts(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))
