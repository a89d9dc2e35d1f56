"""The tables. Only `webapp.store` imports them."""

from webapp.models.base import Base
from webapp.models.connection.connection import Connection
from webapp.models.connection.usage import ApiUsage
from webapp.models.duplicates import PossibleDuplicate, ScanKey
from webapp.models.held import HeldCandidate, HeldRecord, KeptApart
from webapp.models.home import HourlyChange, InSyncCount
from webapp.models.links.generations import UnlinkedWrite, WriteGeneration
from webapp.models.links.links import Link, MetLinks, UnchangedLinks
from webapp.models.links.unlinked import RemoteObject
from webapp.models.mapping import FieldMapping, PropertyCache, StatusMapping
from webapp.models.matching import FrequencyCount, KeyRenewal
from webapp.models.notifications import Mail, NotificationChoice, RaisedNotification
from webapp.models.operating import Installation
from webapp.models.people.audit import AuditEntry
from webapp.models.people.list_columns import ListColumns
from webapp.models.people.sessions import LoginSession, TypedForm
from webapp.models.people.users import AccountLink, User
from webapp.models.preview import PlannedAddress, PlannedObject, PlannedRecord
from webapp.models.privacy import ErasedAddress, Erasure, PrivacyDeletion
from webapp.models.push.announcements import AnnouncedAssociation, AnnouncedCreate, AnnouncedUpdate
from webapp.models.push.creation_checks import CreationCheck
from webapp.models.push.outbox import OutboxRecord
from webapp.models.records.custom_fields import CustomField
from webapp.models.records.edits import MergedRecord, RecordEdit
from webapp.models.records.files import (
    CsvColumn,
    CsvImport,
    CsvImportPart,
    CsvImportRow,
    CsvImportToken,
    FileImport,
)
from webapp.models.records.records import Company, Contact, ContactAddress
from webapp.models.records.searching import CompanyText, ContactText, SearchChange
from webapp.models.rules import RuleTrial, SyncRule
from webapp.models.runs.failures import FailingRecord
from webapp.models.runs.log import LogEntry
from webapp.models.runs.runs import Run
from webapp.models.webhooks import AnnouncedProperty, InboxEvent, WebhookEventCount

__all__ = [
    "AccountLink",
    "AnnouncedAssociation",
    "AnnouncedCreate",
    "AnnouncedProperty",
    "AnnouncedUpdate",
    "ApiUsage",
    "AuditEntry",
    "Base",
    "Company",
    "CompanyText",
    "Connection",
    "Contact",
    "ContactAddress",
    "ContactText",
    "CreationCheck",
    "CsvColumn",
    "CsvImport",
    "CsvImportPart",
    "CsvImportRow",
    "CsvImportToken",
    "CustomField",
    "ErasedAddress",
    "Erasure",
    "FailingRecord",
    "FieldMapping",
    "FileImport",
    "FrequencyCount",
    "HeldCandidate",
    "HeldRecord",
    "HourlyChange",
    "InSyncCount",
    "InboxEvent",
    "Installation",
    "KeptApart",
    "KeyRenewal",
    "Link",
    "ListColumns",
    "LogEntry",
    "LoginSession",
    "Mail",
    "MergedRecord",
    "MetLinks",
    "NotificationChoice",
    "OutboxRecord",
    "PlannedAddress",
    "PlannedObject",
    "PlannedRecord",
    "PossibleDuplicate",
    "PrivacyDeletion",
    "PropertyCache",
    "RaisedNotification",
    "RecordEdit",
    "RemoteObject",
    "RuleTrial",
    "Run",
    "ScanKey",
    "SearchChange",
    "StatusMapping",
    "SyncRule",
    "TypedForm",
    "UnchangedLinks",
    "UnlinkedWrite",
    "User",
    "WebhookEventCount",
    "WriteGeneration",
]
