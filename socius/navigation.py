"""Navigation of every page: the business tools, their tabs, and the top bar."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crud.urls import reverse_below_prefix
from recurring.filters import has_other_currencies
from workspaces.permissions import has_permission
from workspaces.tenancy.urls import reverse_outside


@dataclass(frozen=True)
class Tab:
    """A navigation item, visible to users with its permission."""

    label: str
    name: str
    permission: str
    is_exact: bool = False
    keys: str = ""  # keyboard shortcut
    also: str = ""  # URL name of pages that belong to the tab but are not below its URL
    is_wanted: Callable = lambda: True  # False if the active workspace does not use it

    def url_in(self, workspace):
        """Return the tab's URL in a workspace, independent of the current request."""
        return tab_url(workspace, self.name)

    def is_open(self, path, workspace):
        """Return True if the page's URL is below the tab's; the dashboard's must be equal."""
        url = self.url_in(workspace)
        if self.is_exact:
            return path == url
        return path.startswith(url) or bool(self.also and path.startswith(tab_url(workspace, self.also)))


def tab_url(workspace, name):
    """Return the URL of a page that takes no parameters in a workspace."""
    return workspace.get_absolute_url() + reverse_below_prefix(name, settings.WORKSPACE_URLCONF)


RECURRING = Tab(_("Recurring Revenue"), "recurring:revenueprofile-list", "recurring.view_revenueprofile")
# The menu Business Tools.
TOOLS = [Tab("CRM", "crm:dashboard", "crm.view_dashboard"), RECURRING]
# The second bar.
TABS = [
    Tab(_("Dashboard"), "crm:dashboard", "crm.view_dashboard", is_exact=True, keys="g d"),
    Tab(_("People"), "crm:person-list", "crm.view_person", keys="g p"),
    Tab(_("Companies"), "crm:company-list", "crm.view_company", keys="g c"),
    Tab(_("Opportunities"), "crm:opportunity-list", "crm.view_opportunity", keys="g o"),
    Tab(
        _("Settings"),
        "crm:settings",
        "crm.configure_settings",
        keys="g s",
        also="workspaces:auditentry-list",
    ),
]
# Buttons on the right of the second bar.
BESIDE = [RECURRING]
# The second bar in Recurring Revenue, and its buttons.
RECURRING_TABS = [
    Tab(_("Profiles"), "recurring:revenueprofile-list", "recurring.view_revenueprofile", keys="g r"),
    Tab(_("Graphs"), "recurring:graphs", "recurring.view_graphs", keys="g g", also="recurring:months"),
    Tab(_("Categories"), "recurring:revenuecategory-list", "recurring.configure_revenuecategory"),
    Tab(
        _("Exchange rates"), "recurring:rates", "recurring.view_exchangerate", is_wanted=has_other_currencies
    ),
]
RECURRING_BESIDE = [Tab("CRM", "crm:dashboard", "crm.view_dashboard", is_exact=True)]
# The menu New.
NEW = [
    Tab(_("Person"), "crm:person-create", "crm.add_person"),
    Tab(_("Company"), "crm:company-create", "crm.add_company"),
    Tab(_("Opportunity"), "crm:opportunity-create", "crm.add_opportunity"),
    Tab(_("Revenue profile"), "recurring:revenueprofile-create", "recurring.add_revenueprofile"),
]

# Linked pages that are not tabs: template variable, page, permission (None: every member).
LINKS = [
    ("search_url", "crm:search", "crm.view_dashboard"),
    ("members_url", "members:list", None),
    ("trash_url", "crm:trashed-list", "crm.view_trashed"),
]


def frame_context(request):
    """Context processor: the items of each bar that the user may open, as [(tab, url, is_open)].

    Outside of workspaces it is the frame of the one that the user was in last.
    """
    bars = {"tools": [], "new": [], "tabs": [], "beside": []}
    user = getattr(request, "user", None)
    is_inside = getattr(request, "urlconf", None) == settings.WORKSPACE_URLCONF
    # A workspace that the user is not in must look nonexistent, so show no other one's navigation.
    is_elsewhere = not is_inside and request.path.startswith(f"{reverse_outside('home')}w/")
    membership = user and (getattr(user, "membership", None) if is_inside else last_membership(user))
    if is_elsewhere:
        membership = None
    if not membership:
        return bars
    workspace = membership.workspace

    def may_open(bar):
        """Return the tabs that the user may open, each with True if it contains the current page."""
        mine = [tab for tab in bar if has_permission(membership, tab.permission) and tab.is_wanted()]
        # The longest match: some tabs' URLs are below another tab's.
        lit = [tab.url_in(workspace) for tab in mine if tab.is_open(request.path, workspace)]
        closest = max(lit, key=len, default=None)
        return [(tab, tab.url_in(workspace), tab.url_in(workspace) == closest) for tab in mine]

    is_recurring = RECURRING.is_open(request.path, workspace)
    bars = {
        "tools": may_open(TOOLS),
        "new": may_open(NEW),
        "tabs": may_open(RECURRING_TABS if is_recurring else TABS),
        "beside": may_open(RECURRING_BESIDE if is_recurring else BESIDE),
    }
    links = {
        variable: tab_url(workspace, name)
        for variable, name, permission in LINKS
        if permission is None or has_permission(membership, permission)
    }
    # `workspace` is the active one; pages outside may use the name for another.
    active = {"workspace": workspace} if is_inside else {}
    return {**active, **bars, **links, "frame_workspace": workspace}


def last_membership(user):
    """Return the membership of the last used workspace, else the user's first one, else None.

    A workspace that wants a second factor first shows nothing to those who have none, its tabs neither.
    """
    memberships = [
        membership
        for membership in getattr(user, "memberships", ())
        if membership.has_second_factor or not membership.workspace.requires_second_factor
    ]
    last = (item for item in memberships if item.workspace_id == user.last_workspace_id)
    return next(last, memberships[0] if memberships else None)
