"""Routes outside of workspaces; those inside of one are in workspace_urls.py."""

from django.urls import include, path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/", include("workspaces.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("workspaces/", include("workspaces.urls")),
    path("help/lead-lifecycle/", views.lead_lifecycle, name="lead-lifecycle"),
    path("theme/", views.theme, name="theme"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
]

handler400 = "socius.errors.bad_request"
handler403 = "socius.errors.forbidden"
handler404 = "socius.errors.not_found"
handler409 = "socius.errors.conflict"
handler500 = "socius.errors.server_error"
