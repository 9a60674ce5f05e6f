"""Requests that carry the right foreign id in each parameter of each page, derived from the pages themselves.

All foreign records that a request could name have one id, one submission key and one name. So one value is
the right one for a parameter of any model, and no list of parameters and their models has to be kept.
"""

import ast
import copy
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from tests.security.support.page_forms import Listening, Quick, Reader
from tests.support.routes import FIXED
from workspaces.tenancy.scope import activate

FOREIGN_ID = 900_001
FOREIGN_KEY = "9f3c1d52-0000-4000-8000-000000900001"  # the submission key of the foreign records
MARK = "LeakedName"  # of each foreign record; so long that no random token has it
TYPED = MARK.lower()  # result by that name, and not the mark itself where a page repeats what was typed
NEVER_FOREIGN = {"csrfmiddlewaretoken", "version"}
HTMX_TARGETS = ("table", "totals", "entries", "preview")
METHODS = ("get", "post", "head", "put", "patch", "delete")
WALL_MESSAGES = ("leave its workspace", '"wall_', "row-level security")
PACKAGES = ("crud", "workspaces", "crm", "recurring", "socius")


@dataclass(frozen=True)
class Probe:
    """One request: where the foreign value is, and all that is sent."""

    route: str
    place: str
    method: str
    address: str
    data: tuple = ()
    headers: tuple = ()


@dataclass
class Outcome:
    """Counts of the requests that were sent, and those that showed, changed or reached foreign records."""

    requests: int = 0
    statuses: dict = field(default_factory=dict)
    failures: list = field(default_factory=list)


def listen_to_all(get_response):
    """Middleware that records which parameters of the URL and of the form a page reads."""

    def middleware(request):
        request.GET = Listening(request.META["QUERY_STRING"])
        if request.method == "POST":
            posted = Listening("", mutable=True)
            for name, values in request.POST.lists():
                posted.setlist(name, values)
            posted._mutable = False
            request._post = posted
        return get_response(request)

    return middleware


