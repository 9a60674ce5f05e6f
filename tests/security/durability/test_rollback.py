"""A request that writes and then fails leaves nothing stored, and no page says that it succeeded."""

from contextlib import contextmanager, nullcontext

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.template.response import TemplateResponse

from crm.tests import factories
from crm.viewsets import COMPANIES, OPPORTUNITIES, PEOPLE
from crud.views import delete, edit, export
from crud.views.delete import DeleteView
from crud.views.edit import RecordFormMixin
from tests.security.support.page_forms import PageForm, Quick, differences, form_on, read_all_rows
from workspaces.models import AuditEntry, User
from workspaces.tenancy import middleware
from workspaces.tenancy.db_session import session_settings

pytestmark = [
    pytest.mark.security,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet"),
]


class Planted(Exception):
    """The failure that is planted."""


def raise_planted(*args, **kwargs):
    raise Planted


def fail_in_view(monkeypatch, settings):
    """After the record, its audit entry and the message of success were written."""
    completed = RecordFormMixin.done
    monkeypatch.setattr(RecordFormMixin, "done", lambda *args: (completed(*args), raise_planted()))
    monkeypatch.setattr(DeleteView, "back_to", raise_planted)


def fail_in_template(monkeypatch, settings):
    """While the answer is rendered, which is after the view has returned."""

    def answer(view, *args):
        return TemplateResponse(view.request, "no/such/template.html")

    monkeypatch.setattr(RecordFormMixin, "done", answer)
    for view in (edit, delete):
        monkeypatch.setattr(view, "HttpResponseRedirect", lambda url: TemplateResponse(None, "no/such.html"))


def fail_in_middleware(monkeypatch, settings):
    """On the way out, in a middleware between the view and the transaction."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.fail_on_the_way_out"]


def answer_500(monkeypatch, settings):
    """With no exception at all."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.answer_with_500"]


def fail_on_the_way_out(get_response):
    def middleware(request):
        response = get_response(request)
        if request.method == "POST":
            raise Planted
        return response

    return middleware


def answer_with_500(get_response):
    def middleware(request):
        response = get_response(request)
        return HttpResponse("broken", status=503) if request.method == "POST" else response

    return middleware


FAILURES = [fail_in_view, fail_in_template, fail_in_middleware, answer_500]


def requests(client):
    """{what is written: (address, what is posted)}, one of each kind, with rows that are there for it."""
    company, person, opportunity = factories.company(), factories.person(), factories.opportunity()
    result = {}
    for viewset, row in ((PEOPLE, person), (COMPANIES, company), (OPPORTUNITIES, opportunity)):
        for action, args in (("create", ()), ("update", (row.pk,))):
            address = viewset.url(action, *args)
            form = form_on(client.get(address).content.decode(), PageForm(address, "post"))
            result[f"{viewset.route} {action}"] = address, form.filled() | {"name": "Half-stored"}
        result[f"{viewset.route} delete"] = viewset.url("delete", row.pk), {"ids": row.pk}
    return result


def leftovers(client, failure=None):
    """{what was written: what is stored of it} after requests that all failed."""
    result, state_before = {}, read_all_rows()
    for subject, (address, data) in client.requests.items():
        browser = Quick.like(client)
        status = browser.post(address, data).status_code
        assert status >= 500, (subject, status)
        if changed := differences(state_before, read_all_rows()):
            result[subject] = changed
            state_before = read_all_rows()
        if b"Half-stored" in browser.get(COMPANIES.url("list")).content:
            result[f"{subject}: said"] = True
    return result


@pytest.fixture
def client(sign_in, workspace):
    browser = sign_in(workspace, "admin and sales staff")
    browser.requests = requests(browser)
    return browser


@pytest.mark.parametrize("failure", FAILURES, ids=lambda one: one.__name__)
def test_nothing_is_stored_of_a_request_that_fails(client, monkeypatch, settings, failure):
    failure(monkeypatch, settings)
    assert leftovers(client) == {}


@pytest.mark.parametrize("failure", [fail_in_view, answer_500], ids=lambda one: one.__name__)
def test_canary_without_a_transaction_it_is_stored_and_that_is_seen(client, monkeypatch, settings, failure):
    failure(monkeypatch, settings)
    monkeypatch.setattr(middleware, "open_transaction", without_a_transaction)
    assert leftovers(client)


def without_a_transaction(request, slug):
    """Run SQLite with no transaction around a request; on PostgreSQL nothing is visible without one."""
    return nullcontext() if connection.vendor == "sqlite" else committing(request)


@contextmanager
def committing(request):
    """A transaction that commits, whatever happens in it."""
    user = request.user
    with transaction.atomic():
        try:
            with session_settings(
                {"socius.user_id": str(user.pk), "socius.workspace_id": str(user.last_workspace_id)}
            ):
                yield
        finally:
            connection.needs_rollback = False


def test_canary_a_500_that_commits_is_seen(client, monkeypatch, settings):
    answer_500(monkeypatch, settings)
    monkeypatch.setattr(middleware.transaction, "set_rollback", lambda *args: None)
    assert leftovers(client)


def test_an_export_that_breaks_off_stores_only_that_it_was_asked_for(client, monkeypatch):
    factories.company()
    state_before = read_all_rows()
    monkeypatch.setattr(export, "escape_formula", raise_planted)
    response = Quick.like(client).get(COMPANIES.url("list"), {"export": "csv"})
    with pytest.raises(Planted):
        b"".join(response.streaming_content)
    response.close()
    changed = differences(state_before, read_all_rows())
    assert {label for label, _ in changed} <= {AuditEntry._meta.label, User._meta.label}
