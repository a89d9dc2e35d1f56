"""What a person does at the portal's own screens, and what those screens count.

The counters are of what API callers did; what is done here leaves them alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sandbox.calls.errors import not_found
from sandbox.clock import now_iso
from sandbox.kinds import Kind
from sandbox.store.endings import archive, erase, restore
from sandbox.store.linking import Link, link, unlink
from sandbox.store.merging import merge
from sandbox.store.portal import Portal
from sandbox.store.table import Record, as_number
from sandbox.store.writes import apply, change, draft_create, draft_update
from sandbox.webhooks.events import API, PERSON

UNCHECKED = frozenset({"hs_additional_emails"})  # what only HubSpot's own screens can write


def create_as_person(
    portal: Portal, kind: Kind, properties: dict[str, Any], companies: Sequence[Any]
) -> Record:
    """Make a record, for contacts with companies, the first of them primary.

    Raises:
        ApiError: a value is refused, or a company does not exist.
    """
    special = {name: str(properties[name]) for name in UNCHECKED if name in properties}
    plain = {name: value for name, value in properties.items() if name not in UNCHECKED}
    numbers = [_company(portal, raw_id) for raw_id in companies]
    with _uncounted(portal):
        record = apply(portal, kind, draft_create(portal, kind, {"properties": plain}), PERSON)
        if special:
            change(portal.table(kind), record, special, PERSON)
        _set_companies(portal, record, numbers)
    return record


def update_as_person(
    portal: Portal, kind: Kind, record: Record, properties: dict[str, Any], companies: Sequence[Any] | None
) -> None:
    """Change a record; `companies`, when given, replaces a contact's associations.

    Unlike the API, a person may move the lifecycle stage back.

    Raises:
        ApiError: a value is refused, or a company does not exist.
    """
    special = {name: str(properties[name] or "") for name in UNCHECKED if name in properties}
    plain = {name: "" if raw is None else raw for name, raw in properties.items() if name not in UNCHECKED}
    numbers = None if companies is None else [_company(portal, raw_id) for raw_id in companies]
    draft = draft_update(portal, kind, record, {"properties": plain})
    draft.values |= special
    with _uncounted(portal):
        _allow_any_stage(portal, kind, record, draft.values.get("lifecyclestage"))
        apply(portal, kind, draft, PERSON)
        if numbers is not None:
            _replace_companies(portal, record, numbers)


def delete_property_as_person(portal: Portal, kind: Kind, name: str) -> None:
    """Delete a property for good, with all its values."""
    table = portal.table(kind)
    table.definitions.forget(name)
    for record in table.records.values():
        record.properties.pop(name, None)


def archive_as_person(portal: Portal, kind: Kind, record: Record) -> None:
    """Archive a record."""
    with _uncounted(portal):
        archive(portal, kind, record)


def restore_as_person(portal: Portal, kind: Kind, record: Record) -> None:
    """Bring an archived record back.

    Raises:
        ApiError: another contact has its address meanwhile.
    """
    with _uncounted(portal):
        restore(portal, kind, record)


def erase_as_person(portal: Portal, kind: Kind, record: Record) -> None:
    """Erase a contact for good."""
    with _uncounted(portal):
        erase(portal, kind, record)


def merge_as_person(portal: Portal, kind: Kind, primary: Record, other: Record, *, new_id: bool) -> Record:
    """Merge two records; since 2025 the survivor has a new id."""
    with _uncounted(portal):
        return merge(portal, kind, primary, other, now_iso(), new_id=new_id)


def counts(portal: Portal) -> dict[str, Any]:
    """Calls and writes since the last reset, and how many records there are."""
    routes = {
        name.removeprefix("route:"): n for name, n in portal.counters.items() if name.startswith("route:")
    }
    return {
        "calls": portal.counters["calls"],
        "calls_by_route": routes,
        "writes": portal.counters["writes"],
        "changes": portal.counters["changes"],
        "throttled": portal.counters["throttled"],
        "companies": len(portal.companies.live),
        "contacts": len(portal.contacts.live),
        "archived": {kind: len(table.archived) for kind, table in portal.tables.items()},
    }


@contextmanager
def _uncounted(portal: Portal) -> Iterator[None]:
    before = portal.counters.copy()
    portal.events.actor = PERSON
    try:
        yield
    finally:
        portal.events.actor = API
    portal.counters = before


def _allow_any_stage(portal: Portal, kind: Kind, record: Record, stage: str | None) -> None:
    if stage and stage != record.properties.get("lifecyclestage"):
        change(portal.table(kind), record, {"lifecyclestage": ""}, PERSON)


def _replace_companies(portal: Portal, record: Record, numbers: list[int]) -> None:
    for number in list(portal.associations.of("contacts", record.number, "companies")):
        if number not in numbers:
            unlink(portal, ("contacts", "companies"), record.number, number)
    _set_companies(portal, record, numbers)


def _company(portal: Portal, raw_id: Any) -> int:
    if portal.companies.find(raw_id) is None:
        raise not_found(str(raw_id))
    return as_number(raw_id)


def _set_companies(portal: Portal, record: Record, numbers: list[int]) -> None:
    for order, number in enumerate(numbers):
        types = frozenset({1} if order == 0 else ())
        link(portal, Link(("contacts", "companies"), record.number, number, types))
