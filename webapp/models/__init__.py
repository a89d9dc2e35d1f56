"""The tables. Only `webapp.store` imports from here."""

from webapp.models.base import Base
from webapp.models.connections import ApiUsage, Connection, FieldMapping, StatusMapping, SyncRule
from webapp.models.edits import RecordEdit
from webapp.models.failing import FailingRecord
from webapp.models.fields import CustomField, PropertyCache
from webapp.models.links import KeptApart, Link, RemoteObject
from webapp.models.merges import MergedRecord
from webapp.models.notices import AnnouncedProperty, InboxNotice, NoticeCount
from webapp.models.previews import PlannedAddress, PlannedObject, PlannedRecord
from webapp.models.privacy import PrivacyDeletion
from webapp.models.push import AnnouncedCreate, AnnouncedUpdate, HeldRecord, Mail, OutboxRecord
from webapp.models.records import Company, Contact, ContactAddress
from webapp.models.runs import LogEntry, Run
from webapp.models.trials import RuleTrial
from webapp.models.users import User

__all__ = [
    "AnnouncedCreate",
    "AnnouncedProperty",
    "AnnouncedUpdate",
    "ApiUsage",
    "Base",
    "Company",
    "Connection",
    "Contact",
    "ContactAddress",
    "CustomField",
    "FailingRecord",
    "FieldMapping",
    "HeldRecord",
    "InboxNotice",
    "KeptApart",
    "Link",
    "LogEntry",
    "Mail",
    "MergedRecord",
    "NoticeCount",
    "OutboxRecord",
    "PlannedAddress",
    "PlannedObject",
    "PlannedRecord",
    "PrivacyDeletion",
    "PropertyCache",
    "RecordEdit",
    "RemoteObject",
    "RuleTrial",
    "Run",
    "StatusMapping",
    "SyncRule",
    "User",
]
