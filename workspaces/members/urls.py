from django.urls import path

from crud import viewset  # noqa: F401 - knows <id:…>
from workspaces import views
from workspaces.members import invitation_views
from workspaces.members import views as member_views

app_name = "members"
urlpatterns = [
    path("", member_views.members, name="list"),
    path("<id:pk>/", member_views.update, name="member-update"),
    path("<id:pk>/hand-over/", member_views.hand_over, name="member-hand-over"),
    path("<id:pk>/deactivate/", member_views.deactivate_member, name="member-deactivate"),
    path("<id:pk>/reactivate/", member_views.reactivate_member, name="member-reactivate"),
    path("leave/", member_views.leave, name="leave"),
    path("invite/", invitation_views.create, name="invite"),
    path("invitations/<id:pk>/resend/", invitation_views.resend, name="invitation-resend"),
    path("invitations/<id:pk>/withdraw/", invitation_views.withdraw, name="invitation-withdraw"),
    path("workspace/", views.workspace_settings, name="workspace"),
]
