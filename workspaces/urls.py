from django.urls import path

from workspaces import views
from workspaces.members import invitation_views

urlpatterns = [
    path("new/", views.new, name="workspace-new"),
    path("profile/", views.profile, name="profile"),
    path("join/<str:token>/", invitation_views.join, name="workspace-join"),
]
