"""The forms of people, companies and opportunities."""

from .opportunities import MoveForm, OpportunityForm
from .people import CompanyForm, PersonForm

__all__ = ["CompanyForm", "MoveForm", "OpportunityForm", "PersonForm"]
