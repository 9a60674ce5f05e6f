from django.urls import path

from . import invitation_views, views

urlpatterns = [
    path("new/", views.new, name="workspace-new"),
    path("profile/", views.profile, name="profile"),
    path("join/<str:token>/", invitation_views.join, name="workspace-join"),
]
