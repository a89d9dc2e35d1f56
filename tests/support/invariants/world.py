"""Both sides as plain values, and the hands of the people who work on them."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import delete

from tests.support.applications.services import current_services, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit_record
from tests.support.usecases.pushing import PRIMARY, change_company, change_contact, give_key, objects
from webapp.domain.records.fields import ObjectType
from webapp.domain.webhooks.events import WebhookEvent
from webapp.models import Base, Connection, Contact, Link
from webapp.store.webhooks import inbox

FIELDS = ("city", "region")
"""What is edited, by our names; nobody edits what a thing is recognised by."""

PROPERTIES = {"city": "city", "region": "state"}
"""The property of each."""

_TAGS = {"companies": ("name", "name"), "contacts": ("last_name", "lastname")}
# What is configured, or done once for each version; everything else an example leaves behind.
_KEPT = frozenset(
    {
        "installations",
        "users",
        "connections",
        "field_mappings",
        "status_mappings",
        "sync_rules",
        "custom_fields",
        "key_renewals",
    }
)

# How many of HubSpot's notices arrive, and how many of those twice.
_ARRIVES, _DOUBLED = 0.7, 0.3

Values = dict[str, str | None]


class Thing(NamedTuple):
    """A record or an object. `tag` is its identity, `company` the id of its company on the same side."""

    id: str
    tag: str
    values: Values
    company: str | None


class World:
    """The application's book and the portal."""

    def __init__(self, sandbox: SandboxServer, connection_id: int) -> None:
        self.sandbox = sandbox
        self.connection_id = connection_id
        self.undelivered: list[tuple[ObjectType, str, str]] = []
        self.merged: dict[tuple[ObjectType, str], str] = {}
        self.archived: list[tuple[ObjectType, str]] = []
        self.changed: set[tuple[str, int, str]] = set()

    def begin(self) -> None:
        """Empty both sides."""
        self.undelivered.clear()
        self.merged.clear()
        self.archived.clear()
        self.changed.clear()
        self.sandbox.restore_defaults()
        # What was made in HubSpot in the last half minute cannot be found there; nobody here is that quick.
        self.sandbox.settings(search_delay_s=0)
        with writing() as session:
            for table in reversed(Base.metadata.sorted_tables):
                if table.name not in _KEPT:
                    session.execute(delete(table))
            connection = session.get_one(Connection, self.connection_id)
            connection.first_pull_finished_at = connection.watermark = None
            connection.trouble = connection.trouble_since = connection.probe_at = None
        current_services().redis.flushall()
        give_key(self.sandbox, self.connection_id)

    def here(self, kind: ObjectType) -> list[Thing]:
        """The records, by number."""
        found = pulling.companies() if kind == "companies" else pulling.contacts()
        return [
            Thing(
                str(one.id),
                getattr(one, _TAGS[kind][0]),
                {name: getattr(one, name) for name in FIELDS},
                str(one.company_id) if isinstance(one, Contact) and one.company_id else None,
            )
            for one in found
        ]

    def there(self, kind: ObjectType) -> list[Thing]:
        """The objects that are not archived, by number."""
        tag = _TAGS[kind][1]
        return [
            Thing(
                one["id"],
                one[tag],
                {name: one.get(PROPERTIES[name]) for name in FIELDS},
                one.get(PRIMARY) if kind == "contacts" else None,
            )
            for one in objects(self.sandbox, kind, tag, *PROPERTIES.values(), has_primary=kind == "contacts")
        ]

    def kept_there(self, kind: ObjectType, remote_id: str) -> Values:
        """What an object holds, or held when it was deleted."""
        held = self.sandbox.get(kind, remote_id)["properties"]
        return {name: held.get(PROPERTIES[name]) or None for name in FIELDS}

    def links(self, kind: ObjectType) -> list[Link]:
        """The links."""
        return pulling.links(kind)

    def add_here(self, kind: ObjectType, tag: str, key: str | None, company: str | None = None) -> None:
        """Make a record with an address or a domain, if any."""
        if kind == "companies":
            make_company(name=tag, domain=key)
        else:
            make_contact(int(company or 0), first_name="Eva", last_name=tag, email=key)

    def add_there(self, kind: ObjectType, tag: str, key: str | None, company: str | None = None) -> None:
        """Make an object with an address or a domain, if any."""
        if kind == "companies":
            made = self.sandbox.create(kind, {"name": tag, **({"domain": key} if key else {})})
        else:
            values = {"firstname": "Eva", "lastname": tag, **({"email": key} if key else {})}
            made = self.sandbox.create(kind, values, [company] if company else [])
        self.undelivered.append((kind, str(made["id"]), "created"))

    def edit_here(self, kind: ObjectType, record: Thing, **values: Any) -> None:
        """Change a record, as no form does."""
        self.changed |= {(kind, int(record.id), name) for name in values}
        change = change_company if kind == "companies" else change_contact
        change(int(record.id), **values)

    def type_here(self, kind: ObjectType, record: Thing, **values: str) -> None:
        """Edit a record on its page, which is to be sent."""
        edit_record(kind, int(record.id), **values)

    def edit_there(self, kind: ObjectType, found: Thing, field: str, value: str) -> None:
        """Change an object; an empty text clears."""
        self.sandbox.update(kind, found.id, {PROPERTIES[field]: value})
        self.undelivered.append((kind, found.id, "changed"))

    def move_there(self, contact: Thing, company: Thing) -> None:
        """Give a contact another company, its only one."""
        self.sandbox.update("contacts", contact.id, {}, [company.id])
        self.undelivered.append(("contacts", contact.id, "associated"))

    def archive_there(self, kind: ObjectType, found: Thing) -> None:
        """Delete an object."""
        self.sandbox.archive(kind, found.id)
        self.archived.append((kind, found.id))
        self.undelivered.append((kind, found.id, "deleted"))

    def restore_there(self, kind: ObjectType, remote_id: str) -> None:
        """Bring a deleted object back, without its companies."""
        self.sandbox.restore(kind, remote_id)
        self.archived.remove((kind, remote_id))
        self.undelivered.append((kind, remote_id, "restored"))

    def merge_there(self, kind: ObjectType, primary: Thing, other: Thing, *, new_id: bool) -> None:
        """Merge an object into another one."""
        survivor = str(self.sandbox.merge(kind, primary.id, other.id, new_id=new_id)["id"])
        self.merged |= {(kind, old): survivor for old in {primary.id, other.id} - {survivor}}
        self.undelivered.append((kind, survivor, "merged"))

    def follow(self, kind: ObjectType, remote_id: str) -> str:
        """The object that one lives on as."""
        while (kind, remote_id) in self.merged:
            remote_id = self.merged[kind, remote_id]
        return remote_id

    def deliver_events(self, chance: Random, *, arrives: float = _ARRIVES) -> None:
        """HubSpot tells what has happened since the last time: some twice, some never, in any order."""
        delivered = [one for one in self.undelivered if chance.random() < arrives]
        delivered += [one for one in delivered if chance.random() < _DOUBLED]
        chance.shuffle(delivered)
        self.undelivered.clear()
        now = datetime.now(UTC)
        events = [
            WebhookEvent(
                portal_id="111222",
                app_id="3333",
                kind=what,
                object_type=kind,
                remote_id=remote_id,
                property=None,
                value=None,
                source="CRM_UI",
                source_id="userId:9",
                occurred_at=now,
            )
            for kind, remote_id, what in delivered
        ]
        with writing() as session:
            inbox.add(session, [(self.connection_id, one) for one in events], now)
