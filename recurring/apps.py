from django.apps import AppConfig


class RecurringConfig(AppConfig):
    name = "recurring"
    verbose_name = "Recurring Revenue"

    def ready(self):
        from crm.panels import COMPANY, OPPORTUNITY

        from . import panels, start  # noqa: F401 - start hears of new workspaces

        COMPANY.append(panels.CompanyPanel)
        OPPORTUNITY.append(panels.OpportunityPanel)
