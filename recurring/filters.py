"""What the list of profiles can be narrowed by."""

from crm.filters import RecordFilter
from crm.unchanged import OTHERS, kept_while_unchanged
from crud.filters import Choosing
from workspaces.scope import active_workspace, remembered

from .models import RevenueProfile, RevenueTerm


def used_currencies():
    """The codes of the currencies that profiles are in: to find them out takes a look at each of these."""

    def codes():
        rows = RevenueProfile.objects.order_by("currency").values_list("currency", flat=True)
        return list(rows.distinct())

    return remembered("used currencies", lambda: kept_while_unchanged("used currencies", codes, (OTHERS,)))


def has_other_currencies():
    """Whether anything is paid in another currency than the workspace's, so that rates are of use."""
    return not {*used_currencies()} <= {active_workspace().currency}


class InCurrency(Choosing):
    """By the currencies that are in use."""

    @property
    def choices(self):
        names = dict(self.model_field.flatchoices)
        return {code: names.get(code, code) for code in used_currencies()}

    def named(self, texts):
        return {code.lower(): [code] for code in used_currencies()}


class Ever(Choosing):
    """By the categories that any of its dated amounts has or had: where "used by" leads."""

    def filter(self, rows, value):
        if not value:
            return rows
        chosen = [one for one in value if one in self.choices]
        return rows.filter(
            pk__in=RevenueTerm.objects.filter(category__in=chosen).order_by().values("profile")
        )

    def named(self, texts):
        return {}  # the category itself is offered


class ProfileFilter(RecordFilter):
    ever = Ever(label="Ever in category", model_field=RevenueProfile._meta.get_field("category"))

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
        return InCurrency if field.name == "currency" else super().kind_for(field)
