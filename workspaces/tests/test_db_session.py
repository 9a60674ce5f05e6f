"""What the database is told of a transaction: at its start, for as long as it holds, and never longer."""

import threading
from contextlib import nullcontext
from contextvars import copy_context

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from crm.models import Company, Opportunity, Source
from crm.tests import factories
from crm.tests.submitted_forms import Form
from workspaces.creation import create_workspace
from workspaces.tenancy import db_session
from workspaces.tenancy.scope import NoActiveWorkspace, activate

pytestmark = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no policies")


def read_workspace_setting():
    """The workspace that the database believes to be in, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('socius.workspace_id', true)")
        return cursor.fetchone()[0] or ""


def break_it():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


@pytest.fixture
def committed(transactional_db):
    """Two workspaces, as they are outside of every transaction."""
    user = get_user_model().objects.create_user("olga@acme.example", "try-socius-now", name="Olga")
    return create_workspace(user, "Acme", slug="acme"), create_workspace(user, "Other", slug="other")


def test_a_block_inside_another_has_its_own_workspace_and_gives_it_back(committed):
    item, two = committed
    assert read_workspace_setting() == ""
    with activate(item):
        assert read_workspace_setting() == str(item.pk)
        with activate(two):
            assert read_workspace_setting() == str(two.pk)
            with activate(None):
                assert read_workspace_setting() == ""
        assert read_workspace_setting() == str(item.pk)
    assert read_workspace_setting() == ""


def test_a_block_in_a_transaction_ends_before_the_transaction_does(committed):
    with transaction.atomic():
        with activate(committed[0]):
            factories.company()
        assert read_workspace_setting() == ""
        with pytest.raises(NoActiveWorkspace):
            Company.objects.exists()


@pytest.mark.parametrize("is_noticed", [True, False])
def test_after_what_broke_in_a_block_the_one_around_it_goes_on(committed, is_noticed):
    item, two = committed
    with activate(item):
        # Of what breaks in a savepoint of its own Django knows; else only PostgreSQL does.
        savepoint = transaction.atomic() if is_noticed else nullcontext()
        with pytest.raises(DatabaseError), transaction.atomic(), activate(two), savepoint:
            break_it()
        assert read_workspace_setting() == str(item.pk)
        factories.company()
    with activate(item):
        assert Company.objects.count() == 1


def test_what_is_done_on_commit_enters_anew(committed):
    answers = []

    def count():
        with pytest.raises(NoActiveWorkspace):
            Company.objects.count()
        with activate(committed[0]):
            answers.append(Company.objects.count())

    with activate(committed[0]):
        factories.company()
        transaction.on_commit(count)
    assert answers == [1]


def test_another_thread_is_told_nothing_and_says_so(committed):
    refused = []

    def ask():
        try:
            list(Company.objects.all())
        except NoActiveWorkspace as error:
            refused.append(error)
        finally:
            connections.close_all()

    with activate(committed[0]):
        thread = threading.Thread(target=copy_context().run, args=[ask])
        thread.start()
        thread.join()
    assert len(refused) == 1


def test_a_request_is_one_statement_more(committed, monkeypatch):
    sent_data, send = [], db_session._send
    monkeypatch.setattr(db_session, "_send", lambda settings: (sent_data.append(settings), send(settings)))
    client = Client()
    client.force_login(get_user_model().objects.get())
    addresses = ["/w/acme/crm/companies/", "/w/acme/crm/", "/w/other/crm/", "/w/other/crm/people/"]
    numbers = []
    for address in addresses:
        sent_data.clear()
        assert client.get(address).status_code == 200
        numbers.append(len(sent_data))
    # The first in another workspace than the last one was in takes two more, to go there and back.
    assert numbers == [3, 1, 3, 1]
    assert {"statement_timeout", "lock_timeout"} <= sent_data[0].keys()


def test_a_streamed_answer_has_its_workspace_to_the_end(committed):
    client = Client()
    client.force_login(get_user_model().objects.get())
    with activate(committed[0]):
        factories.company(name="Roofs")
    answer = client.get("/w/acme/crm/companies/?export=csv")
    assert read_workspace_setting() == "" and connection.told == {}
    assert b"Roofs" in b"".join(answer.streaming_content)
    answer.close()
    assert not connection.in_atomic_block and read_workspace_setting() == ""


def test_a_streamed_answer_that_nobody_reads_leaves_no_transaction(committed):
    client = Client()
    client.force_login(get_user_model().objects.get())
    with activate(committed[0]):
        factories.company(name="Roofs")
    answer = client.get("/w/acme/crm/companies/?export=csv")
    next(iter(answer.streaming_content))
    answer.close()
    assert not connection.in_atomic_block and read_workspace_setting() == ""


def test_a_setting_merged_away_in_that_very_instant_is_told_not_a_mistake(committed, monkeypatch):
    """Its key is looked at when the transaction ends: then the row it leads to is gone."""
    item = committed[0]
    with activate(item):
        source = Source.objects.create(name="Fair")
    client = Client()
    client.force_login(get_user_model().objects.get())
    page = client.get("/w/acme/crm/opportunities/new/")
    typed_text = {**Form(page).values, "name": "Roof", "source": source.pk}
    save = Opportunity.save

    def save_and_lose(row, *args, **options):
        save(row, *args, **options)

        def elsewhere():
            with activate(item):
                Source.objects.get(pk=source.pk).delete()
            connections.close_all()

        other_item = threading.Thread(target=elsewhere)
        other_item.start()
        other_item.join(10)

    monkeypatch.setattr(Opportunity, "save", save_and_lose)
    answer = client.post("/w/acme/crm/opportunities/new/", typed_text)
    assert answer.status_code == 409
    assert (
        "at the same moment" in answer.content.decode() and "and nothing was saved" in answer.content.decode()
    )
    with activate(item):
        assert not Opportunity.objects.exists()
    assert "is added" not in client.get("/w/acme/crm/opportunities/").content.decode()
