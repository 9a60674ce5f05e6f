"""Two people save at once, one deletes what the other saves, somebody presses Save eight times.

Nothing saved is lost, nothing deleted comes back, and there is one row of each form.
"""

import uuid
from itertools import cycle, islice

import pytest
from django.db import models

from crm.models import Company
from crm.tests import factories
from crm.viewsets import ENTITIES, SETTINGS
from crud.models import VersionedModel
from crud.views.edit import UpdateView
from recurring.tests import factories as revenue
from recurring.viewsets import ENTITIES as REVENUE
from recurring.viewsets import SETTINGS as CATEGORIES
from tests.security.support.page_forms import PageForm, Quick, form_on
from tests.security.support.simultaneous import crowd

pytestmark = [
    pytest.mark.security,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet"),
]
KINDS = [*ENTITIES, *SETTINGS, *REVENUE, *CATEGORIES]
PRESSES = 8
EACH = 500  # races on each of the databases: a thousand together


def create_row(viewset):
    """A new row of a kind that nothing uses."""
    name = viewset.model._meta.model_name
    if viewset in REVENUE:
        # One client for all: to be moved to another one changes past months, which is asked about first.
        company = Company.objects.filter(name="Client of all").first() or factories.company(
            name="Client of all"
        )
        return revenue.profile(company=company)
    return (
        getattr(factories, name)()
        if hasattr(factories, name) and viewset in ENTITIES
        else viewset.model.objects.create(name=f"Entry {next(factories.number)}")
    )


def form_of(client, viewset, action, *args):
    """What the form sends that a page of the kind shows; without what tells one sending from another."""
    address = viewset.url(action, *args)
    form = form_on(client.get(address).content.decode(), PageForm(address, "post"))
    typed_text = form.filled() if action == "create" else form.values()
    return address, {
        name: sample for name, sample in typed_text.items() if name not in ("submission", "version")
    }


class Edits:
    """The form of one row of a kind, to be sent again and again."""

    def __init__(self, client, viewset):
        self.client, self.viewset, self.row = client, viewset, create_row(viewset)
        self.address, self.typed = form_of(client, viewset, "update", self.row.pk)

    def saved(self, name, version):
        """A function that saves the name over the version, and answers with the status."""
        browser = Quick.like(self.client)
        typed_text = {**self.typed, "name": name, "version": version, "submission": str(uuid.uuid4())}
        return lambda: browser.post(self.address, typed_text).status_code

    def now(self, pk=None):
        """(version, name) as it is stored."""
        return self.viewset.model.objects.values_list("version", "name").get(pk=pk or self.row.pk)


def lost(people, edits, rounds):
    """[(kind, answers, version before, what is stored)] of the rounds in which an edit was lost."""
    results = []
    for number, edit in islice(enumerate(cycle(edits)), rounds):
        version, _ = people.there(edit.now)
        names = [f"Left {number}", f"Right {number}"]
        answers = people.at_once(*(edit.saved(name, version) for name in names))
        state_after, stored = people.there(edit.now)
        winners = [name for name, status in zip(names, answers, strict=True) if status == 302]
        if (
            len(winners) != 1
            or state_after != version + 1
            or stored != winners[0]
            or sorted(answers) != [302, 409]
        ):
            results.append((edit.viewset.route, answers, version, state_after, stored))
    print(f"{rounds} races of two edits: {len(results)} lost")
    return results


def test_of_two_edits_at_once_none_is_lost(sign_in, workspace, tmp_path, reach):
    client = sign_in(workspace, "admin and sales staff")
    edits = [Edits(client, viewset) for viewset in KINDS]
    with crowd(2, workspace, tmp_path) as people:
        assert lost(people, edits, reach(20, EACH)) == []


def test_edits_that_are_saved_plainly_are_lost_and_that_is_seen(sign_in, workspace, tmp_path, monkeypatch):
    """The canary."""
    monkeypatch.setattr(VersionedModel, "save", models.Model.save)
    monkeypatch.setattr(VersionedModel, "_do_update", models.Model._do_update)
    edits = [Edits(sign_in(workspace, "admin and sales staff"), KINDS[0])]
    with crowd(2, workspace, tmp_path) as people:
        assert lost(people, edits, 2)


