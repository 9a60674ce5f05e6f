"""Every form that a page shows, read from the page as a browser reads it, and what is in the database.

So a new form, or a new field of one, is in the proofs from its first day.
"""

import itertools
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from tests.support.routes import INSIDE, OUTSIDE
from workspaces.models import Workspace, WorkspaceModel
from workspaces.tenancy.scope import activate
from workspaces.tenancy.urls import reverse_outside

TEXT = {"text", "search", "email", "tel", "url", "password", "textarea"}  # what one may type anything into
LEAVING = {"account_logout"}  # pages that end what they are asked with
number = itertools.count(1)


class Quick(Client):
    """A client that keeps nothing of the templates that were rendered: half the time of Django's."""

    def request(self, **request):
        response = self.handler(self._base_environ(**request))
        self.cookies.update(response.cookies)
        return response

    @classmethod
    def like(cls, client):
        quick = cls()
        quick.cookies = client.cookies
        return quick


class Steady(Quick):
    """A client that takes no cookies: all it does is undone, a new session too, and it stays who it is."""

    def request(self, **request):
        return self.handler(self._base_environ(**request))


class Listening(QueryDict):
    """An address' parameters that remember which of them were asked for, be they there or not."""

    names = set()

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self.names.add(name)
        return super().__contains__(name)

    def getlist(self, name, default=None):
        self.names.add(name)
        return super().getlist(name, default)


def listen(get_response):
    """Middleware that hears what pages ask their address for."""

    def middleware(request):
        request.GET = Listening(request.META["QUERY_STRING"])
        return get_response(request)

    return middleware


@dataclass
class Field:
    """One of a form's controls."""

    name: str
    kind: str  # an input's type, "select" or "textarea"
    value: str = ""
    options: list = field(default_factory=list)
    is_required: bool = False
    is_checked: bool = False
    is_invalid: bool = False
    mode: str = ""  # its inputmode

    def sent(self):
        """[value] that a browser would send."""
        return [] if self.kind in ("checkbox", "radio") and not self.is_checked else [self.value]


@dataclass(eq=False)
class PageForm:
    """A form of a page."""

    action: str
    method: str
    fields: list = field(default_factory=list)
    buttons: list = field(default_factory=list)
    route: object = None

    def __str__(self):
        return f"{self.method.upper()} {self.route}"

    @property
    def key(self):
        """What it has in common with the same form on another page."""
        return self.method, self.action, frozenset(item.name for item in self.fields)

    def of_kinds(self, kinds):
        return list(dict.fromkeys(item.name for item in self.fields if item.kind in kinds))

    @property
    def invalid(self):
        """{name} of the fields that something was said of."""
        return {item.name for item in self.fields if item.is_invalid}

    def values(self):
        """What a browser sends of it as it is."""
        results = {}
        for item in self.fields:
            for value in item.sent():
                results.setdefault(item.name, []).append(value)
        return results

    def filled(self, **changes):
        """What somebody sends who fills in whatever is empty, with what there is to choose."""
        results = self.values()
        for item in self.fields:
            if not any(results.get(item.name, [])) and (proposed := self.get_proposed_values(item)):
                results[item.name] = [proposed]
            if item.name == "submission":
                results[item.name] = [str(uuid.uuid4())]
        return results | changes

    def get_proposed_values(self, one):
        if one.kind in ("hidden", "search", "file"):
            return one.value
        if one.kind in ("select", "radio"):
            return next(filter(None, one.options), "")
        if one.kind == "date":
            return "2027-03-31" if one.name == "end" else "2026-03-31"
        if one.mode in ("numeric", "decimal") or one.kind == "number":
            return "3"
        if one.kind == "email" or ("email" in one.name and one.kind == "text" and "domain" not in one.name):
            return f"somebody{next(number)}@new.example"
        if one.kind in ("text", "textarea"):
            return self.words(one.name)
        return "correct horse battery" if one.kind == "password" else ""

    @staticmethod
    def words(name):
        """What is understood in a text box that does not take everything."""
        known_values = {
            "work_phone": "+1 555 010 0199",
            "email_domain": "new.example",
            "work_website": "new.example",
            "linkedin": "new-company",
            "opportunity": "",  # is chosen, not made
            "lines": "2026-01 EUR 1.1",
            "slug": f"new-{next(number)}",
            "code": "123456",
        }
        return known_values.get(name, f"New {next(number)}")


