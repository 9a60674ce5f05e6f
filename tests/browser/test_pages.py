"""Every page in Chromium: accessible, no horizontal overflow, no CSP violations.

The list comes from the URLconfs. Pages with the same template and fields are checked once.
"""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from crm.tests import factories
from crm.viewsets import COMPANIES, ENTITIES, OPPORTUNITIES
from tests.contract.test_url_permissions import rows
from tests.support.routes import INSIDE, OUTSIDE
from workspaces.accounts import first_run
from workspaces.tenancy.urls import reverse_outside

# Pages do not depend on the database.
pytestmark = pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="looked at on SQLite"
)
# Kinds with additional fields, and the pages that show them.
WITH_FIELDS_OF_THEIR_OWN = {viewset.model._meta.model_name for viewset in ENTITIES}
SHOWING_THEM = ("-list", "-detail")
VIOLATIONS = {"resultTypes": ["violations"]}  # omit passed checks from axe's report
# Color rules take half of axe's time. In dark mode only they run, as the layout is compared (`read_layout`);
# on a phone they run only for colors that the desktop does not have (`read_colors`).
COLORS = ["color-contrast", "link-in-text-block"]
ABOUT_COLORS = {"runOnly": COLORS}
BUT_COLORS = {"rules": {rule: {"enabled": False} for rule in COLORS}}
FILLED_IN = "[hx-trigger*=load], canvas"  # content that loads after the page
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
NARROWEST = {"width": 320, "height": 568}  # WCAG 1.4.10


def violations(page, **options):
    """Return axe's violations on the current page: [(rule, element, reason)]."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    results = page.evaluate("options => axe.run(document, options)", VIOLATIONS | options)["violations"]
    nodes = [(rule["id"], node) for rule in results for node in rule["nodes"]]
    return [
        (rule, node["html"][:160], " ".join(node["failureSummary"].split())[:300]) for rule, node in nodes
    ]


def beside_the_screen(page):
    """Return the horizontal overflow of the page, in pixels."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def cut_off(page):
    """Return the tables that overflow their card, so that the last columns are invisible."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".table-card, .table-wrap")]
            .filter((card) => card.scrollWidth > card.clientWidth + 1)
            .filter((card) => getComputedStyle(card).overflowX !== "auto")
            .map((card) => card.querySelector("thead").innerText.replace(/\\s+/g, " "))"""
    )


def read_layout(page):
    """Return the position and visibility of all elements: the view's layout without colors."""
    return page.evaluate(
        """() => [...document.body.querySelectorAll("*")].map((one) => {
            if (!one.checkVisibility()) return "unseen"  // what a closed menu holds may be laid out or not
            const box = one.getBoundingClientRect(), style = getComputedStyle(one)
            return [box.x, box.y, box.width, box.height, style.visibility, style.opacity].join()
        }).join(" ")"""
    )


def read_colors(page):
    """Return {element: colors} of all text, as far as it affects legibility."""
    return set(
        page.evaluate(
            """() => [...document.body.querySelectorAll("*")].flatMap((one, number) => {
                const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim()
                const isRead = one.matches("input, select, textarea") || [...one.childNodes].some(isText)
                const isSeen = one.checkVisibility({ opacityProperty: true, visibilityProperty: true })
                if (!isRead || !isSeen) return []
                const { color, fontSize, fontWeight, textDecorationLine } = getComputedStyle(one)
                const isLarge = parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24)  // as WCAG has it
                const found = [number, color, isLarge, textDecorationLine]
                for (let place = one; place; place = place.parentElement) {
                    const { backgroundColor, backgroundImage, opacity } = getComputedStyle(place)
                    found.push(backgroundColor, backgroundImage === "none", opacity)
                    if (backgroundColor.startsWith("rgb(")) break  // nothing behind it is seen
                }
                return [found.join()]
            })"""
        )
    )


def faults(page):
    """Return all faults of the page: light and dark, on a desktop and on a phone."""
    results, legible = [], {"light": set(), "dark": set()}
    for size in (WIDE, NARROW):
        width = size["width"]
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        light = read_colors(page)
        known_values = BUT_COLORS if light <= legible["light"] else {}
        results += [(width, "light", *item) for item in violations(page, **known_values)]
        results += [(width, "cut off", columns) for columns in cut_off(page)]
        places = read_layout(page)  # last, after the layout is stable
        page.emulate_media(color_scheme="dark")
        dark = read_colors(page)
        if not dark <= legible["dark"]:
            results += [(width, "dark", *item) for item in violations(page, **ABOUT_COLORS)]
        if read_layout(page) != places:
            results.append((width, "dark", "more than colors is different"))
        legible = {"light": light, "dark": dark}
    for size in (NARROW, NARROWEST):
        page.set_viewport_size(size)
        if pixels := beside_the_screen(page):
            results.append((size["width"], f"can be pushed {pixels} pixels sideways"))
    return results


def different_pages(client, addresses):
    """Filter [(route, url)] to the URLs whose pages differ in more than their words."""
    results = {}
    for route, address in addresses:
        response = client.get(address)
        assert response.status_code < 500, address
        if response.status_code != 200 or b"<html" not in getattr(response, "content", b""):
            continue  # a form's target, a file, or a fragment fetched by scripts
        form = (response.context or {}).get("form")
        is_own = route.kind in WITH_FIELDS_OF_THEIR_OWN and route.name.endswith(SHOWING_THEM)
        own_value = route.kind if is_own else None
        results.setdefault(
            (response.templates[0].name, own_value, tuple(getattr(form, "fields", ()))), address
        )
    return list(results.values())


def lines(address, wrong):
    return [f"{address}: {' | '.join(map(str, item))}" for item in wrong]


