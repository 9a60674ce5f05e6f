"""What Recurring Revenue keeps, and what of it can be set up."""

from django.forms import modelform_factory

from crm import choice_views
from crm.choice_forms import ChoiceForm
from crud.crud import Crud

from . import models
from .filters import ProfileFilter
from .forms import ProfileForm
from .tables import ProfileTable
from .views import profiles

PROFILES = Crud(
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
    form=ProfileForm,
    views={
        "list": profiles.ProfileList,
        "create": profiles.ProfileCreate,
        "detail": profiles.ProfilePage,
        "update": profiles.ProfileUpdate,
        "delete": profiles.ProfileDelete,
        "delete-many": profiles.ProfileDelete,
    },
)
CATEGORIES = Crud(
    models.RevenueCategory,
    "recurring/categories",
    fields=("name", "color"),
    columns=("name",),
    form=modelform_factory(models.RevenueCategory, ChoiceForm, fields=("name", "color")),
    needs="configure",
    views=choice_views.VIEWS,
)
# Whoever may enter a profile is offered the categories' names as they type.
CATEGORY_NAMES = Crud(models.RevenueCategory, "recurring/categories", columns=("name",))

ENTITIES = [PROFILES]
SETTINGS = [CATEGORIES]
