"""The models of the shared core."""

from crm.models.background import Job, OutboxMessage, StoredFile
from crm.models.history import AccessLogEntry, Deletion, FormToken, TimelineEntry
from crm.models.people import Company, RoleRule, Team, User

__all__ = [
    "AccessLogEntry",
    "Company",
    "Deletion",
    "FormToken",
    "Job",
    "OutboxMessage",
    "RoleRule",
    "StoredFile",
    "Team",
    "TimelineEntry",
    "User",
]
