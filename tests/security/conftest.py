"""What several proofs need."""

import pytest
from django.db import connection

from tests.contract.test_url_permissions import rows
from tests.security.support.page_forms import Listening, Steady, addresses, forms_of


@pytest.fixture
def site(quiet, unlimited, sign_in, workspace, settings, reach):
    """Every page and form there is, as a member and a stranger see it; in the sample a fifth, by database."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.security.support.page_forms.listen"]
    Listening.names.clear()
    step = reach(5, 1)
    sample = addresses(rows())[step // 2 * (connection.vendor == "sqlite") :: step]
    return Site(Steady.like(sign_in(workspace, "admin and sales staff")), sample)


class Site:
    """`addresses` [(route, address)], `forms` [(browser, form)], `parameters` of the addresses that ask."""

    def __init__(self, member, every):
        self.member, self.stranger, self.addresses, self.parameters = member, Steady(), every, []
        self.forms = [(self.member, form) for form in forms_of(self.member, every, self.hear)]
        public = [(route, address) for route, address in every if not address.startswith("/w/")]
        self.forms += [(self.stranger, form) for form in forms_of(self.stranger, public)]

    def hear(self, route, address):
        if Listening.names:
            self.parameters.append((route, address, sorted(Listening.names)))
        Listening.names.clear()

    @property
    def posted(self):
        return [(browser, form) for browser, form in self.forms if form.method == "post"]
