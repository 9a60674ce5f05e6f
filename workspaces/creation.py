"""How a workspace begins."""

from django.db import transaction
from django.utils.text import slugify

from workspaces.models import Membership, Workspace
from workspaces.signals import workspace_created
from workspaces.tenancy.scope import activate


def free_slug(name):
    """An address made from the name that no workspace has yet: acme, acme-2, acme-3 …"""
    stem = slugify(name)[:36] or "workspace"
    used_slugs = set(Workspace.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(
        slug
        for slug in [stem, *(f"{stem}-{n}" for n in range(2, len(used_slugs) + 3))]
        if slug not in used_slugs
    )


@transaction.atomic
def create_workspace(owner, name, **fields):
    """A new workspace with its starting settings; `owner` is its admin and sales staff."""
    workspace = Workspace.objects.create(
        name=name, slug=fields.pop("slug", None) or free_slug(name), **fields
    )
    with activate(workspace):
        Membership.objects.create(user=owner, is_admin=True, is_sales_staff=True)
        workspace_created.send(Workspace, workspace=workspace)
    return workspace
