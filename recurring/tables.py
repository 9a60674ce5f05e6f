from django.utils.html import format_html

from crud.search import mark_matches
from crud.tables import Table


class ProfileTable(Table):
    """The list of profiles; where there is no room for the column, the client stands below the name."""

    def lines(self):
        for line in super().lines():
            client = mark_matches(str(line["record"].company), self.terms)
            line["why"] = format_html('<small class="client-below">{}</small>{}', client, line["why"])
            yield line