class Reader(HTMLParser):
    """The forms of a page."""

    def __init__(self, page, address):
        super().__init__()
        self.address, self.forms, self.by_id = address, [], {}
        self.form = self.select = self.area = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            path = urlsplit(a.get("action") or self.address)
            self.form = PageForm(path.path or urlsplit(self.address).path, (a.get("method") or "get").lower())
            self.by_id[a.get("id", "")] = self.form
            self.forms.append(self.form)
        form = self.by_id.get(a["form"]) if "form" in a else self.form
        if form is None or "disabled" in a:
            return
        created = Field(a.get("name") or "", a.get("type") or "text", a.get("value") or "")
        created.is_required, created.is_checked, created.mode = (
            "required" in a,
            "checked" in a,
            a.get("inputmode", ""),
        )
        created.is_invalid = a.get("aria-invalid") == "true"
        if tag == "button" or (tag == "input" and created.kind in ("submit", "button", "reset")):
            if created.name:
                form.buttons.append((created.name, created.value))
        elif tag == "input" and created.name:
            same_items = [
                item
                for item in form.fields
                if item.name == created.name and item.kind == created.kind == "radio"
            ]
            for item in [*same_items, created]:
                item.options = [*same_items[0].options, created.value] if same_items else [created.value]
            form.fields.append(created)
        elif tag in ("select", "textarea") and created.name:
            created.kind = tag
            form.fields.append(created)
            self.select, self.area = (created, None) if tag == "select" else (None, created)
        elif tag == "option" and self.select:
            if "selected" in a or not self.select.options:
                self.select.value = a.get("value") or ""
            self.select.options.append(a.get("value") or "")

    def handle_data(self, data):
        if self.area:
            self.area.value += data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag in ("select", "textarea"):
            self.select = self.area = None


def addresses(rows):
    """[(route, address)] of every page there is, but those that sign out."""
    results = [(route, route.address(rows)) for route in INSIDE]
    results += [(route, route.outer_address(rows)) for route in OUTSIDE]
    return [(route, address) for route, address in results if route.name not in LEAVING]


def forms_of(client, some, hear=lambda route, address: None):
    """[PageForm] of the pages [(route, address)], each once; not those of the frame around every page.

    `hear` is called after each page.
    """
    results, frame = {}, {reverse_outside("theme"), reverse("crm:search"), *map(reverse_outside, LEAVING)}
    for route, address in some:
        response = client.get(address)
        hear(route, address)
        if response.status_code != 200 or response.streaming or b"<form" not in response.content:
            continue
        for form in Reader(response.content.decode(), address).forms:
            form.route = route
            if form.action not in frame or form.action == address:
                results.setdefault(form.key, form)
    return list(results.values())


def form_on(page, like):
    """The form of a page that was answered which is this one again, None if it is not there."""
    forms = Reader(page, like.action).forms
    return next((item for item in forms if (item.method, item.action) == (like.method, like.action)), None)


def read_all_rows(but=(Session,)):
    """{(table, pk): row} of everything that is stored, whosesoever it is."""
    results = {}
    workspaces = list(Workspace.objects.all())
    for model in apps.get_models(include_auto_created=True):
        if model in but:
            continue
        if issubclass(model, WorkspaceModel):
            for workspace in workspaces:
                with activate(workspace):
                    of_it = QuerySet(model).filter(workspace_id=workspace.pk)
                    results |= {
                        (model._meta.label, row[model._meta.pk.attname]): row for row in of_it.values()
                    }
        else:
            rows = QuerySet(model).values()
            results |= {(model._meta.label, row[model._meta.pk.attname]): row for row in rows}
    return results


def differences(before, after):
    """{(table, pk): (row before or None, row after or None)} of what is not the same any more."""
    return {
        key: (before.get(key), after.get(key))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }
