"""Conflicts with another request are answered with 409 and an explanation, never with 500."""

import logging

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, IntegrityError, OperationalError
from django.db.models import ProtectedError
from django.urls import path

from crm.models import Company
from crm.tests import factories
from crud.models import EditConflict
from socius.urls import urlpatterns as outside
from socius.workspace_urls import urlpatterns as inside

ERRORS = {
    "gone": Company.DoesNotExist("Secret Ltd"),
    "absent": ObjectDoesNotExist("Secret Ltd"),
    "duplicate": IntegrityError("Key (name)=(Secret Ltd) exists"),
    "protected": ProtectedError("Secret Ltd", set()),
    "overtaken": EditConflict("Secret Ltd"),
    "unaffected": DatabaseError("Save with update_fields did not affect any rows."),
}


def fail(request, name):
    if request.method == "POST" and hasattr(request.user.membership, "pk"):
        factories.company(name="Half a change")
    raise {**ERRORS, "mistake": DatabaseError("Secret Ltd"), "busy": OperationalError("Secret Ltd")}[name]


class Inside:
    urlpatterns = [*inside, path("fails/<name>/", fail)]
    handler500 = "socius.errors.server_error"


class Outside:
    urlpatterns = [*outside, path("fails/<name>/", fail)]
    handler500 = "socius.errors.server_error"


@pytest.fixture
def failing(settings, sign_in, workspace):
    settings.WORKSPACE_URLCONF, settings.ROOT_URLCONF = Inside, Outside
    client = sign_in(workspace)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("place", ["/w/acme/fails/", "/fails/"])
@pytest.mark.parametrize("method", ["post", "get"])
def test_any_view_that_was_overtaken_answers_409_and_saves_nothing(failing, caplog, name, place, method):
    with caplog.at_level(logging.ERROR, "socius.conflicts"):
        response = getattr(failing, method)(f"{place}{name}/")
    assert response.status_code == 409
    assert "at the same moment" in response.content.decode()
    if method == "post":
        assert not Company.objects.exists()
    record = next(record for record in caplog.records if record.name == "socius.conflicts")
    assert type(ERRORS[name]).__name__ in record.getMessage() and "Secret" not in record.getMessage()


@pytest.mark.parametrize(("name", "status"), [("mistake", 500), ("busy", 503)])
def test_other_errors_of_the_database_stay_what_they_are(failing, quiet, name, status):
    assert failing.post(f"/w/acme/fails/{name}/").status_code == status