def back_again(people, client, viewsets, rounds):
    """[(kind, answers)] of the rounds after which a row is there that was deleted."""
    forms, results = [Edits(client, viewset) for viewset in viewsets], []
    for viewset, edit in islice(cycle(zip(viewsets, forms, strict=True)), rounds):
        row = people.there(lambda viewset=viewset: create_row(viewset))
        saves, deletes = Quick.like(client), Quick.like(client)
        saving, deleting = viewset.url("update", row.pk), viewset.url("delete", row.pk)
        typed_text = {**edit.typed, "name": "Saved once more", "version": row.version}
        answers = people.at_once(
            lambda: saves.post(saving, typed_text).status_code,  # noqa: B023 - called before the next round
            lambda: deletes.post(deleting, {"ids": row.pk}).status_code,  # noqa: B023
        )
        is_there = people.there(lambda: viewset.model.objects.filter(pk=row.pk).exists())  # noqa: B023
        people.there(lambda: viewset.model.objects.filter(name="Saved once more").delete())  # noqa: B023
        if is_there or answers[0] not in (302, 404, 409) or answers[1] != 302:
            results.append((viewset.route, answers, is_there))
    print(f"{rounds} races of an edit and a deletion: {len(results)} came back")
    return results


def test_what_is_deleted_while_it_is_edited_stays_deleted(sign_in, workspace, tmp_path, reach):
    client = sign_in(workspace, "admin and sales staff")
    with crowd(2, workspace, tmp_path) as people:
        assert back_again(people, client, KINDS, reach(20, EACH)) == []


@pytest.mark.parametrize("is_plain", [False, True])
def test_a_deletion_in_the_very_middle_of_an_edit(sign_in, workspace, monkeypatch, is_plain):
    """With the race decided: between reading the row and saving it. Saved plainly, it comes back."""
    client, viewset = sign_in(workspace, "admin"), SETTINGS[0]
    row, edit = create_row(viewset), Edits(client, viewset)
    valid = UpdateView.form_valid

    def late(view, form):
        viewset.model.objects.filter(pk=row.pk)._raw_delete("default")
        return valid(view, form)

    monkeypatch.setattr(UpdateView, "form_valid", late)
    if is_plain:
        monkeypatch.setattr(VersionedModel, "save", models.Model.save)
        monkeypatch.setattr(VersionedModel, "_do_update", models.Model._do_update)
        # Nor does the form say which columns it means, without which Django would not insert.
        monkeypatch.setattr(
            viewset.form, "save", lambda form, commit=True: form.instance.save() or form.instance
        )
    Quick.like(client).post(
        viewset.url("update", row.pk), {**edit.typed, "name": "Back", "version": row.version}
    )
    assert viewset.model.objects.filter(pk=row.pk).exists() is is_plain


def list_doubled_rows(people, client, viewsets, rounds, with_key=True):
    """[(kind, answers, rows)] of the rounds in which a form sent eight times at once made not one row."""
    forms, results = [form_of(client, viewset, "create") for viewset in viewsets], []
    browsers = [Quick.like(client) for _ in range(PRESSES)]
    pairs = cycle(zip(viewsets, forms, strict=True))
    for number, (viewset, (address, typed_text)) in islice(enumerate(pairs), rounds):
        key = {"submission": str(uuid.uuid4())} if with_key else {}
        sent_data = {**typed_text, **key, "name": f"Pressed {number}"}
        answers = people.at_once(
            *(lambda one=one: one.post(address, sent_data).status_code for one in browsers)  # noqa: B023
        )
        rows = people.there(lambda: viewset.model.objects.filter(name=sent_data["name"]).count())  # noqa: B023
        if rows != 1 or {*answers} != {302}:
            results.append((viewset.route, answers, rows))
    print(f"{rounds} forms sent {PRESSES} times at once: {len(results)} made not one row")
    return results


def test_a_form_sent_eight_times_at_once_makes_one_row(sign_in, workspace, tmp_path, reach):
    client = sign_in(workspace, "admin and sales staff")
    with crowd(PRESSES, workspace, tmp_path) as people:
        assert list_doubled_rows(people, client, KINDS, reach(len(KINDS), 50)) == []


def test_without_its_key_it_makes_several_and_that_is_seen(sign_in, workspace, tmp_path):
    """The canary."""
    client = sign_in(workspace)
    with crowd(PRESSES, workspace, tmp_path) as people:
        assert list_doubled_rows(people, client, [ENTITIES[0]], 1, with_key=False)[0][2] > 1
