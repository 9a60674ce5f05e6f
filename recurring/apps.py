from django.apps import AppConfig


class RecurringConfig(AppConfig):
    name = "recurring"
    verbose_name = "Recurring Revenue"

    def ready(self):
        from crm import search
        from crm.extension_points import COMPANY, OPPORTUNITY
        from recurring import crm_panels, default_categories, viewsets  # noqa: F401 - start hears of new workspaces

        search.MORE += viewsets.ENTITIES
        COMPANY.append(crm_panels.CompanyPanel)
        OPPORTUNITY.append(crm_panels.OpportunityPanel)