@contextmanager
def first_ids(value):
    """Give the next record of each table the id `value`; afterwards the sequences are as they were."""
    tables = [
        (model._meta.db_table, model._meta.pk.column)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.pk.get_internal_type() in ("AutoField", "BigAutoField")
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence")
            cursor.executemany(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)",
                [(name, value - 1) for name, _ in tables],
            )
            yield  # the test's transaction takes it back
            return
        former = {}
        for name, column in tables:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{name}"', column])
            sequence = cursor.fetchone()[0]
            cursor.execute(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608
            former[sequence] = cursor.fetchone()
            cursor.execute("SELECT setval(%s, %s)", [sequence, value - 1])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for sequence, (last, is_called) in former.items():
                cursor.execute("SELECT setval(%s, %s, %s)", [sequence, last, is_called])


class Explorer:
    """Finds the parameters that pages read, by opening each page and sending each form once."""

    def __init__(self, client, rows):
        self.client, self.rows = client, rows
        self.names = set()  # of all parameters that any page reads
        self.sent = set()  # of all parameters that carried a foreign value

    def ask(self, method, address, data=(), **headers):
        """(response, names of the parameters that were read); nothing of the request stays stored."""
        Listening.names.clear()
        with transaction.atomic(), activate(None):
            response = getattr(copied(self.client), method)(address, dict(data), **headers)
            if response.streaming:
                b"".join(response.streaming_content)
            transaction.set_rollback(True)
        names = set(Listening.names)
        self.names |= names
        return response, names

    def probes(self, route, address):
        """[Probe] of a page: its path, its query, the forms on it and what it reads of a form."""
        path = address.partition("?")[0]
        page, names = self.ask("get", address)
        is_page = page.status_code == 200 and not page.streaming and b"<form" in page.content
        forms = Reader(page.content.decode(), address).forms if is_page else []
        location = [form for form in forms if form.action == path]
        for form in location:
            if form.method == "get":
                names |= {item.name for item in form.fields}
        result = [*path_probes(route), Probe(str(route), "page", "get", path)]
        result += self.query_probes(route, path, names)
        typed_text = next((form.filled() for form in location if form.method == "post"), {})
        buttons = [name for form in location if form.method == "post" for name, _ in form.buttons]
        if self.ask("post", path, typed_text)[0].status_code != 405:
            result += self.body_probes(route, path, typed_text, buttons)
        return list(dict.fromkeys(result))

    def closure(self, method, path, typed, names):
        """The names, and those that are read only where one of them is there."""
        names, waiting = set(names), sorted(names)
        while waiting:
            new = self.ask(method, path, typed | {waiting.pop(): FOREIGN_ID})[1] - names
            names |= new
            waiting += sorted(new)
        return names

    def query_probes(self, route, path, names):
        names = self.closure("get", path, {}, names) - NEVER_FOREIGN
        self.sent |= names
        for name in sorted(names):
            for value in (FOREIGN_ID, TYPED):
                yield self.query(route, path, {name: value})
                if "export" in names and name != "export":
                    yield self.query(route, path, {name: value, "export": "csv"})
                    yield self.query(route, path, {name: value, "export": "all"})
            for target in HTMX_TARGETS if "sort" in names else ():
                headers = (("HTTP_HX_REQUEST", "true"), ("HTTP_HX_TARGET", target))
                yield self.query(route, path, {name: FOREIGN_ID}, headers)
        if "do" in names:
            for action in ("detail", "update", "delete"):
                yield self.query(route, path, {"do": action, "ids": FOREIGN_ID})
        if "export" in names:
            yield self.query(route, path, {"export": "csv"})
        if names:
            yield self.query(route, path, {}, (("HTTP_HX_REQUEST", "true"),))

    def body_probes(self, route, path, typed, buttons):
        names = self.closure("post", path, typed, {*typed} | self.ask("post", path, typed)[1])
        names = (names | {*buttons}) - NEVER_FOREIGN
        self.sent |= names
        for name in sorted(names):
            value = FOREIGN_KEY if name == "submission" else FOREIGN_ID
            yield self.body(route, path, typed | {name: value})
            if f"{name}-id" in names:
                chosen = {name: TYPED, f"{name}-id": FOREIGN_ID}
                named_items = {name: TYPED, f"{name}-which": FOREIGN_ID, f"{name}-asked": TYPED}
                for pair in (chosen, named_items, {name: TYPED, f"{name}-id": ""}):
                    yield self.body(route, path, typed | pair)
                    for button in buttons:
                        yield self.body(route, path, typed | pair | {button: "1"})
            elif name not in buttons:
                yield self.body(route, path, typed | {name: TYPED})
        if "ids" in names:
            yield self.body(route, path, typed | {"ids": FOREIGN_ID, "confirmed": "yes"})

    def query(self, route, path, data, headers=()):
        return Probe(str(route), "query", "get", path, frozen(data), headers)

    def body(self, route, path, data):
        return Probe(str(route), "body", "post", path, frozen(data))


def path_probes(route):
    """Each method on the page of the foreign record itself."""
    if {*route.parameters} - {*FIXED} and ":" in route.name:
        address = reverse(route.name, args=[FOREIGN_ID] * len(route.parameters))
        for method in METHODS:
            yield Probe(str(route), "path", method, address)


def frozen(data):
    return tuple(
        (name, tuple(value) if isinstance(value, list) else str(value)) for name, value in data.items()
    )


def copied(client):
    """A client with the same cookies, which takes new ones without handing them on."""
    quick = Quick()
    quick.cookies = SimpleCookie()
    quick.cookies.update(copy.deepcopy(client.cookies))
    return quick


def send(client, probe):
    """(response, all that its user gets to read): a redirect is followed, for the message it brings."""
    browser = copied(client)
    response = getattr(browser, probe.method)(probe.address, dict(probe.data), **dict(probe.headers))
    text = read(response)
    if response.status_code in (302, 303) and response.url.startswith("/") and probe.method == "post":
        text += read(browser.get(response.url.partition("#")[0]))
    return response, text + str(response.headers).encode()


def read(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


@contextmanager
def watched():
    """(statements that write, messages of the database where its own isolation had to refuse one)."""
    written, refused = [], []

    def watch(execute, sql, params, many, context):
        if not sql.startswith(("SELECT ", "SAVEPOINT ", "RELEASE ", "ROLLBACK ")):
            written.append(sql)
        try:
            return execute(sql, params, many, context)
        except IntegrityError as error:
            if any(words in str(error) for words in WALL_MESSAGES):
                refused.append(str(error))
            raise

    with connection.execute_wrapper(watch):
        yield written, refused


def check_references():
    """The database's message where a record refers to one of another workspace, "" where none does."""
    if connection.vendor != "postgresql":
        return ""  # its triggers refuse at once
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        return str(error)
    return ""


def run(client, probes, read_state):
    """Send the probes, each in a transaction that is rolled back; return the Outcome."""
    outcome, state_before = Outcome(), read_state()
    for probe in probes:
        faults = []
        with transaction.atomic():
            with activate(None), watched() as (written, refused):
                response, text = send(client, probe)
            if MARK.encode() in text:
                faults.append("shown")
            if response.status_code >= 500:
                faults.append("broken")
            if probe.place == "path" and response.status_code not in (404, 405):
                faults.append("answered")
            if written and (message := check_references()):
                refused.append(message)
            if refused:
                faults.append(f"stopped by the database only: {refused[0][:80]}")
            if written and read_state() != state_before:
                faults.append("changed")
            transaction.set_rollback(True)
        outcome.requests += 1
        outcome.statuses[response.status_code] = outcome.statuses.get(response.status_code, 0) + 1
        if faults:
            outcome.failures.append((faults, response.status_code, probe))
    return outcome


def names_in_code():
    """{parameter: files} of all names that the code reads of a URL or a form, by its source."""
    result = {}
    for package in PACKAGES:
        for path in sorted(Path(settings.BASE_DIR, package).rglob("*.py")):
            if "tests" in path.parts or "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                for name in names_read_by(node):
                    result.setdefault(name, set()).add(str(path.relative_to(settings.BASE_DIR)))
    return result


def names_read_by(node):
    """The constant names that one node reads of what looks like a request's parameters."""
    if isinstance(node, ast.Subscript) and is_parameters(node.value):
        keys = [node.slice]
    elif isinstance(node, ast.Compare) and any(is_parameters(item) for item in node.comparators):
        keys = [node.left]
    elif isinstance(node, ast.Call) and is_parameters(getattr(node.func, "value", None)):
        keys = node.args[:1]
    elif isinstance(node, ast.Call) and node.args and is_parameters(node.args[0]):
        keys = node.args[1:2]
    else:
        keys = []
    return [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]


def is_parameters(node):
    """Return True if an expression is request.GET, request.POST or a variable named for them."""
    if isinstance(node, ast.Attribute):
        return node.attr in ("GET", "POST")
    return isinstance(node, ast.Name) and node.id in ("parameters", "GET", "POST", "posted")
