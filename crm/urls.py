from django.urls import path

from crm.dashboard import charts, views
from crm.picklists import index_view
from crm.picklists.views import picklist_urls
from crm.views import records, search, trash
from crm.viewsets import COMPANIES, ENTITIES, OPPORTUNITIES, PEOPLE, SETTINGS
from workspaces.audit.views import history_url
from workspaces.members import invitation_views
from workspaces.members import views as member_views

app_name = "crm"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("charts/by-stage/", charts.StageChart.as_view(), name="chart-by-stage"),
    path("charts/won-by-month/", charts.WonByMonthChart.as_view(), name="chart-won-by-month"),
    path("charts/forecast/", charts.ForecastChart.as_view(), name="chart-forecast"),
    path("search/", search.search, name="search"),
    path("settings/", index_view.settings_index, name="settings"),
    path("settings/staff/", member_views.staff, name="settings-staff"),
    path("settings/staff/new/", invitation_views.create, name="settings-staff-new"),
    path("trash/", trash.trash, name="trashed-list"),
    path("trash/empty/", trash.empty, name="trashed-empty"),
    path("trash/<id:pk>/restore/", trash.restore, name="trashed-restore"),
    path("trash/<id:pk>/undo/", trash.undo, name="trashed-undo"),
    path("trash/<id:pk>/erase/", trash.erase, name="trashed-erase"),
    path("people/twins/", records.DuplicatesView.as_view(viewset=PEOPLE, action="list"), name="person-twins"),
    path(
        "companies/twins/",
        records.DuplicatesView.as_view(viewset=COMPANIES, action="list"),
        name="company-twins",
    ),
    path(
        "opportunities/<id:pk>/move/",
        records.StageView.as_view(viewset=OPPORTUNITIES, action="update"),
        name="opportunity-move",
    ),
    *(route for viewset in [*ENTITIES, *SETTINGS] for route in [*viewset.urls(), history_url(viewset)]),
    *(route for viewset in SETTINGS for route in picklist_urls(viewset)),
]
