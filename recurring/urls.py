from django.urls import path

from crm.choice_views import more_urls
from crud.lists import OptionsView
from workspaces.audit.views import history_url

from .cruds import CATEGORIES, CATEGORY_NAMES, ENTITIES, PROFILES, SETTINGS
from .forms import ACTS
from .models import RevenueEnding, RevenuePause, RevenueTerm
from .views import clients, graphs, months, rates
from .views.acts import ActView, CorrectView

app_name = "recurring"
CORRECTED = {"terms": RevenueTerm, "pauses": RevenuePause, "endings": RevenueEnding}

urlpatterns = [
    path("recurring/graphs/", graphs.graphs, name="graphs"),
    path("recurring/graphs/data/", graphs.GraphsData.as_view(), name="graphs-data"),
    path("recurring/graphs/clients/", clients.clients, name="clients"),
    path("recurring/months/", months.months, name="months"),
    path("recurring/months/<str:month>/", months.month, name="month"),
    path("recurring/months/<str:month>/close/", months.close, name="month-close"),
    path("recurring/rates/", rates.rates, name="rates"),
    path(
        "recurring/categories/names/",
        OptionsView.as_view(crud=CATEGORY_NAMES, action="create"),
        name="category-names",
    ),
    *(route for crud in [*SETTINGS, *ENTITIES] for route in [*crud.urls(), history_url(crud)]),
    *more_urls(CATEGORIES),
    *(
        path(
            f"recurring/<id:pk>/{act}/",
            ActView.as_view(crud=PROFILES, action="update", act=act),
            name=f"revenueprofile-{act}",
        )
        for act in ACTS
    ),
    *(
        path(
            f"recurring/{route}/<id:pk>/",
            CorrectView.as_view(crud=PROFILES, action="update", model=model),
            name=f"{model._meta.model_name}-correct",
        )
        for route, model in CORRECTED.items()
    ),
]
