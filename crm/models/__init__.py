"""What the CRM keeps."""

from crm.models.contacts import Company, Person, TaggedCompany
from crm.models.picklists import Color, ContactType, LossReason, PicklistValue, Source, Stage, Status
from crm.models.records import Record

from .opportunities import Opportunity, StageChange, TaggedOpportunity
from .tags import Tag
from .trash import Trashed

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
