"""All pairs of acts at the same moment: what was acknowledged is there, and no data contradicts itself.

On both databases, by threads with connections of their own, against the whole product. The canaries take away
one protection each, and the same rounds go red.
"""

import math
import time
from itertools import combinations_with_replacement

import pytest
from django.db import connection, models

from crm.models import Company, Opportunity, Person, Trashed
from crud.models import VersionedModel
from crud.views import edit
from recurring.models import RevenueProfile
from tests.security.support.race_operations import Create, Delete, Edit, Erase, Restore, acts_on
from tests.security.support.race_rounds import Rounds, plan_triples
from tests.security.support.simultaneous import crowd
from workspaces.tenancy import db_session, middleware

pytestmark = [
    pytest.mark.security,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet"),
]
MODELS = [Company, Person, Opportunity, RevenueProfile]
# Rounds of each pair of acts in `make test-security`, over all models that have both: in some of them the two
# are alone, in the others a third act comes at the same moment. A few on SQLite, where writes take turns.
ALONE, WITH_A_THIRD = (20, 180) if connection.vendor == "postgresql" else (4, 4)
LIMIT = 60  # rounds in which a canary must be seen


@pytest.fixture
def rounds(sign_in, workspace, tmp_path):
    client = sign_in(workspace, "admin and sales staff")
    with crowd(3, workspace, tmp_path) as people:
        yield Rounds(people, client)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_acknowledged_is_lost_and_nothing_contradicts_itself(rounds, reach, model):
    began = time.monotonic()
    acts = acts_on(model)
    pairs = list(combinations_with_replacement(acts, 2))
    for pair in pairs:
        rounds.play(model, pair, reach(1, share(ALONE, pair)))
    for triple in reach([], plan_triples(acts, lambda pair: share(WITH_A_THIRD, pair))):
        rounds.play(model, triple)
    rounds.check()
    print(f"{rounds.played} rounds of {len(pairs)} pairs in {time.monotonic() - began:.0f} s")
    assert not rounds.failures, "\n".join(map(str, rounds.failures))


def share(count, pair):
    """Return how many of so many rounds of a pair fall to each of the models that have both acts."""
    names = {act.name for act in pair}
    return math.ceil(count / sum(names <= {act.name for act in acts_on(model)} for model in MODELS))


def until_red(rounds, model, left, right):
    """Return True if a failure was seen within a number of rounds."""
    return any(rounds.play(model, (left, right), 5) or rounds.check() for _ in range(LIMIT // 5))


@pytest.fixture
def no_lock(monkeypatch):
    """Requests as they were before the write lock: nothing serializes them on either database."""

    def run_plainly(request, slug):
        return db_session.session_settings(
            {"socius.user_id": str(request.user.pk)}, has_savepoint=True, write_lock=slug
        )

    monkeypatch.setattr(db_session, "_send_with_lock", lambda settings, key: db_session._send(settings))
    monkeypatch.setattr(db_session, "acquire_write_lock", lambda workspace: None)
    monkeypatch.setattr("workspaces.tenancy.scope.acquire_write_lock", lambda workspace: None)
    monkeypatch.setattr(middleware, "open_transaction", run_plainly)


@pytest.fixture
def slow_forms(monkeypatch):
    """A moment between a form's look at the database and its save: what races need to be seen soon."""
    save = edit.CreateView.form_valid

    def form_valid(view, form):
        time.sleep(0.05)
        return save(view, form)

    monkeypatch.setattr(edit.CreateView, "form_valid", form_valid)


def test_without_the_lock_live_records_point_into_the_trash(rounds, no_lock, slow_forms):
    """The canary."""
    assert until_red(rounds, Company, Create(), Delete())


def test_a_restoration_of_what_is_erased_already_is_seen(rounds, no_lock, monkeypatch):
    """The canary."""

    def restore(entry):
        row = entry.model.trash.get(pk=entry.row_id)
        time.sleep(0.05)
        entry.model.with_trash.filter(pk=entry.row_id).update(deleted_at=None)
        entry.delete()
        return row

    monkeypatch.setattr(Trashed, "restore", restore)
    assert until_red(rounds, Person, Restore(), Erase())


def test_a_plain_save_is_seen(rounds, monkeypatch):
    """The canary."""
    monkeypatch.setattr(VersionedModel, "save", models.Model.save)
    monkeypatch.setattr(VersionedModel, "_do_update", models.Model._do_update)
    assert until_red(rounds, Person, Edit(), Edit())
