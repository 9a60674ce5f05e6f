"""What another site makes a browser send is refused, and looking at a page changes nothing."""

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.middleware.csrf import get_token
from django.test import RequestFactory, override_settings

from tests.contract.test_url_permissions import rows
from tests.security.support.page_forms import LEAVING, Quick, addresses, differences, read_all_rows
from workspaces.models import User
from workspaces.tenancy.urls import reverse_outside

pytestmark = [pytest.mark.security, pytest.mark.usefixtures("quiet")]

PLANTED = override_settings(WORKSPACE_URLCONF="tests.security.support.planted_defects")
FOREIGN = {
    "no token": {},
    "a token that is none": {"HTTP_X_CSRFTOKEN": "x" * 32},
    "another site's page": {"HTTP_ORIGIN": "https://evil.example"},
    "a page without a name": {"HTTP_ORIGIN": "null"},
    "another site's page over https": {"HTTP_REFERER": "https://evil.example/", "secure": True},
    "no page at all over https": {"secure": True},
}


def everywhere(ours):
    """[(name, address)] of every address that there is, those that sign out among them."""
    return [
        *((str(route), address) for route, address in addresses(ours)),
        *((name, reverse_outside(name)) for name in LEAVING),
    ]


def strict(client):
    """Somebody's browser, held to the tokens; with a token that is valid."""
    browser = Quick(enforce_csrf_checks=True)
    browser.cookies = client.cookies
    request = RequestFactory().get("/")
    browser.token = get_token(request)
    browser.cookies["csrftoken"] = request.META["CSRF_COOKIE"]
    return browser


def list_accepted_forgeries(browser, some, methods, step=1):
    """[(name, method, how)] of what a forged request was not refused at; in all ways, or in some."""
    results, tried = [], 0
    for place, (name, address) in enumerate(some):
        for method in methods:
            for how, extra in [*FOREIGN.items()][place % step :: step]:
                token = {} if "token" in how else {"HTTP_X_CSRFTOKEN": browser.token}
                response = browser.generic(method, address, **token, **extra)
                tried += 1
                if response.status_code != 403:
                    results.append((name, method, how, response.status_code))
    print(f"{tried} forged requests at {len(some)} addresses: {len(results)} accepted")
    return results


def test_nothing_forged_is_accepted_anywhere(sign_in, workspace, reach):
    browser, sample = strict(sign_in(workspace, "admin and sales staff")), everywhere(rows())
    browser.get("/w/acme/")  # where one was last is kept, whatever one wants there
    state_before = read_all_rows()
    methods = reach(["POST"], ["POST", "PUT", "PATCH", "DELETE", "NONSENSE"])
    # Refused before the database is asked for anything but who it is: one of the two is looked at whole.
    step = reach(4, 1 if connection.vendor == "sqlite" else 4)
    assert list_accepted_forgeries(browser, sample, methods, step) == []
    assert differences(state_before, read_all_rows()) == {}


def test_with_its_token_from_its_own_page_a_form_is_accepted(sign_in, workspace):
    """Else the test before would be green whatever was refused, and why."""
    browser = strict(sign_in(workspace, "admin and sales staff"))
    own_value = {"HTTP_X_CSRFTOKEN": browser.token, "HTTP_ORIGIN": "http://testserver"}
    assert browser.post(reverse_outside("theme"), {"theme": "dark"}, **own_value).status_code == 302
    assert User.objects.filter(theme="dark").exists()


@PLANTED
def test_a_view_that_is_exempt_is_seen(sign_in, workspace):
    """The canary."""
    browser = strict(sign_in(workspace))
    planted = [("planted", "/w/acme/planted/exempt/")]
    assert len(list_accepted_forgeries(browser, planted, ["POST"])) == len(FOREIGN)


def looked_at(client, some, methods):
    """What is changed by looking at pages: {address or "all": differences}."""

    def changed(addresses):
        state_before = read_all_rows()
        for address in addresses:
            for method in methods:
                client.generic(method, address)
        return differences(state_before, read_all_rows())

    all_items = [address for _, address in some]
    results = changed(all_items)
    # Which one it was is asked only if there is one.
    return results and {"all": results} | {item: some for item in all_items if (some := changed([item]))}


def test_looking_changes_nothing(sign_in, workspace, unlimited, reach):
    client = Quick.like(sign_in(workspace, "admin and sales staff"))
    sample = everywhere(rows())
    for user in User.objects.all():  # as at a sign-up; allauth would catch up on it
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True})
    client.get("/w/acme/")  # where one was last is kept at the first look
    results = looked_at(client, sample, reach(["GET"], ["GET", "HEAD", "OPTIONS"]))
    print(f"{len(sample)} addresses looked at: {len(results)} changed something")
    assert results == {}


@PLANTED
def test_a_view_that_acts_when_looked_at_is_seen(sign_in, workspace):
    """The canary."""
    client = Quick.like(sign_in(workspace))
    client.get("/w/acme/")
    assert looked_at(client, [("planted", "/w/acme/planted/acts/")], ["GET"])


def test_every_form_that_acts_is_posted_and_has_its_token(site, reach):
    with_token = {form: "csrfmiddlewaretoken" in form.values() for _, form in site.forms}
    wrong = [str(form) for form, has_token in with_token.items() if has_token != (form.method == "post")]
    assert len(site.posted) > reach(8, 60)
    assert wrong == [], "a token belongs into each form that is posted, and into no address"
