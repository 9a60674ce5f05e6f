"""The frame of every page: the business tools, their tabs, and what the top bar shows."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from crud.addresses import address
from recurring.filters import has_other_currencies


@dataclass(frozen=True)
class Tab:
    """A place that the frame leads to, for those who hold its permission."""

    label: str
    name: str
    permission: str
    is_exact: bool = False
    keys: str = ""  # the shortcut that goes there
    also: str = ""  # the address, by its name, of pages that belong to it without being below it
    is_wanted: Callable = lambda: True  # whether there is use for it in the active workspace

    @property
    def url(self):
        return address(self.name)

    def is_open(self, path):
        """Every page of a tab lives below the tab's own address; the dashboard's is only its own."""
        if self.is_exact:
            return path == self.url
        return path.startswith(self.url) or bool(self.also and path.startswith(address(self.also)))


RECURRING = Tab("Recurring Revenue", "recurring:revenueprofile-list", "recurring.view_revenueprofile")
# The menu Business Tools.
TOOLS = [Tab("CRM", "crm:dashboard", "crm.view_dashboard"), RECURRING]
# The second bar.
TABS = [
    Tab("Dashboard", "crm:dashboard", "crm.view_dashboard", is_exact=True, keys="g d"),
    Tab("People", "crm:person-list", "crm.view_person", keys="g p"),
    Tab("Companies", "crm:company-list", "crm.view_company", keys="g c"),
    Tab("Opportunities", "crm:opportunity-list", "crm.view_opportunity", keys="g o"),
    Tab(
        "Settings",
        "crm:settings",
        "crm.configure_settings",
        keys="g s",
        also="workspaces:auditentry-list",
    ),
]
# Its buttons at the right.
BESIDE = [RECURRING]
# The second bar of the pages of Recurring Revenue, and what is beside it there.
RECURRING_TABS = [
    Tab("Profiles", "recurring:revenueprofile-list", "recurring.view_revenueprofile", keys="g r"),
    Tab("Graphs", "recurring:graphs", "recurring.view_graphs", keys="g g", also="recurring:months"),
    Tab("Categories", "recurring:revenuecategory-list", "recurring.configure_revenuecategory"),
    Tab("Exchange rates", "recurring:rates", "recurring.view_exchangerate", is_wanted=has_other_currencies),
]
RECURRING_BESIDE = [Tab("CRM", "crm:dashboard", "crm.view_dashboard", is_exact=True)]


def frame(request):
    """Context processor: of each bar what the user may open, as [(tab, its address, is it the open one)]."""
    user = getattr(request, "user", None)
    membership = getattr(user, "membership", None)
    if membership is None or getattr(request, "urlconf", None) != settings.WORKSPACE_URLCONF:
        return {"tools": [], "tabs": [], "beside": []}

    def may_open(bar):
        """Of the tabs whose pages one may see, each with whether it is the one that the page belongs to."""
        mine = [(tab, tab.url) for tab in bar if user.has_perm(tab.permission) and tab.is_wanted()]
        # The closest one: the pages of some tabs lie below another's.
        lit = max((url for tab, url in mine if tab.is_open(request.path)), key=len, default=None)
        return [(tab, url, url == lit) for tab, url in mine]

    is_recurring = RECURRING.is_open(request.path)
    return {
        "workspace": membership.workspace,
        "tools": may_open(TOOLS),
        "tabs": may_open(RECURRING_TABS if is_recurring else TABS),
        "beside": may_open(RECURRING_BESIDE if is_recurring else BESIDE),
    }
