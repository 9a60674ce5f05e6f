"""Error pages, and that they disclose nothing to strangers."""

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from crm.viewsets import COMPANIES, STAGES
from socius import errors
from workspaces.models import Membership


def read_page(response):
    return response.content.decode()


def test_what_is_not_there_is_not_found_and_a_member_can_search_for_it(sign_in, workspace):
    response = sign_in(workspace).get(COMPANIES.url("detail", 999))
    assert response.status_code == 404
    assert reverse("crm:search") in read_page(response) and "Acme" in read_page(response)


def test_a_workspace_one_is_not_in_looks_like_one_that_is_not_there(sign_in, workspace, other_workspace):
    client = sign_in(workspace)
    theirs, nobodys = client.get("/w/other/crm/"), client.get("/w/nobody/crm/")
    assert theirs.status_code == nobodys.status_code == 404
    assert "Other" not in read_page(theirs)
    assert theirs.context["tabs"] == nobodys.context["tabs"] == []


def test_who_may_not_is_told_who_could_allow_it(sign_in, workspace):
    response = sign_in(workspace, "reader").get(STAGES.url("list"))
    assert response.status_code == 403
    assert "You need the Admin role." in read_page(response)


def test_a_form_without_its_token_is_called_too_old(workspace, sign_in):
    member = sign_in(workspace).member
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member.user)
    response = strict.post(COMPANIES.url("create"), {"name": "Acme"})
    assert response.status_code == 403
    assert "This form had expired" in read_page(response)


def test_a_host_that_is_not_ours_is_not_understood(client, db):
    response = client.get("/accounts/login/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "We couldn’t process that request" in read_page(response)


def test_an_address_for_forms_is_no_page(sign_in, workspace):
    response = sign_in(workspace).get("/theme/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "This link can’t be opened directly" in read_page(response)


@pytest.mark.parametrize(
    ("mistake", "status"), [(RuntimeError("our mistake"), 500), (OperationalError("locked"), 503)]
)
def test_our_own_mistakes_have_a_page_that_needs_nothing(sign_in, workspace, monkeypatch, mistake, status):
    client = sign_in(workspace)
    client.raise_request_exception = False

    def of(user):
        raise mistake

    monkeypatch.setattr(Membership, "of", of)
    response = client.get(COMPANIES.url("list"))
    assert response.status_code == status
    assert "Nothing was saved" in read_page(response)
    assert "our mistake" not in read_page(response)
    assert response.headers.get("Retry-After") == ("5" if status == 503 else None)


def test_the_last_page_is_there_even_without_its_template(monkeypatch):
    def lost(*args):
        raise OSError

    monkeypatch.setattr(errors, "render_to_string", lost)
    errors._render_without_context.cache_clear()
    assert "Something went wrong" in errors.render_without_context()
    errors._render_without_context.cache_clear()


def test_errors_carry_the_headers_of_every_page(client, db):
    assert client.get("/nothing/")["Content-Security-Policy"].startswith("default-src 'none'")
