"""What the list of profiles can be narrowed by."""

from django.utils.translation import gettext_lazy as _

from crm.filters import RecordFilter
from crm.report_cache import OTHERS, cached_report
from crud.filters.filters import ChoiceFilter
from workspaces.tenancy.scope import active_workspace, cached_for_request

from .models import RevenueProfile, RevenueTerm


def used_currencies():
    """The codes of the currencies that profiles are in: to find them out takes a look at each of these."""

    def codes():
        rows = RevenueProfile.objects.order_by("currency").values_list("currency", flat=True)
        return list(rows.distinct())

    return cached_for_request("used currencies", lambda: cached_report("used currencies", codes, (OTHERS,)))


def has_other_currencies():
    """Whether anything is paid in another currency than the workspace's, so that rates are of use."""
    return not {*used_currencies()} <= {active_workspace().currency}


class CurrencyFilter(ChoiceFilter):
    """By the currencies that are in use."""

    @property
    def choices(self):
        names = dict(self.model_field.flatchoices)
        return {code: names.get(code, code) for code in used_currencies()}

    def find_by_name(self, texts):
        return {code.lower(): [code] for code in used_currencies()}


class EverFilter(ChoiceFilter):
    """By the categories that any of its dated amounts has or had: where "used by" leads."""

    def filter(self, rows, value):
        if not value:
            return rows
        chosen = [item for item in value if item in self.choices]
        return rows.filter(
            pk__in=RevenueTerm.objects.filter(category__in=chosen).order_by().values("profile")
        )

    def find_by_name(self, texts):
        return {}  # the category itself is offered


class ProfileFilter(RecordFilter):
    ever = EverFilter(label=_("Ever in category"), model_field=RevenueProfile._meta.get_field("category"))

    class Meta:
        model = RevenueProfile
        fields = [
            "category",
            "state",
            "owner",
            "tags",
            "currency",
            "renewal",
            "mrr",
            "company",
            "opportunity",
            "start",
            "end",
            "ever",
            "created_at",
            "updated_at",
            "updated_by",
        ]

    @classmethod
    def kind_for(cls, field):
        return CurrencyFilter if field.name == "currency" else super().kind_for(field)
