"""All routes, read from the URLconfs: new pages are tested without further registration."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import URLResolver, reverse
from django.urls.resolvers import get_resolver

from workspaces.tenancy.urls import reverse_outside

# Values of URL parameters that are not ids of rows.
FIXED = {"month": "2026-10"}
KEYS = {  # for routes with regular expression groups
    "mfa_edit_webauthn": [1],
    "mfa_remove_webauthn": [1],
    "account_confirm_email": ["unknown"],
    "account_reset_password_from_key": ["1", "unknown-key"],
}


@dataclass(frozen=True)
class Route:
    """A named page and its parameters."""

    name: str
    parameters: tuple
    view: object

    def __str__(self):
        return self.name

    @property
    def kind(self):
        """Model name of the route's row: "person" of "crm:person-detail"."""
        return self.name.split(":")[-1].split("-")[0]

    @property
    def permission(self):
        """Return the required permission; None if the page requires none."""
        made_with = getattr(self.view, "view_initkwargs", {})
        if viewset := made_with.get("viewset"):
            return viewset.permission(made_with["action"])
        view_class = getattr(self.view, "view_class", None)
        return getattr(view_class, "permission_required", None) or getattr(self.view, "permission", None)

    def address(self, rows):
        """Return the URL for the rows {kind: row}."""
        ticked = f"?ids={rows[self.kind].pk}" if self.name.endswith("-delete-many") else ""
        parts = [FIXED[name] if name in FIXED else rows[self.kind].pk for name in self.parameters]
        return reverse(self.name, args=parts) + ticked

    def outer_address(self, rows):
        """Return the URL of a page outside of workspaces."""
        args = [rows["invitation"].token] if self.name == "workspace-join" else KEYS.get(self.name)
        return reverse_outside(self.name, *(args or [1] * len(self.parameters)))


def routes(urlconf):
    """Return the routes of a URLconf."""
    return list(_below(get_resolver(urlconf), ()))


def _below(resolver, spaces):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _below(entry, (*spaces, entry.namespace) if entry.namespace else spaces)
        else:
            name = ":".join([*spaces, entry.name or str(entry.pattern)])
            yield Route(name, tuple(entry.pattern.converters), entry.callback)


INSIDE = routes(settings.WORKSPACE_URLCONF)
OUTSIDE = routes(settings.ROOT_URLCONF)
