from .views import AUDIT_TRAIL

app_name = "workspaces"
urlpatterns = AUDIT_TRAIL.urls()
