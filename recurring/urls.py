from django.urls import path

from crm.picklists.views import picklist_urls
from crud.views.selection import OptionsView
from recurring.forms import OPERATIONS
from recurring.views import drilldown, exchange_rates, graphs, months
from recurring.views.lifecycle import CorrectView, OperationView
from recurring.viewsets import CATEGORIES, CATEGORY_NAMES, ENTITIES, PROFILES, SETTINGS
from workspaces.audit.views import history_url

from .models import RevenueEnding, RevenuePause, RevenueTerm

app_name = "recurring"
CORRECTED = {"terms": RevenueTerm, "pauses": RevenuePause, "endings": RevenueEnding}

urlpatterns = [
    path("recurring/graphs/", graphs.graphs, name="graphs"),
    path("recurring/graphs/data/", graphs.GraphsData.as_view(), name="graphs-data"),
    path("recurring/graphs/clients/", drilldown.clients, name="clients"),
    path("recurring/months/", months.months, name="months"),
    path("recurring/months/<str:month>/", months.month, name="month"),
    path("recurring/months/<str:month>/close/", months.close, name="month-close"),
    path("recurring/rates/", exchange_rates.rates, name="rates"),
    path(
        "recurring/categories/names/",
        OptionsView.as_view(viewset=CATEGORY_NAMES, action="create"),
        name="category-names",
    ),
    *(route for viewset in [*SETTINGS, *ENTITIES] for route in [*viewset.urls(), history_url(viewset)]),
    *picklist_urls(CATEGORIES),
    *(
        path(
            f"recurring/<id:pk>/{act}/",
            OperationView.as_view(viewset=PROFILES, action="update", act=act),
            name=f"revenueprofile-{act}",
        )
        for act in OPERATIONS
    ),
    *(
        path(
            f"recurring/{route}/<id:pk>/",
            CorrectView.as_view(viewset=PROFILES, action="update", model=model),
            name=f"{model._meta.model_name}-correct",
        )
        for route, model in CORRECTED.items()
    ),
]
