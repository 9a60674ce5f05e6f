"""HTML of every page: no errors of validity or of accessible names.

A small part of what they check, in a second or two: which elements may lie in which, dates of the form that
browsers read, ids that are there once, and names that contain what is seen (WCAG 2.5.3).
"""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from crm.tests import factories
from tests.contract.test_url_permissions import rows
from tests.security.support.page_forms import addresses

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Elements that cannot contain blocks, and blocks. A browser closes a <p> before a block.
PHRASING_ONLY = {
    "span",
    "small",
    "b",
    "strong",
    "em",
    "i",
    "p",
    "button",
    "label",
    "summary",
    "legend",
    "code",
}
PHRASING_ONLY |= {"h1", "h2", "h3", "h4", "dt", "time", "kbd", "mark"}
BLOCKS = {"div", "p", "ul", "ol", "dl", "table", "form", "fieldset", "section", "article", "nav", "header"}
BLOCKS |= {"main", "details", "footer", "blockquote", "pre", "h1", "h2", "h3", "h4"}
HEADINGS = {"h1", "h2", "h3", "h4"}
INTERACTIVE = {"a", "button", "input", "select", "textarea", "summary"}
DATETIME = re.compile(r"\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d)?([+-]\d\d:?\d\d|Z)?)?)?")


def spoken(text):
    """Normalize text for a comparison of names: no case, punctuation or repeated spaces."""
    return " ".join(re.sub(r"[^\w%]+", " ", text.casefold()).split())


class Markup(HTMLParser):
    """A parsed page; `wrong` lists its faults, a sentence each."""

    def __init__(self, page):
        super().__init__()
        self.open, self.named, self.ids, self.wrong = [], [], set(), []
        self.feed(page)
        self.wrong += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.check_place(tag)
        self.check_attributes(tag, values)
        if tag in VOID:
            return
        self.open.append(tag)
        if tag in ("a", "button", "summary"):
            self.named.append([tag, values.get("aria-label"), "", len(self.open)])

    def check_place(self, tag):
        for parent in self.open:
            takes_headings = parent in ("summary", "legend") and tag in HEADINGS
            if parent in PHRASING_ONLY and tag in BLOCKS and not takes_headings:
                self.wrong.append(f"<{tag}> lies in <{parent}>")
            if parent in ("a", "button") and tag in INTERACTIVE:
                self.wrong.append(f"<{tag}> lies in <{parent}>")
        if tag == "form" and "form" in self.open:
            self.wrong.append("<form> lies in <form>")
        if tag == "li" and self.open and self.open[-1] not in ("ul", "ol"):
            self.wrong.append(f"<li> lies in <{self.open[-1]}>")

    def check_attributes(self, tag, values):
        moment = values.get("datetime")
        if moment is not None and not DATETIME.fullmatch(moment):
            self.wrong.append(f"datetime={moment!r}")
        if (name := values.get("id")) is not None:
            if name in self.ids or not name or re.search(r"\s", name):
                self.wrong.append(f"id={name!r} is there twice, or none")
            self.ids.add(name)
        if tag == "input" and values.get("type") == "hidden":
            additional = [name for name in values if name.startswith("aria-") or name == "autocomplete"]
            self.wrong += [f"hidden input {values.get('name')!r} has {name}" for name in additional]

    def handle_data(self, data):
        for element in self.named:
            element[2] += data

    def handle_endtag(self, tag):
        if self.named and len(self.open) == self.named[-1][3]:
            _, label, text, _ = self.named.pop()
            if label is not None and spoken(text) not in spoken(label):
                self.wrong.append(f"{text.strip()!r} is called {label!r}")
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("<span><details></details></span>", "<details> lies in <span>"),
        ('<time datetime="2026-01-01T10:00:00.123456+00:00">now</time>', "datetime="),
        ('<button aria-label="Bring Pilot back">Bring back</button>', "'Bring back' is called"),
        ('<input type="hidden" name="a" autocomplete="off">', "hidden input 'a' has autocomplete"),
        ("<p>a<ul><li>b</li></ul></p>", "<ul> lies in <p>"),
        ('<a href="/"><button>x</button></a>', "<button> lies in <a>"),
        ('<b id="x"></b><i id="x"></i>', "id='x' is there twice"),
    ],
)
def test_canary_what_is_wrong_is_seen(page, wrong):
    assert any(wrong in item for item in Markup(page).wrong)


def test_canary_what_is_right_is_not():
    page = """<details><summary><h2>More …</h2></summary><time datetime="2026-01-01T10:00:00+0100">now</time>
        <button aria-label="Delete for good: Pilot">Delete for good …</button></details>"""
    assert Markup(page).wrong == []


def test_every_page_is_well_made(sign_in, workspace, quiet, unlimited):
    row = rows()
    factories.trash_person()
    pages, faults, count = addresses(row), [], 0
    for client in sign_in(workspace, "admin and sales staff"), Client():
        for route, address in pages:
            response = client.get(address)
            kind = response.headers.get("Content-Type", "")
            if response.streaming or not kind.startswith("text/html") or response.status_code >= 300:
                continue
            count += 1
            faults += [f"{route} {address}: {wrong}" for wrong in Markup(response.content.decode()).wrong]
    print(f"{count} pages")
    assert count > 80
    assert not faults, "\n".join(sorted(set(faults))[:40])
