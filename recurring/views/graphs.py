"""The graphs: all figures on one page, and the same for the charts as JSON."""

from chartjs.views.base import JSONView
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.models import Tag
from crm.report_cache import OTHERS, cached_report
from crud.params import parse_ids
from crud.views.base import PermissionGateMixin
from recurring.models import RevenueCategory
from recurring.mrr.engine.accumulator import without_garbage_collection
from recurring.reporting import charts
from recurring.reporting.dataset import DatasetFilters, RevenueDataset
from recurring.reporting.narrative import client_names, profile_names
from recurring.reporting.report import SPANS, RevenueReport
from workspaces.models import Membership
from workspaces.permissions import permission_required

MAY_VIEW = "recurring.view_graphs"
MAY = "recurring.change_revenueprofile", "recurring.configure_exchangerate"  # what the page depends on
TABS = {
    "overview": _("Overview"),
    "movements": _("Movements"),
    "retention": _("Retention"),
    "renewals": _("Renewals"),
}
MOST = 20  # renewals in the page; all of them are a page of their own


def chosen_in(parameters):
    """What an address asks to look at; what is not there is passed over."""

    def ids(name, rows):
        return [pk for pk in parse_ids(parameters.getlist(name)) if pk in rows]

    def one(name, rows):
        return next(iter(ids(name, rows)), None) if name in parameters else None

    categories = RevenueCategory.objects.all_by_id() if "category" in parameters else {}
    return DatasetFilters(
        frozenset(ids("category", categories)),
        one("owner", Membership.objects.all_by_id()),
        one("tag", Tag.objects.all_by_id()) if "tag" in parameters else None,
    )


def span_in(parameters):
    text = parameters.get("months", "")
    return int(text) if text in map(str, SPANS) else SPANS[0]


@permission_required(MAY_VIEW)
def graphs(request):
    """Every figure of the recurring revenue, each with the clients behind it."""
    chosen, span = chosen_in(request.GET), span_in(request.GET)
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else "overview"
    context = {
        "tab": tab,
        "graph_tabs": TABS,
        "span": span,
        "spans": SPANS,
        "as_share": request.GET.get("share") == "1",
        "as_lines": request.GET.get("lines") == "1",
        "chosen": chosen,
        "categories": RevenueCategory.objects.all_by_id(),
        "members": Membership.objects.all_by_id(),
        "tags": [(pk, tag) for pk, tag in Tag.objects.all_by_id().items() if not tag.is_retired],
    }

    @without_garbage_collection()
    def figures_made():
        report = RevenueReport(RevenueDataset(chosen), span)
        full_context = {**context, **render_graphs(report, request.GET.get("cohorts", ""))}
        return report.is_empty, render_to_string("recurring/graphs/_content.html", full_context, request)

    may = [request.user.has_perm(permission) for permission in MAY]
    key = "graphs", *may, request.GET.urlencode()
    context["is_empty"], context["figures"] = cached_report(key, figures_made, (OTHERS,))
    return render(request, "recurring/graphs/graphs.html", context)


def render_graphs(report, cohorts):
    """The context of all figures; `cohorts` says which of their heat maps."""
    kind = cohorts if cohorts in RevenueReport.COHORT_KINDS else "clients"
    largest, upcoming_renewals, late = (
        report.largest,
        report.upcoming_renewals.renewals[:MOST],
        report.upcoming_renewals.late[:MOST],
    )
    clients = client_names(
        [row[0] for row in largest] + [renewal.profile.client for renewal in [*upcoming_renewals, *late]]
    )
    names = profile_names(renewal.profile.id for renewal in [*upcoming_renewals, *late])

    def with_names(renewals):
        return [
            (renewal, clients.get(renewal.profile.client, "—"), names[renewal.profile.id])
            for renewal in renewals
        ]

    return {
        "report": report,
        "left_out": report.left_out,
        "currency": report.dataset.currency,
        "cohort_kind": kind,
        "cohort_kinds": RevenueReport.COHORT_KINDS,
        "cohorts": report.cohort_rows(kind),
        "largest": [(client, clients.get(client, "—"), *rest) for client, *rest in largest],
        "upcoming_renewals": report.upcoming_renewals,
        "renewals": with_names(upcoming_renewals),
        "late": with_names(late),
    }


class GraphsData(PermissionGateMixin, JSONView):
    """All charts of the page at once: they are drawn from one reckoning."""

    permission_required = MAY_VIEW

    def get_context_data(self, **kwargs):
        key = "charts", self.request.GET.urlencode()
        return cached_report(key, self.charts_made, (OTHERS,))

    @without_garbage_collection()
    def charts_made(self):
        report = RevenueReport(
            RevenueDataset(chosen_in(self.request.GET)), span_in(self.request.GET), followed=False
        )
        about = {"currency": report.dataset.currency, "language": get_language()}
        return {"charts": {name: {**chart, **about} for name, chart in charts.all_charts(report).items()}}
