"""The whole state of the portal, and the one lock that guards it."""

from collections import Counter, deque
from threading import RLock
from typing import NamedTuple

import msgspec

from sandbox.calls.faults import Faults
from sandbox.calls.limits import Limits
from sandbox.clock import now_iso
from sandbox.kinds import KINDS, Kind
from sandbox.settings import Settings
from sandbox.store.associations import CHILD, PARENT, Associations
from sandbox.store.owners import OWNERS, Owner
from sandbox.store.table import Record, Table
from sandbox.webhooks.events import Events

LOG_LENGTH = 1_000
PRIMARY_COMPANY = "associatedcompanyid"
"""The property of a contact that follows its primary company, with a history, and moves no modified time."""


class LogEntry(NamedTuple):
    """One call of the API in the log."""

    at: str
    method: str
    path: str
    status: int
    took_ms: float
    fault: str | None


class Portal:
    """One HubSpot account. Whoever reads or writes it holds `lock`."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.lock = RLock()
        self._settings = settings
        self.counters: Counter[str] = Counter()
        self.limits = Limits()
        self.faults = Faults()
        self.log: deque[LogEntry] = deque(maxlen=LOG_LENGTH)
        self.events = Events()
        self.events.settings = settings
        self.clear(seed)

    def clear(self, seed: int) -> None:
        """Forget every record, property, association and count."""
        self.seed = seed
        self.counters.clear()
        self.log.clear()
        self.events.pending.clear()
        self.limits = Limits()
        self.owners: list[Owner] = [msgspec.structs.replace(owner) for owner in OWNERS]
        self.associations = Associations()
        self.without_company: deque[tuple[float, int, str]] = deque()
        self.tables: dict[str, Table] = {
            kind.name: Table(kind, seed + order, self.events) for order, kind in enumerate(KINDS)
        }

    @property
    def settings(self) -> Settings:
        """The switches as they are."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._settings = self.events.settings = settings

    @property
    def contacts(self) -> Table:
        """The contacts."""
        return self.tables["contacts"]

    @property
    def companies(self) -> Table:
        """The companies."""
        return self.tables["companies"]

    def table(self, kind: Kind) -> Table:
        """The records of one object type."""
        return self.tables[kind.name]

    def owner_ids(self) -> frozenset[str]:
        """Ids that `hubspot_owner_id` takes."""
        return frozenset(owner.id for owner in self.owners if not owner.archived)

    def refresh_derived(self, ends: tuple[str, str], one: int, other: int) -> None:
        """Recompute what HubSpot derives from an association; no modified time moves."""
        if ends == ("companies", "companies"):
            self._refresh_family(self.companies.records.get(one))
            self._refresh_family(self.companies.records.get(other))
        if ends[0] == ends[1]:
            return
        contact, company = (one, other) if ends[0] == "contacts" else (other, one)
        self._refresh_contact(self.contacts.records.get(contact))
        self._refresh_company(self.companies.records.get(company))

    def _refresh_contact(self, contact: Record | None) -> None:
        if contact is None:
            return
        primary = self.associations.primary_company(contact.number)
        text = "" if primary is None else str(primary)
        if text == contact.properties.get(PRIMARY_COMPANY, ""):
            return
        contact.keep_history(PRIMARY_COMPANY, text, now_iso(), ("ASSOCIATIONS", ""))
        if text:
            contact.properties[PRIMARY_COMPANY] = text
        else:
            contact.properties.pop(PRIMARY_COMPANY, None)

    def _refresh_company(self, company: Record | None) -> None:
        if company is not None:
            count = len(self.associations.of("companies", company.number, "contacts"))
            company.properties["num_associated_contacts"] = str(count)

    def _refresh_family(self, company: Record | None) -> None:
        if company is None:
            return
        children = self.associations.family(company.number, CHILD)
        company.properties["hs_num_child_companies"] = str(len(children))
        parent = next(iter(self.associations.family(company.number, PARENT)), "")
        company.properties["hs_parent_company_id"] = str(parent)
