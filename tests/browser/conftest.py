"""Browser fixtures: Chromium, driven by Playwright, against the live server.

For a test:

    page, phone         a tab of 1280 × 800, a telephone of 390 × 844 that is touched
    plain               a tab without JavaScript
    new_tab(**options)  further tabs, each as in a browser of its own: two people at once
    sign_in_as(tab, role="sales staff", workspace=…)
                        the tab is signed in as a new member, who is returned; roles as in /conftest.py
    workspace           as in every test: rows made with make.… are in it, and url("list") leads into it
    complaints          what the tabs complained of so far; clear() what the test meant to provoke

Addresses are relative: page.goto(OPPORTUNITIES.url("list")). What is on the screen is found as people find
it: page.get_by_role("link", name="Acme"). Whatever a tab complains of (an error on the console, an exception,
something the content security policy refused) fails the test at its end.
"""

import os
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from conftest import ROLES
from tools.chromium import launch
from workspaces.models import Membership, User
from workspaces.tenancy.scope import activate

HERE = Path(__file__).parent
PATIENCE = 30_000  # timeout of expectations in milliseconds, for busy machines

one_at_a_time = threading.Lock()


def in_turn(get_response):
    """Serialize requests: in-memory SQLite shares one connection between all threads and the test."""

    def middleware(request):
        with one_at_a_time:
            return get_response(request)

    return middleware


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium():
    """Start one Chromium for all tests."""
    # Playwright runs an event loop in this thread, so Django would reject queries as unsafe in async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def requests_in_turn():
    settings.MIDDLEWARE = [f"{__name__}.in_turn", *settings.MIDDLEWARE]


@pytest.fixture(scope="session")
def live_server(requests_in_turn, live_server):
    """The one there is, which has read the middleware by now: in other tests requests are meant to race."""
    settings.MIDDLEWARE = settings.MIDDLEWARE[1:]
    return live_server


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def new_tab(chromium, live_server, complaints):
    """Return new_tab(**options of Playwright's new_context), which opens a separate browser context."""
    contexts = []

    def hear(message):
        if message.type == "error":
            complaints.append(f"{message.text} ({message.location.get('url')})")

    def new_tab(**options):
        context = chromium.new_context(
            **{
                "base_url": live_server.url,
                "viewport": {"width": 1280, "height": 800},
                "reduced_motion": "reduce",
            }
            | options
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("console", hear)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        return context.new_page()

    yield new_tab
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(new_tab):
    return new_tab()


@pytest.fixture
def phone(new_tab):
    return new_tab(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)


@pytest.fixture
def plain(new_tab):
    return new_tab(java_script_enabled=False)


@pytest.fixture
def sign_in_as(workspace, live_server):
    """Return sign_in_as(tab, role, workspace), which creates a member and sets a session cookie."""
    its_workspace = workspace

    def sign_in_as(tab, role="sales staff", workspace=its_workspace):
        number = User.objects.count()
        user = User.objects.create_user(f"{role.replace(' ', '.')}.{number}@example.com", name=role.title())
        with activate(workspace):
            member = Membership.objects.create(user=user, **ROLES[role])
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
        tab.context.add_cookies([cookie])
        tab.member, tab.client = member, client
        return member

    return sign_in_as
