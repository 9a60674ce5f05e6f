"""Routes inside of a workspace, mounted at /w/<slug>/ by the middleware."""

from django.urls import include, path

from .urls import handler400, handler403, handler404, handler500  # noqa: F401 - Django looks for them here
from .views import workspace_home

urlpatterns = [
    path("", workspace_home, name="workspace-home"),
    path("members/", include("workspaces.members.urls")),
    path("", include("workspaces.audit.urls")),
    path("crm/", include("crm.urls")),
    path("", include("recurring.urls")),
]
