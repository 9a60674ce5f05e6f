"""What Recurring Revenue shows on the CRM's pages: see crm/extension_points.py."""

from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse

from crm.models import Status
from crud.fastpath.compiled_queries import CompiledQuery, Param
from recurring.models import RevenueProfile


@CompiledQuery
def of_client():
    client = Param("client", RevenueProfile._meta.pk)
    return RevenueProfile.objects.filter(company=client).order_by("-mrr", "pk")


class Panel:
    template = action = ""

    def __init__(self, request, record):
        self.user, self.record = request.user, record
        if not self.user.has_perm("recurring.view_revenueprofile"):
            self.template = self.action = ""

    @property
    def may_add(self):
        return self.user.has_perm("recurring.add_revenueprofile")

    def address(self, **prefilled):
        return f"{reverse('recurring:revenueprofile-create')}?{urlencode(prefilled)}"


class CompanyPanel(Panel):
    """A client's profiles, and what they come to."""

    template = "recurring/profiles/_company_panel.html"
    MOST = 20

    @cached_property
    def every(self):
        return of_client.rows(client=self.record.pk)

    @property
    def profiles(self):
        categories = RevenueProfile._meta.get_field("category").related_model.objects.all_by_id()
        for row in self.every[: self.MOST]:
            row.category = categories[row.category_id]
            yield row

    @property
    def totals(self):
        """[(currency, MRR)] of all of them."""
        totals_by_currency = {}
        for row in self.every:
            totals_by_currency[row.currency] = totals_by_currency.get(row.currency, 0) + row.mrr
        return [(currency, total) for currency, total in totals_by_currency.items() if total]

    @property
    def add_address(self):
        return self.address(company=self.record.pk)

    @property
    def all_address(self):
        return f"{reverse('recurring:revenueprofile-list')}?company={self.record.pk}"


class OpportunityPanel(Panel):
    """From a won opportunity, its profile: entered with what is known already, or the one it has."""

    action = "recurring/profiles/_opportunity_action.html"

    @cached_property
    def profile(self):
        return RevenueProfile.objects.filter(opportunity=self.record).first()

    @property
    def is_offered(self):
        return self.may_add and self.record.kind == Status.Kind.WON

    @property
    def add_address(self):
        return self.address(opportunity=self.record.pk)
