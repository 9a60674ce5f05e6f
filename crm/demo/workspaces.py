"""The demo's workspaces: who is in them, how they are made anew, and how one signs in."""

import datetime
import os
import secrets
from dataclasses import dataclass, field

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from workspaces.creation import create_workspace
from workspaces.models import AuditEntry, Invitation, Membership, User, Workspace, WorkspaceModel
from workspaces.tenancy.scope import WorkspaceManager, activate
from workspaces.tenancy.urls import is_loopback

PASSWORD = "try-socius-now"  # noqa: S105 - only ever on a machine that serves nobody but itself, see `is_local`


@dataclass(frozen=True)
class DemoMember:
    """Somebody of the demo. Only who has a `sign_in`, what they are called on the console, has a password."""

    email: str
    name: str
    sign_in: str = ""
    is_admin: bool = False
    is_sales_staff: bool = True
    has_crm_access: bool = True
    joined: int = 1100  # days ago
    left: int = 0  # days ago; 0: still here


@dataclass(frozen=True)
class DemoWorkspace:
    """One workspace of the demo."""

    name: str
    slug: str
    seed: int
    members: list
    companies: int
    people: int
    opportunities: int
    fields: dict = field(default_factory=dict)

    def find(self):
        """The workspace of a demo made before, told by its owner as well as its name, or None."""
        owner = User.objects.filter(email=self.members[0].email).first()
        places = [place.workspace for place in (Membership.of(owner) if owner else []) if place.is_admin]
        demos = [place for place in places if place.name == self.name and place.slug.startswith(self.slug)]
        return min(demos, key=lambda place: place.pk, default=None)


ROOMS = [
    DemoWorkspace(
        "Northwind Studio",
        "northwind-studio",
        seed=1843,
        members=[
            DemoMember("ada@northwind.example", "Ada Kovač", "admin", is_admin=True),
            DemoMember("jonas@northwind.example", "Jonas Weil", "sales staff", joined=1090),
            DemoMember("mira@northwind.example", "Mira Okafor", "manager", is_sales_staff=False, joined=700),
            DemoMember("mei@northwind.example", "Mei Ishimori", joined=1010),
            DemoMember("tomas@northwind.example", "Tomás Núñez", joined=420),
            DemoMember("greta@northwind.example", "Greta Lindqvist", joined=1080, left=150),
            DemoMember("books@northwind.example", "Ilse Brandl", is_sales_staff=False, has_crm_access=False),
        ],
        companies=228,
        people=556,
        opportunities=836,
        fields={"currency": "USD", "time_zone": "America/Los_Angeles"},
    ),
    DemoWorkspace(
        "Harbor & Pine",
        "harbor-and-pine",
        seed=1912,
        members=[
            DemoMember("olu@harborpine.example", "Olu Adeyo", "admin, second workspace", is_admin=True),
            DemoMember("signe@harborpine.example", "Signe Østby", joined=800),
        ],
        companies=24,
        people=48,
        opportunities=68,
        fields={"currency": "EUR", "time_zone": "Europe/Berlin", "fiscal_year_start": 4},
    ),
]


def create_demo(room):
    """The room as a new workspace with its members, but empty; the one of before goes."""
    if existing := room.find():
        erase_demo(existing)
    people = [create_account(member) for member in room.members]
    slug = None if Workspace.objects.filter(slug=room.slug).exists() else room.slug
    workspace = create_workspace(people[0], room.name, slug=slug, **room.fields)
    current_time = timezone.now()
    Workspace.objects.filter(pk=workspace.pk).update(created_at=current_time - datetime.timedelta(1101))
    with activate(workspace):
        for user, member in zip(people[1:], room.members[1:], strict=True):
            marks = {name: getattr(member, name) for name in ("is_admin", "is_sales_staff", "has_crm_access")}
            Membership.objects.create(user=user, **marks)
        for member in room.members:
            left_at = current_time - datetime.timedelta(member.left) if member.left else None
            Membership.objects.filter(user__email=member.email).update(
                joined_at=current_time - datetime.timedelta(member.joined), deactivated_at=left_at
            )
        invite(room, current_time)
    return workspace


def create_account(member):
    """The member's user, made unless there is one from before."""
    user = User.objects.filter(email=member.email).first()
    user = user or User.objects.create_user(member.email, name=member.name)
    User.objects.filter(pk=user.pk).update(is_active=True, name=member.name)
    return user


def invite(room, current_time):
    """An invitation that waits for its answer, and one that ran out."""
    owner = Membership.objects.get(user__email=room.members[0].email)
    domain = room.members[0].email.partition("@")[2]
    for name, marks, days in [("lale", {}, 2), ("quentin", {"is_sales_staff": False}, 12)]:
        Invitation.objects.create(
            email=f"{name}@{domain}",
            invited_by=owner,
            sent_at=current_time - datetime.timedelta(days),
            **marks,
        )


def erase_demo(workspace):
    """Delete a workspace with all that is in it, of whatever kind and of whichever app."""
    with transaction.atomic(), activate(workspace):
        User.objects.filter(last_workspace=workspace).update(last_workspace=None)
        # All goes at once, and keys are looked at when the transaction ends: Django's own way would be
        # refused by the first of them that protects another. The workspace goes first, and with it what its
        # audit trail says, so that nothing is told of the rest.
        rows = Workspace.objects.filter(pk=workspace.pk)
        rows._raw_delete(rows.db)
        for model in apps.get_models():
            if issubclass(model, WorkspaceModel) and model is not AuditEntry:
                rows = WorkspaceManager()  # and not the model's own, which passes over the trash
                rows.model = model
                rows.get_queryset()._raw_delete(rows.db)


def is_local():
    """Whether what is served here is served to this machine alone."""
    hosts = [os.environ.get("HOST") or "127.0.0.1", *settings.ALLOWED_HOSTS]
    return not settings.TRUSTED_PROXIES and all(map(is_loopback, hosts))


def sign_in_lines():
    """[(what they are called, user)] of the demo's people who can sign in."""
    members = [member for room in ROOMS for member in room.members if member.sign_in]
    users = User.objects.in_bulk([member.email for member in members], field_name="email")
    return [(member.sign_in, users[member.email]) for member in members if member.email in users]


def set_passwords():
    """[(who, e-mail, password)]: new ones, the known one where nobody else can come, else each at random."""
    accounts = []
    for description, user in sign_in_lines():
        password = PASSWORD if is_local() else secrets.token_urlsafe(12)
        user.set_password(password)
        user.save(update_fields=["password"])
        accounts.append((description, user.email, password))
    return accounts


def known_passwords():
    """[(who, e-mail, password)] of those whose password is the known one."""
    return [
        (description, user.email, PASSWORD)
        for description, user in sign_in_lines()
        if user.check_password(PASSWORD)
    ]
