"""What the CRM keeps."""

from .choices import Choice, Color, ContactType, LossReason, Source, Stage, Status
from .opportunities import Opportunity, StageChange, TaggedOpportunity
from .people import Company, Person, TaggedCompany
from .record import Record
from .tags import Tag
from .trash import Trashed

__all__ = [
    "Choice",
    "Color",
    "Company",
    "ContactType",
    "LossReason",
    "Opportunity",
    "Person",
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
