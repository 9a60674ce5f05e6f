"""Models of the CRM: contacts, opportunities, picklists, tags and the trash."""

from crm.models.contacts import Company, Person, TaggedCompany
from crm.models.opportunities import Opportunity, TaggedOpportunity
from crm.models.picklist_value import Color, PicklistValue
from crm.models.picklists import ContactType, LossReason, Source, Stage, Status
from crm.models.records import Record
from crm.models.stage_changes import StageChange
from crm.models.tags import Tag
from crm.models.trash import Trashed

__all__ = [
    "Color",
    "Company",
    "ContactType",
    "LossReason",
    "Opportunity",
    "Person",
    "PicklistValue",
    "Record",
    "Source",
    "Stage",
    "StageChange",
    "Status",
    "Tag",
    "TaggedCompany",
    "TaggedOpportunity",
    "Trashed",
]
