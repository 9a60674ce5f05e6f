"""The forms of people, companies and opportunities."""

from crm.forms.contacts import CompanyForm, PersonForm
from crm.forms.opportunities import OpportunityForm, StageForm

__all__ = ["CompanyForm", "OpportunityForm", "PersonForm", "StageForm"]
