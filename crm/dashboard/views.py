"""The first tab: the workspace's figures, each a link to the rows it was counted from."""

from django.shortcuts import render
from django.template.loader import render_to_string

from crm.dashboard import onboarding, periods
from crm.dashboard.report import get_dashboard_context
from crm.report_cache import cached_report
from workspaces.permissions import permission_required
from workspaces.tenancy.scope import active_workspace


@permission_required("crm.view_dashboard")
def dashboard(request):
    """Sales of a period; and, as they are today, what is going on and what to look at."""
    workspace = active_workspace()
    today, includes_closed = workspace.today(), request.GET.get("stages") == "all"
    period, form = periods.parse_period(request.GET, today, workspace.fiscal_year_start)
    context = {
        "period": period,
        "periods": periods.LABELS,
        "period_form": form,
        "every_stage": includes_closed,
    }

    def figures_made():
        figures = get_dashboard_context(today, period, includes_closed)
        return figures["number"], render_to_string(
            "crm/dashboard/_content.html", {**context, **figures}, request
        )

    number, html = cached_report(("dashboard", request.GET.urlencode()), figures_made)
    steps = onboarding.steps(request.user) if number <= onboarding.AT_WORK else []
    context |= {"number": number, "figures": html, "steps": steps}
    return render(request, "crm/dashboard/dashboard.html", context)
