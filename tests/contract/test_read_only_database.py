"""Pages can be read while the database rejects all writes."""

from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from tests.contract.test_url_permissions import rows
from tests.support.routes import INSIDE
from workspaces.models import User


@contextmanager
def refused_writes():
    """Let the database reject each write of the block."""
    if connection.vendor == "sqlite":
        driver = connection.connection  # works in any transaction state of Django's
        driver.execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            driver.execute("PRAGMA query_only = OFF")
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield
        transaction.set_rollback(True)  # back to the savepoint: writable again


@pytest.fixture
def visitor(sign_in, workspace, other_workspace):
    """A client whose user was in another workspace last."""
    client = sign_in(workspace, "admin and sales staff")
    User.objects.filter(pk=client.member.user_id).update(last_workspace=other_workspace)
    return client


def test_the_database_refuses_writes_in_the_block(workspace):
    with refused_writes(), pytest.raises(DatabaseError), transaction.atomic():
        User.objects.update(name="x")
    User.objects.update(name="x")


def test_each_page_is_shown_while_nothing_can_be_written(visitor):
    records = rows()
    addresses = {str(route): route.address(records) for route in INSIDE}
    with refused_writes():
        statuses = {name: visitor.get(address).status_code for name, address in addresses.items()}
    assert not {name: status for name, status in statuses.items() if status >= 500}


def test_the_workspace_is_noted_once_it_can_be(visitor, workspace):
    url = "/w/acme/crm/people/"
    with refused_writes():
        assert visitor.get(url).status_code == 200
    assert visitor.get(url).status_code == 200
    assert User.objects.get(pk=visitor.member.user_id).last_workspace_id == workspace.pk
