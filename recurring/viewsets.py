"""What Recurring Revenue keeps, and what of it can be set up."""

from django.forms import modelform_factory

from crm.picklists import views
from crm.picklists.forms import PicklistValueForm
from crud.viewset import ModelViewSet
from recurring import models
from recurring.filters import ProfileFilter
from recurring.forms import RevenueProfileForm
from recurring.tables import ProfileTable
from recurring.views import profiles

PROFILES = ModelViewSet(
    models.RevenueProfile,
    "recurring",
    fields=(
        "company",
        "name",
        "category",
        "mrr",
        "currency",
        "state",
        "description",
        "owner",
        "start",
        "end",
        "term_months",
        "renewal",
        "notice_days",
        "opportunity",
        "tags",
        "notes",
    ),
    also_shown=(("updated_by", "updated_at"),),
    columns=("name", "company", "category", "mrr", "currency", "state", "start", "owner", "tags"),
    sort="company",
    sort_keys={
        "name": ("name_key",),
        "company": ("company__name_key", "name_key"),
        "category": ("category__position",),
        "owner": ("owner__user__name",),
    },
    priorities={"company": 2, "category": 2, "currency": 3, "state": 2, "start": 3, "owner": 3, "tags": 3},
    table=ProfileTable,
    totals=("Σ MRR",),  # one for each currency: see ProfileList
    filterset=ProfileFilter,
    form=RevenueProfileForm,
    views={
        "list": profiles.ProfileList,
        "create": profiles.ProfileCreate,
        "detail": profiles.ProfilePage,
        "update": profiles.ProfileUpdate,
        "delete": profiles.ProfileDelete,
        "delete-many": profiles.ProfileDelete,
    },
    template_folder="recurring/profiles",
)
CATEGORIES = ModelViewSet(
    models.RevenueCategory,
    "recurring/categories",
    fields=("name", "color"),
    columns=("name",),
    form=modelform_factory(models.RevenueCategory, PicklistValueForm, fields=("name", "color")),
    needs="configure",
    views=views.VIEWS,
)
# Whoever may enter a profile is offered the categories' names as they type.
CATEGORY_NAMES = ModelViewSet(models.RevenueCategory, "recurring/categories", columns=("name",))

ENTITIES = [PROFILES]
SETTINGS = [CATEGORIES]
