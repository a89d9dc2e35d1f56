"""How records end and come back: archived, restored, erased for good."""

from sandbox.calls.errors import invalid
from sandbox.clock import now_iso
from sandbox.kinds import Kind
from sandbox.store.portal import Portal
from sandbox.store.table import Record, addresses


def archive(portal: Portal, kind: Kind, record: Record) -> None:
    """Archive a record: its associations end, its unique values become free."""
    _count(portal)
    _end_associations(portal, kind, record)
    portal.table(kind).archive(record, now_iso())
    portal.events.deleted(kind, record.number)


def restore(portal: Portal, kind: Kind, record: Record) -> None:
    """Bring an archived record back, as a person can within ninety days; its associations stay ended.

    Raises:
        ApiError: another contact has one of its addresses meanwhile.
    """
    table = portal.table(kind)
    taken = [one for one in addresses(record) if one in table.emails] if kind.name == "contacts" else []
    if taken:
        raise invalid(f"A contact with the email address {taken[0]} exists already")
    _count(portal)
    table.unarchive(record)
    record.properties[kind.modified] = now_iso()
    portal.events.restored(kind, record.number)


def erase(portal: Portal, kind: Kind, record: Record) -> None:
    """Erase a contact for good, as privacy law asks: no archive holds it."""
    _count(portal)
    _end_associations(portal, kind, record)
    portal.table(kind).erase(record)
    portal.events.privacy_deleted(kind, record.number)


def _count(portal: Portal) -> None:
    portal.counters["writes"] += 1
    portal.counters["changes"] += 1


def _end_associations(portal: Portal, kind: Kind, record: Record) -> None:
    for to_kind, other in portal.associations.remove_all(kind.name, record.number):
        portal.refresh_derived((kind.name, to_kind), record.number, other)
