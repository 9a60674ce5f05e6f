"""Script injection: text stays text in every column of every row, on every page, in Chromium.

Judged by what they do: a dialog, a request, a way to somewhere else, an element or an attribute that only
they could have made, a word of the content security policy. Each page is parsed without that policy, so that
it is not what holds; the pages that scripts of ours fill in are opened as people open them, with it.
"""

from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.urls import reverse
from playwright.sync_api import expect

from crm.models import Company, ContactType, LossReason, Person, Source, Stage, Tag
from crm.tests import factories
from crm.viewsets import COMPANIES, ENTITIES, PEOPLE, SETTINGS
from recurring.tests import factories as revenue
from recurring.viewsets import PROFILES
from tests.contract.test_url_permissions import rows
from tests.security.support.page_forms import Quick, addresses
from tests.security.support.xss_payloads import payloads
from workspaces.audit.views import AUDIT_TRAIL
from workspaces.models import AuditEntry, Invitation, Membership, User

pytestmark = [
    pytest.mark.security,
    # Pages do not depend on the database.
    pytest.mark.skipif(
        not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="looked at on SQLite"
    ),
    pytest.mark.usefixtures("quiet", "unlimited"),
]
# Elements and attributes that no page of ours contains.
MADE = """() => [
    ...document.querySelectorAll("script:not([src]):not([type='application/json']), base, iframe, math"),
    ...document.querySelectorAll("meta[http-equiv], style, video, audio, [hx-get='/planted/']"),
    ...[...document.querySelectorAll("*")].filter((one) => [...one.attributes].some(
        (its) => /^on/i.test(its.name) || /^\\s*(javascript|vbscript|data):(?!image)/i.test(its.value)
            && ["href", "src", "action", "formaction", "xlink:href"].includes(its.name))),
].map((one) => one.outerHTML.slice(0, 200))"""

# The same for pages that are parsed one after the other.
PARSE = f"""(pages) => pages.map((page) => {{
    document.open();
    document.write(page);
    document.close();
    return ({MADE})();
}})"""
AT_ONCE = 20  # pages per call, as a round trip to Chromium takes longer than a page


class Watched:
    """A tab that records every effect of injected markup."""

    def __init__(self, tab):
        self.tab, self.heard, self.where = tab, [], ""
        tab.on("dialog", self.dialog)
        tab.on("request", self.request)
        tab.on("console", lambda message: self.hear(message.text) if message.type == "error" else None)

    def hear(self, event):
        self.heard.append((self.where, event))

    def dialog(self, dialog):
        if dialog.type != "beforeunload":  # our own, for unsaved forms
            self.hear(f"dialog: {dialog.message}")
        dialog.accept()

    def request(self, request):
        if "e.example" in request.url or "/planted/" in request.url.removesuffix("/w/acme/planted/marks/"):
            self.hear(f"request: {request.url}")

    def made(self):
        """Record elements on the page that none of our templates created."""
        for html in self.tab.evaluate(MADE):
            self.hear(html)


MARK = "marked"
ERRORS = ["/nothing/", "/w/acme/nothing/", "/?q=%00", "/theme/", "/w/acme/crm/settings/stages/999/"]


