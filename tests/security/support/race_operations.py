"""The acts of the race harness, each on one small world, and what must be seen after each of them.

A world is one record of a model in a workspace, with what it points at and what points at it. An act is one
form that somebody sends; it says what must be seen afterwards if it was acknowledged, unless another
acknowledged act explains why not.
"""

import uuid
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

from django.db.models import Model
from django.urls import reverse

from crm.models import Company, Opportunity, Person, Status, Trashed
from crm.tests import factories
from crm.viewsets import COMPANIES, OPPORTUNITIES, PEOPLE
from crm.viewsets import SETTINGS as PICKLISTS
from recurring.models import RevenueProfile, RevenueTerm
from recurring.tests import factories as revenue
from recurring.viewsets import PROFILES
from recurring.viewsets import SETTINGS as CATEGORIES

VIEWSETS = {
    viewset.model: viewset
    for viewset in (COMPANIES, PEOPLE, OPPORTUNITIES, PROFILES, *PICKLISTS, *CATEGORIES)
}
# By which key a record is sorted into its picklist, and who looks after it.
PICKLIST = {Company: "contact_type", Opportunity: "status", RevenueProfile: "category"}
ASSIGNEE = {Company: "assignee", Opportunity: "assignee", RevenueProfile: "owner"}
# By model: a new record that points at one of it, and the field.
POINTING = {
    Company: (RevenueProfile, "company"),
    Person: (Opportunity, "contact"),
    Opportunity: (RevenueProfile, "opportunity"),
    RevenueProfile: (RevenueProfile, ""),
}
number = count(1)


@dataclass
class World:
    """The rows that the acts of one round are about."""

    model: type
    members: list  # the member who looks after the record, and the one who is to
    target: Model = None
    value: Model = None  # of a picklist, that the record has
    other: Model = None  # to replace it by
    entry: Trashed = None
    company: Company = None
    new_names: dict = field(default_factory=dict)

    @cached_property
    def pk(self):
        return self.target.pk

    @property
    def stored(self):
        """The record as it is stored, in the trash or not; None if it is gone."""
        return self.model.with_trash.filter(pk=self.pk).first()

    @property
    def is_live(self):
        return self.model.objects.filter(pk=self.pk).exists()

    def name(self, side):
        return self.new_names.setdefault(side, f"Race {next(number)}")


def create_world(model, members, is_trashed):
    """Create the rows of a round; `is_trashed` if an act needs the record to be in the trash."""
    world = World(model, members)
    world.company = factories.company(assignee=members[0])
    if key := PICKLIST.get(model):
        picklist = model._meta.get_field(key).related_model
        world.value, world.other = (picklist.objects.create(name=f"Value {next(number)}") for _ in range(2))
    if model is Company:
        world.target = world.company
        Company.objects.filter(pk=world.pk).update(contact_type=world.value)
        factories.person(company=world.company)
    elif model is Person:
        world.target = factories.person(company=world.company)
    elif model is Opportunity:
        differences = {"status": world.value, "assignee": members[0], "company": world.company}
        world.target = factories.opportunity(**differences)
    else:
        world.target = revenue.profile(
            company=world.company, owner=members[0], category_name=world.value.name
        )
    if is_trashed:
        world.target.delete()
        world.entry = world.target.trash_entry
    world.target = model.with_trash.get(pk=world.pk)
    return world


def record_form(world, model, name, **fields):
    """Return the data that the form of a record sends."""
    member = world.members[0].pk
    forms = {
        Company: {"assignee": member, "contact_type": world.value and world.value.pk},
        Person: {"company": "", "company-id": ""},
        Opportunity: {
            "status": world.value.pk if world.model is Opportunity else make_status_id(),
            "priority": 2,
            "win_percent": 10,
            "value": 1000,
            "assignee": member,
        },
        RevenueProfile: {
            "company": world.company.name,
            "company-id": world.company.pk,
            "category": world.value.name if world.model is RevenueProfile else "Support",
            "amount": "100",
            "unit": "month",
            "count": "1",
            "quantity": "1",
            "discount": "0",
            "start": "2026-01-01",
            "currency": "USD",
            "initial-currency": "USD",
            "renewal": "evergreen",
            "notice_days": "0",
            "owner": member,
        },
    }
    values = {**forms[model], "name": name, "submission": str(uuid.uuid4()), **fields}
    return {key: value for key, value in values.items() if value is not None}


def make_status_id():
    return next(
        pk for pk, row in Status.objects.all_by_id().items() if row.kind == "open" and not row.is_retired
    )


class Act:
    """One act: what is posted where, and whether its effect is seen in the world afterwards."""

    name = ""
    needs_trash = False
    explained_by = ()  # acts that may have undone it, or have left it nothing to do

    def request(self, world, side):
        """(URL, form)."""
        raise NotImplementedError

    def is_seen(self, world, side):
        raise NotImplementedError


class Create(Act):
    name = "create"

    def request(self, world, side):
        model, key = POINTING[world.model]
        fields = {}
        if key:
            fields = {key: getattr(world.target, "name", ""), f"{key}-id": world.pk}
        return VIEWSETS[model].url("create"), record_form(world, model, world.name(side), **fields)

    def is_seen(self, world, side):
        model, _ = POINTING[world.model]
        return model.objects.filter(name=world.name(side)).count() == 1


