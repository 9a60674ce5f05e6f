"""What the CRM keeps, and what of it can be set up: the only list of either."""

from django.db.models import Value
from django.db.models.functions import StrIndex
from django.forms import modelform_factory
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from crm import filters, forms, models
from crm.db.exact_sum import CountedWinPercent, ExactSum, in_percent
from crm.picklists import views
from crm.picklists.forms import PicklistValueForm
from crm.views import records
from crud.pagination.aggregates import Total
from crud.viewset import ModelViewSet

LAST_CHANGE = ("updated_by", "updated_at")  # one point, called as the second

PEOPLE = ModelViewSet(
    models.Person,
    "people",
    fields=tuple(forms.PersonForm.Meta.fields),
    also_shown=(LAST_CHANGE,),
    columns=("name", "company", "email", "title"),
    sort="name",
    sort_keys={"name": ("name_key",), "company": ("company__name_key",), "email": ("email_key",)},
    priorities={"email": 2, "title": 3},
    filterset=filters.PersonFilter,
    form=forms.PersonForm,
    views={"detail": records.PersonPage, "options": records.PersonOptions},
    template_folder="crm/records",
)
COMPANIES = ModelViewSet(
    models.Company,
    "companies",
    fields=tuple(forms.CompanyForm.Meta.fields),
    also_shown=(LAST_CHANGE,),
    columns=("name", "contact_type", "city", "country", "work_phone", "assignee", "tags"),
    sort="name",
    sort_keys={
        "name": ("name_key",),
        "contact_type": ("contact_type__position",),
        "country": (
            StrIndex(Value(",".join(code for code, _name in countries)), "country"),
        ),  # as in the list of names
        "assignee": ("assignee__user__name",),
    },
    priorities={"city": 2, "country": 3, "work_phone": 2, "assignee": 3, "tags": 3},
    filterset=filters.CompanyFilter,
    form=forms.CompanyForm,
    views={"detail": records.CompanyPage},
    template_folder="crm/records",
)
OPPORTUNITIES = ModelViewSet(
    models.Opportunity,
    "opportunities",
    fields=tuple(forms.OpportunityForm.Meta.fields),
    also_shown=("weighted_value", LAST_CHANGE),
    columns=(
        "name",
        "company",
        "stage",
        "value",
        "win_percent",
        "status",
        "close_date",
        "priority",
        "assignee",
    ),
    sort_keys={
        "name": ("name_key",),
        "company": ("company__name_key",),
        "stage": ("stage__position",),
        "win_percent": (CountedWinPercent(),),
        "status": ("status__position",),
        "assignee": ("assignee__user__name",),
    },
    priorities={"company": 2, "stage": 2, "win_percent": 3, "close_date": 3, "priority": 3, "assignee": 3},
    totals=(
        Total(_("Total value"), lambda: ExactSum("value")),
        Total(_("Weighted value"), lambda: ExactSum("value", CountedWinPercent()), in_percent),
    ),
    filterset=filters.OpportunityFilter,
    quick_filters=filters.get_quick_opportunity_filters,
    form=forms.OpportunityForm,
    views={"detail": records.OpportunityPage},
    template_folder="crm/records",
)


def setting(model, route, *more):
    """A kind of the Settings tab: pages of its own, for admins."""
    fields = ("name", *more, "color")
    return ModelViewSet(
        model,
        f"settings/{route}",
        fields=fields,
        columns=("name", *more),
        form=modelform_factory(model, PicklistValueForm, fields=fields),
        needs="configure",
        views=views.VIEWS,
    )


CONTACT_TYPES = setting(models.ContactType, "contact-types")
STAGES = setting(models.Stage, "stages", "win_percent")
STATUSES = setting(models.Status, "statuses", "kind")
SOURCES = setting(models.Source, "sources")
REASONS = setting(models.LossReason, "reasons")
TAGS = setting(models.Tag, "tags")

ENTITIES = [PEOPLE, COMPANIES, OPPORTUNITIES]
SETTINGS = [CONTACT_TYPES, STAGES, STATUSES, SOURCES, REASONS, TAGS]
