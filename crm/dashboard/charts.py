"""The dashboard's charts as JSON, drawn by static/js/charts.js: the same lines as the tables beside them."""

from chartjs.views.lines import BaseLineChartView
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.dashboard import periods
from crm.dashboard.report import get_current_figures, get_period_figures
from crm.formatting import format_money
from crm.templatetags.figures import build_rows_url
from crud.views.base import PermissionGateMixin
from workspaces.tenancy.scope import active_workspace


class Chart(PermissionGateMixin, BaseLineChartView):
    """Bars, each a line of a report: its value, in words, and where its rows are listed."""

    permission_required = "crm.view_dashboard"
    report = ""  # its name
    providers = (_("Value"),)
    colors = ("green",)  # of each series, where its lines have none of their own
    is_of_today = False  # and not of a period
    is_of_time = False  # whether the current line is a month that is not over yet

    @cached_property
    def lines(self):
        if self.is_of_today:
            figures = get_current_figures(self.request.GET.get("stages") == "all")
        else:
            workspace = active_workspace()
            period, _ = periods.parse_period(self.request.GET, workspace.today(), workspace.fiscal_year_start)
            figures = get_period_figures(period)
        return figures["reports"][self.report].lines

    def get_labels(self):
        return [line.label for line in self.lines]

    def get_providers(self):
        return [str(provider) for provider in self.providers]

    def get_data(self):
        return [[line.total.value for line in self.lines]]

    def get_dataset_options(self, index, color):
        amounts = self.get_data()[index]
        pairs = zip(self.lines, amounts, strict=True)
        return {
            "color": [line.color or self.colors[index] for line in self.lines],
            "texts": [f"{format_money(amount)} ({line.total.number:,})" for line, amount in pairs],
            "urls": [build_rows_url(line.rows) for line in self.lines],
            "lighter": [
                place for place, line in enumerate(self.lines) if self.is_of_time and line.is_current
            ],
        }

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return {
            "labels": context["labels"],
            "datasets": context["datasets"],
            "currency": active_workspace().currency,
            "language": get_language(),
        }


class StageChart(Chart):
    report, is_of_today, colors = "by_stage", True, ("gray",)


class WonByMonthChart(Chart):
    report, is_of_time = "won_by_month", True


class ForecastChart(Chart):
    report, is_of_today = "forecast", True
    providers, colors = (_("Value"), _("Weighted")), ("blue", "cyan")

    def get_data(self):
        return [*super().get_data(), [line.total.weighted for line in self.lines]]