class Edit(Act):
    name = "edit"
    explained_by = "erase", "empty"

    def request(self, world, side):
        form = record_form(world, world.model, world.name(side), version=world.target.version)
        if world.model is RevenueProfile:
            form = {name: value for name, value in form.items() if name not in ("amount", "unit", "category")}
        return VIEWSETS[world.model].url("update", world.pk), form

    def is_seen(self, world, side):
        return world.stored is not None and world.stored.name == world.name(side)


class Delete(Act):
    name = "delete"
    explained_by = "restore", "undo"

    def request(self, world, side):
        return VIEWSETS[world.model].url("delete", world.pk), {"ids": world.pk}

    def is_seen(self, world, side):
        return not world.is_live


class Restore(Act):
    name = "restore"
    needs_trash = True
    explained_by = ("delete",)

    def request(self, world, side):
        return reverse("crm:trashed-restore", args=[world.entry.pk]), {"confirmed": "1"}

    def is_seen(self, world, side):
        return world.is_live


class Undo(Restore):
    name = "undo"

    def request(self, world, side):
        return reverse("crm:trashed-undo", args=[world.entry.pk]), {}


class Erase(Act):
    name = "erase"
    needs_trash = True

    def request(self, world, side):
        return reverse("crm:trashed-erase", args=[world.entry.pk]), {}

    def is_seen(self, world, side):
        return world.stored is None


class Empty(Erase):
    name = "empty"
    explained_by = "restore", "undo"  # it erases what there is, and that may be nothing

    def request(self, world, side):
        return reverse("crm:trashed-empty"), {"last": world.entry.pk}


class Reassign(Act):
    name = "reassign"
    # Applies to open records only; one closed by a change of kind may be reopened by a later replacement.
    explained_by = "erase", "empty", "delete", "restore", "undo", "edit", "end", "change kind"

    def request(self, world, side):
        heir = world.members[1].pk
        form = dict.fromkeys(["companies", "opportunities", "profiles"], heir)
        return reverse("members:member-hand-over", args=[world.members[0].pk]), form

    def is_seen(self, world, side):
        # An opportunity that was closed first stays with its assignee.
        is_closed = not getattr(world.stored, "is_open", True)
        return is_closed or getattr(world.stored, f"{ASSIGNEE[world.model]}_id") == world.members[1].pk


class PicklistAct(Act):
    action = ""

    def request(self, world, side):
        viewset = VIEWSETS[type(world.value)]
        return reverse(
            f"{viewset.model._meta.app_label}:{viewset.name(self.action)}", args=[world.value.pk]
        ), {
            "version": world.value.version,
            **self.form(world, side),
        }

    def current(self, world):
        return type(world.value).objects.filter(pk=world.value.pk).first()


class Archive(PicklistAct):
    name, action, explained_by = "archive", "retire", ("merge",)

    def form(self, world, side):
        return {}

    def is_seen(self, world, side):
        return self.current(world).is_retired


class Replace(PicklistAct):
    name = action = "replace"

    def form(self, world, side):
        return {"to": world.other.pk, "how": self.name, "confirmed": world.other.kind or ""}

    def is_seen(self, world, side):
        key, stored = f"{PICKLIST[world.model]}_id", world.stored
        return stored is None or getattr(stored, key) != world.value.pk or world.model is RevenueProfile


class Merge(Replace):
    name, action = "merge", "replace"

    def is_seen(self, world, side):
        return self.current(world) is None


class ChangeKind(PicklistAct):
    name, action, explained_by = "change kind", "update", ("merge",)

    def form(self, world, side):
        return {"name": world.value.name, "color": "gray", "kind": "won", "confirmed": "won"}

    def is_seen(self, world, side):
        return self.current(world).kind == "won"


class ChangeAmount(Act):
    name, act = "change amount", "amount"
    form = {"from_date": "2026-03-01", "amount": "150", "unit": "month", "count": "1", "quantity": "1"}
    explained_by = "erase", "empty"

    def request(self, world, side):
        url = f"{PROFILES.url('detail', world.pk)}{self.act}/"
        return url, {**self.form, "discount": "0", **revenue.build_operation_form(world.target)}

    def is_seen(self, world, side):
        return RevenueTerm.objects.live().filter(profile_id=world.pk, amount=150).exists()


class End(ChangeAmount):
    name, act, form = "end", "end", {"end": "2026-08-31", "kind": "client"}

    def is_seen(self, world, side):
        return world.stored.endings.live().exists()


RECORD_ACTS = [Create(), Edit(), Delete(), Restore(), Undo(), Erase(), Empty()]
PICKLIST_ACTS = [Archive(), Replace(), Merge()]


def acts_on(model):
    """Return all acts there are on a record of the model."""
    acts = list(RECORD_ACTS)
    if model in ASSIGNEE:
        acts.append(Reassign())
    if model in PICKLIST:
        acts += PICKLIST_ACTS
    if model is Opportunity:
        acts.append(ChangeKind())
    if model is RevenueProfile:
        acts += [ChangeAmount(), End()]
    return acts
