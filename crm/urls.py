from django.urls import path

from workspaces import invitation_views, member_views
from workspaces.audit.views import history_url

from . import charts, dashboard, pages, setting_views, trash, views
from .choice_views import more_urls
from .cruds import COMPANIES, ENTITIES, OPPORTUNITIES, PEOPLE, SETTINGS

app_name = "crm"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("charts/by-stage/", charts.ByStage.as_view(), name="chart-by-stage"),
    path("charts/won-by-month/", charts.WonByMonth.as_view(), name="chart-won-by-month"),
    path("charts/forecast/", charts.Forecast.as_view(), name="chart-forecast"),
    path("charts/by-source/", charts.BySource.as_view(), name="chart-by-source"),
    path("charts/by-assignee/", charts.ByAssignee.as_view(), name="chart-by-assignee"),
    path("charts/loss-reasons/", charts.LossReasons.as_view(), name="chart-loss-reasons"),
    path("search/", views.search, name="search"),
    path("settings/", setting_views.home, name="settings"),
    path("settings/staff/", member_views.staff, name="settings-staff"),
    path("settings/staff/new/", invitation_views.create, name="settings-staff-new"),
    path("trash/", trash.trash, name="trashed-list"),
    path("trash/empty/", trash.empty, name="trashed-empty"),
    path("trash/<id:pk>/restore/", trash.restore, name="trashed-restore"),
    path("trash/<id:pk>/undo/", trash.undo, name="trashed-undo"),
    path("trash/<id:pk>/erase/", trash.erase, name="trashed-erase"),
    path("people/twins/", pages.TwinsView.as_view(crud=PEOPLE, action="list"), name="person-twins"),
    path("companies/twins/", pages.TwinsView.as_view(crud=COMPANIES, action="list"), name="company-twins"),
    path(
        "opportunities/<id:pk>/move/",
        pages.MoveView.as_view(crud=OPPORTUNITIES, action="update"),
        name="opportunity-move",
    ),
    *(route for crud in [*ENTITIES, *SETTINGS] for route in [*crud.urls(), history_url(crud)]),
    *(route for crud in SETTINGS for route in more_urls(crud)),
]
