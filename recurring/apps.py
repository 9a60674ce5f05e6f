from django.apps import AppConfig


class RecurringConfig(AppConfig):
    name = "recurring"
    verbose_name = "Recurring Revenue"

    def ready(self):
        from crm import search
        from crm.panels import COMPANY, OPPORTUNITY

        from . import cruds, panels, start  # noqa: F401 - start hears of new workspaces

        search.MORE += cruds.ENTITIES
        COMPANY.append(panels.CompanyPanel)
        OPPORTUNITY.append(panels.OpportunityPanel)