def columns(model):
    """Return the names of the columns that hold user input."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField))
        and not (field.choices or field.unique or hasattr(field, "source") or "slug" in field.name)
        and field.name not in ("password", "nonce", "language", "time_zone", "kind", "state")
    ]


def poison(text):
    """Write text into every such column of every row, except audit entries (see `list_audit_urls`)."""
    for model in apps.get_models():
        is_ours = model._meta.app_label in ("workspaces", "crm", "recurring")
        if is_ours and ".audit" not in model.__module__:
            values = {item.name: text[: item.max_length] for item in columns(model)}
            if values:
                QuerySet(model).update(**values)


def list_audit_urls(text):
    """Return URLs that show an audit entry with the text in all of its text columns."""
    company, sides = Company.objects.first(), [text, text]
    AuditEntry.write(
        AuditEntry.Action.CHANGED,
        company,
        label=text,
        actor=text[:80],
        request=text[:64],
        changes={"name": sides, text: sides},
    )
    entry = AuditEntry.objects.first()
    shown_text = [
        AUDIT_TRAIL.url("list"),
        *(AUDIT_TRAIL.url(action, entry.pk) for action in ("detail", "row")),
    ]
    return [*shown_text, reverse("crm:company-history", args=[company.pk])]


def count_parsed_pages(watched, client, urls):
    """Return the number of pages that Chromium parsed without a policy to block scripts."""
    pages = {}
    for address in urls:
        response = client.get(address)
        if not response.streaming and b"<" in response.content[:200].lstrip():
            pages[address] = response.content.decode()
    for start in range(0, len(pages), AT_ONCE):
        batch = dict(list(pages.items())[start : start + AT_ONCE])
        watched.where = (*batch, watched.where[-1])
        created = watched.tab.evaluate(PARSE, list(batch.values()))
        for address, all_items in zip(batch, created, strict=True):
            watched.heard += [(address, html) for html in all_items]
    return len(pages)


def different(client, routes_and_urls):
    """Return the URL of the first page of each set of templates."""
    results = {}
    for route, address in routes_and_urls:
        response = client.get(address)
        names = tuple(template.name for template in response.templates)
        key = (
            names,
            route.kind if route.kind in {viewset.model._meta.model_name for viewset in ENTITIES} else "",
        )
        if response.status_code < 500 and names:
            results.setdefault(key, address)
    return list(results.values())


def showing(client, urls):
    """Return the pages that show more user input than the layout that all pages share."""
    poison(MARK)
    shown_text = {
        address: client.get(address).content.count(MARK.encode()) for address in [*urls, *ERRORS[:2]]
    }
    outside, inside = (shown_text[address] for address in ERRORS[:2])
    return [item for item in urls if shown_text[item] > (inside if item.startswith("/w/") else outside)]


def reflecting(text):
    """Return URLs whose pages show parameters: the search, an invalid filter, the return URL."""
    queries = [{"q": text, "sort": text, "next": text}, {"tags": text, "email": text, "city": text}]
    listed = [viewset.url("list") for viewset in [*ENTITIES, PROFILES]] + [reverse("crm:search")]
    return [f"{address}?{urlencode(query)}" for address in listed for query in queries]


@pytest.fixture
def blank(chromium):
    """A tab on a blank page: no policy, no network."""
    context = chromium.new_context(java_script_enabled=True)
    context.route("**/*", lambda route: route.abort())
    yield Watched(context.new_page())
    context.close()


def test_no_text_becomes_a_script_on_any_page(blank, sign_in, workspace, reach):
    client = sign_in(workspace, "admin and sales staff")
    ours = rows()
    factories.opportunity(company=ours["company"], contact=ours["person"], tags=[factories.tag()])
    all_items = different(client, addresses(ours))
    quick, sample, count = Quick.like(client), payloads()[:: reach(40, 1)], 0
    shown_text = showing(quick, all_items)
    other_items = [
        address for address in all_items if address not in shown_text
    ]  # pages with the layout only
    for place, text in enumerate(sample):
        poison(text)
        blank.where = (text,)
        turn = [*shown_text, *ERRORS, *reflecting(text), *list_audit_urls(text)][
            place % reach(4, 1) :: reach(4, 1)
        ]
        count += count_parsed_pages(blank, quick, [*turn, *other_items[place :: len(sample)]])
    blank.tab.wait_for_timeout(300)
    print(f"{len(sample)} texts, {count} of {len(all_items)} pages parsed: {len(blank.heard)} did something")
    assert blank.heard == []


def test_a_view_that_takes_a_name_for_html_is_seen(blank, sign_in, workspace, settings):
    """Canary of the checks."""
    settings.WORKSPACE_URLCONF = "tests.security.support.planted_defects"
    factories.company(name="<img src=x onerror=alert(1)>")
    blank.where = ("the planted page",)
    count_parsed_pages(blank, Quick.like(sign_in(workspace)), ["/w/acme/planted/marks/"])
    blank.tab.wait_for_timeout(300)
    assert {subject.split(":")[0] for _, subject in blank.heard} >= {"dialog"}
    assert any("onerror" in subject for _, subject in blank.heard)


@pytest.fixture
def poisoned(workspace, reach):
    """Rows of each model with injected text, a different one each, in all choices and counts."""
    results = payloads()[:: reach(34, 1)]
    members, kinds = [], [viewset.model for viewset in SETTINGS]
    for number, text in enumerate(results):
        user = User.objects.create_user(f"member.{number}@example.com", name=text[:80])
        members.append(Membership.objects.create(user=user))
        Invitation.objects.create(email=f"{text[:60]}.{number}@example.com", invited_by=members[0])
        chosen = {kind: kind.objects.create(name=f"{text[:56]}{number}") for kind in kinds}
        own_value = {"assignee": members[-1]}
        company = factories.company(name=text, city=text[:100], contact_type=chosen[ContactType], **own_value)
        company.tags.add(chosen[Tag])
        person = factories.person(
            name=text, company=company, title=text[:120], description=text, email=text[:90]
        )
        sale = {name: chosen[kind] for name, kind in (("stage", Stage), ("source", Source))}
        opportunity = factories.opportunity(name=text, company=company, contact=person, **sale, **own_value)
        opportunity.tags.add(chosen[Tag])
        factories.opportunity("lost", name=text, loss_reason=chosen[LossReason], **own_value)
        factories.opportunity(
            "won", name=text, source=chosen[Source], close_date=workspace.today(), **own_value
        )
        factories.trash_person(name=text)
        revenue.profile(
            name=text[:120], company=company, category_name=f"{text[:56]}{number}", owner=members[-1]
        )
    poison_frame(workspace, results[1])
    return results


def poison_frame(workspace, text):
    workspace.name = text[:80]
    workspace.save(update_fields=["name"])


def open_page(watched, address):
    watched.where = (address,)
    watched.tab.goto(address)


def test_no_text_becomes_a_script_where_scripts_of_ours_show_it(page, sign_in_as, poisoned, settings):
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
    sign_in_as(page, "admin and sales staff")
    watched, company = Watched(page), Company.objects.last()
    for viewset in [*ENTITIES, PROFILES]:
        open_page(watched, viewset.url("list") + "?per_page=100&q=alert")
        pluses = page.locator(".plus")
        pluses.evaluate_all("every => every.forEach((plus) => plus.click())")
        expect(page.locator(".expansion")).to_have_count(pluses.count(), timeout=120_000)
        page.get_by_text("Filters", exact=True).click()
        expect(page.locator("form.filters, .filters form").first).to_be_visible()
        watched.made()
        page.get_by_role("searchbox").last.fill("onerror")
        page.wait_for_url("**q=onerror**")
        watched.made()
        open_page(watched, viewset.url("create"))
        for box in page.locator("[data-combo]:visible").all():
            with page.expect_response("**q=alert**"):
                box.fill("alert")
            expect(page.locator(".combo-list:not([hidden]) li").first).to_be_visible()
            box.blur()
        for box in page.locator("[role=combobox]:not([data-combo]):visible").all():
            box.click()
            page.keyboard.type("<svg onload=alert(1)>")
            page.keyboard.press("Escape")
        watched.made()
    for viewset in SETTINGS:
        open_page(watched, viewset.url("list"))
        watched.made()
    for name in "crm:trashed-list", "crm:settings", "crm:settings-staff", "members:list", "recurring:months":
        open_page(watched, reverse(name))
        watched.made()
    for text in poisoned:
        *_, history = list_audit_urls(text)
    open_page(watched, history)
    watched.made()
    open_page(watched, AUDIT_TRAIL.url("list") + "?per_page=100&q=alert")
    pluses = page.locator(".plus")
    pluses.evaluate_all("every => every.forEach((plus) => plus.click())")
    expect(page.locator(".expansion")).to_have_count(pluses.count(), timeout=120_000)
    watched.made()
    for address in reverse("crm:dashboard"), reverse("recurring:graphs"):
        open_page(watched, address)
        page.wait_for_load_state("networkidle")
        for canvas in page.locator("canvas").all():
            canvas.hover()
        watched.made()
    # What was just done: one notice for each text, and those that can be taken back.
    for text in poisoned:
        page.client.post(PEOPLE.url("create"), {"name": text, "company": text})
    for row in Person.objects.order_by("-pk")[: len(poisoned)]:
        page.client.post(PEOPLE.url("delete", row.pk))
    open_page(watched, COMPANIES.url("detail", company.pk))
    expect(page.locator("#messages .notice").first).to_be_visible()
    print(f"{page.locator('#messages .notice').count()} notices")
    watched.made()
    assert watched.heard == []