def look_at(page, addresses):
    """Return the faults of the pages, one per line; "" if there are none."""
    assert addresses
    results = []
    for address in addresses:
        page.goto(address)
        if page.locator(FILLED_IN).count():
            page.wait_for_load_state("networkidle")
        title, headings = page.title(), page.locator("h1").count()
        wrong = faults(page)
        wrong += [("title", title)] if not title.split(" · ")[0].strip() else []
        wrong += [("headings of the first order", headings)] if headings != 1 else []
        results += lines(address, wrong)
    return "\n".join(results)


@pytest.mark.parametrize(
    ("style", "expected_faults"),
    [
        (
            """
            @media (min-width: 501px) and (prefers-color-scheme: light) { h1 { color: #fefefe } }
            @media (min-width: 501px) and (prefers-color-scheme: dark) { h1 { color: #222 } }
            @media (max-width: 500px) and (prefers-color-scheme: light) { h1 { color: #fdfdfd } }
            @media (max-width: 500px) and (prefers-color-scheme: dark) { h1 { color: #333 } }
            """,
            {(width, scheme, "color-contrast") for width in (1280, 390) for scheme in ("light", "dark")},
        ),
        (
            """
            @media (max-width: 500px) { h1 { display: none } }
            @media (min-width: 501px) and (prefers-color-scheme: dark) { h1 { visibility: hidden } }
            """,
            {(390, "light", "page-has-heading-one"), (1280, "dark", "more than colors is different")},
        ),
    ],
    ids=["colors", "the rest"],
)
def test_canary_what_is_wrong_in_one_view_only_is_seen(page, sign_in_as, style, expected_faults):
    sign_in_as(page)
    page.goto(OPPORTUNITIES.url("list"))
    assert faults(page) == []
    page.evaluate(
        """style => {
            const sheet = new CSSStyleSheet()
            sheet.replaceSync(style)
            document.adoptedStyleSheets = [sheet]
        }""",
        style,
    )
    assert {item[:3] for item in faults(page)} == expected_faults


@pytest.fixture
def cast(workspace):
    """One record of each model that pages show."""
    return rows()


def test_every_page_inside(page, sign_in_as, cast):
    sign_in_as(page, "admin and sales staff")
    factories.opportunity(name="Second", company=cast["company"])
    addresses = [(route, route.address(cast)) for route in INSIDE]
    wrong = look_at(page, different_pages(page.client, addresses))
    assert not wrong, wrong


def test_every_page_outside(page, sign_in_as, cast, new_tab):
    sign_in_as(page)
    keys = {
        "workspace-join": [cast["invitation"].token],
        "mfa_edit_webauthn": [1],
        "mfa_remove_webauthn": [1],
        "account_confirm_email": ["unknown"],
        "account_reset_password_from_key": ["1", "unknown-key"],
        "session-end": [1],
    }
    addresses = [(route, reverse_outside(route.name, *keys.get(route.name, []))) for route in OUTSIDE]
    strangers = different_pages(Client(), addresses)
    signed_in = [address for address in different_pages(page.client, addresses) if address not in strangers]
    wrong = look_at(new_tab(), strangers) + look_at(page, signed_in)
    assert not wrong, wrong


def test_pages_on_the_way_in_that_few_see(page, sign_in_as, workspace, new_tab, settings, monkeypatch):
    sign_in_as(page, "admin")
    workspace.requires_second_factor = True
    workspace.save()
    wrong = look_at(page, ["/accounts/second-factor/"])
    settings.SIGN_UP = "invited"
    wrong += look_at(new_tab(), ["/accounts/signup/"])
    monkeypatch.setattr(first_run, "is_due", lambda: True)
    wrong += look_at(new_tab(), ["/accounts/first-run/"])
    assert not wrong, wrong


def test_a_list_with_all_of_it_open(page, sign_in_as):
    sign_in_as(page)
    for number in range(3):
        factories.opportunity(
            name=f"Roof {number}", company=factories.company(), priority=number + 1, tags=[factories.tag()]
        )
    page.goto(OPPORTUNITIES.url("list") + "?q=open")
    page.locator(".plus").nth(1).click()
    expect(page.locator(".expansion")).to_be_visible()
    page.get_by_role("checkbox", name="Select Roof 1").check()
    page.get_by_text("Filters", exact=True).click()
    expect(page.get_by_label("Stage").first).to_be_visible()
    wrong = lines("the list", faults(page))
    page.locator(".split summary").click()
    wrong += lines("its menu", faults(page))
    page.locator(".user summary").click()
    wrong += lines("the user's menu", faults(page))
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    wrong += lines("the shortcuts", faults(page))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("viewset", ENTITIES, ids=lambda viewset: viewset.route)
def test_a_form_that_was_refused(page, sign_in_as, viewset):
    sign_in_as(page)
    page.goto(viewset.url("create"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("textbox", name="Name").first).to_have_attribute("aria-invalid", "true")
    wrong = lines(viewset.route, faults(page))
    assert not wrong, "\n".join(wrong)


def test_what_was_done_and_can_be_taken_back(page, sign_in_as):
    sign_in_as(page)
    company = factories.company(name="Roofers")
    page.goto(COMPANIES.url("delete", company.pk))
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status").get_by_role("button", name="Undo")).to_be_visible()
    wrong = lines("the notice", faults(page))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("address", ["/w/acme/crm/companies/999/", "/w/acme/crm/settings/", "/theme/"])
def test_error_pages(page, sign_in_as, complaints, address):
    sign_in_as(page)
    wrong = look_at(page, [address])
    complaints.clear()
    assert not wrong, wrong
