"""What a person does at the portal's own screens, and what those screens count."""

from collections.abc import Sequence
from typing import Any

from sandbox.clock import now_iso
from sandbox.errors import not_found
from sandbox.kinds import Kind
from sandbox.store.linking import Link, link, unlink
from sandbox.store.merging import merge
from sandbox.store.portal import Portal
from sandbox.store.table import Record, as_number
from sandbox.store.writes import PERSON, apply, change, draft_create, draft_update

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
    wanted = [_company(portal, raw_id) for raw_id in companies]
    record = apply(portal, kind, draft_create(portal, kind, {"properties": plain}), PERSON)
    if special:
        change(portal.table(kind), record, special, PERSON)
    _set_companies(portal, record, wanted)
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
    wanted = None if companies is None else [_company(portal, raw_id) for raw_id in companies]
    draft = draft_update(portal, kind, record, {"properties": plain})
    stage = draft.values.get("lifecyclestage")
    if stage and stage != record.properties.get("lifecyclestage"):
        change(portal.table(kind), record, {"lifecyclestage": ""}, PERSON)
    draft.values |= special
    apply(portal, kind, draft, PERSON)
    if wanted is not None:
        for number in portal.associations.of("contacts", record.number, "companies").copy():
            if number not in wanted:
                unlink(portal, ("contacts", "companies"), record.number, number)
        _set_companies(portal, record, wanted)


def merge_as_person(portal: Portal, kind: Kind, primary: Record, other: Record, *, new_id: bool) -> Record:
    """Merge two records; since 2025 the survivor has a new id."""
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


def _company(portal: Portal, raw_id: Any) -> int:
    if portal.companies.find(raw_id) is None:
        raise not_found(str(raw_id))
    return as_number(raw_id)


def _set_companies(portal: Portal, record: Record, wanted: list[int]) -> None:
    for order, number in enumerate(wanted):
        types = frozenset({1} if order == 0 else ())
        link(portal, Link(("contacts", "companies"), record.number, number, types))
