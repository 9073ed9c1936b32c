"""The models of the shared core."""

from crm.models.background import Job, OutboxMessage, StoredFile
from crm.models.exchange import ImportBatch, ImportedRow, ImportMapping, MadeRecord, StagedRow
from crm.models.fields import FieldDefinition, FieldRule, FormLayout
from crm.models.history import AccessLogEntry, Deletion, FormToken, TimelineEntry
from crm.models.keys import KeyInUse
from crm.models.marks import RecordMark
from crm.models.merging import RecordMerge
from crm.models.ownership import HandOver, OwnershipChange
from crm.models.people import Company, RoleRule, Team, User
from crm.models.sharing import AccessRequest, Viewing
from crm.models.tags import Tag, TagChange

__all__ = [
    "AccessLogEntry",
    "AccessRequest",
    "Company",
    "Deletion",
    "FieldDefinition",
    "FieldRule",
    "FormLayout",
    "FormToken",
    "HandOver",
    "ImportBatch",
    "ImportMapping",
    "ImportedRow",
    "Job",
    "KeyInUse",
    "MadeRecord",
    "OutboxMessage",
    "OwnershipChange",
    "RecordMark",
    "RecordMerge",
    "RoleRule",
    "StagedRow",
    "StoredFile",
    "Tag",
    "TagChange",
    "Team",
    "TimelineEntry",
    "User",
    "Viewing",
]
