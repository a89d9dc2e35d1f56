"""The tables. Only `webapp.store` imports them."""

from webapp.models.base import Base
from webapp.models.connection import Connection
from webapp.models.duplicates import PossibleDuplicate, ScanKey
from webapp.models.files import CsvColumn, CsvImport, CsvImportPart, CsvImportRow, CsvImportToken
from webapp.models.frequencies import FrequencyCount
from webapp.models.held import HeldCandidate, HeldRecord, KeptApart
from webapp.models.home import HourlyChange, InSyncCount
from webapp.models.installation import FileImport, Installation
from webapp.models.links import Link, MetLinks, RemoteObject, UnchangedLinks, UnlinkedWrite, WriteGeneration
from webapp.models.list_columns import ListColumns
from webapp.models.mapping import FieldMapping, PropertyCache, StatusMapping
from webapp.models.notifications import NotificationChoice, RaisedNotification
from webapp.models.people import AccountLink, AuditEntry, LoginSession, TypedForm, User
from webapp.models.preview import PlannedAddress, PlannedObject, PlannedRecord
from webapp.models.privacy import ErasedAddress, Erasure, PrivacyDeletion
from webapp.models.push import (
    AnnouncedAssociation,
    AnnouncedCreate,
    AnnouncedUpdate,
    CreationCheck,
    OutboxRecord,
)
from webapp.models.records import (
    Company,
    Contact,
    ContactAddress,
    CustomField,
    KeyRenewal,
    MergedRecord,
    RecordEdit,
)
from webapp.models.rules import RuleTrial, SyncRule
from webapp.models.runs import ApiUsage, FailingRecord, LogEntry, Mail, Run
from webapp.models.searching import CompanyText, ContactText, SearchChange
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
