"""Merging two records into one, as a person does at HubSpot."""

from sandbox.kinds import Kind
from sandbox.store.linking import Link, link
from sandbox.store.portal import Portal
from sandbox.store.properties.values import STAGE_RANK
from sandbox.store.table import Record, addresses


def merge(portal: Portal, kind: Kind, primary: Record, other: Record, now: str, *, new_id: bool) -> Record:
    """Join `other` into `primary`: its values fill blanks; both old ids lead to the survivor."""
    table = portal.table(kind)
    properties = _joined(kind, primary, other)
    history = _history(primary, other)
    pairs = _associations(portal, kind, primary, other)
    for record in (primary, other):
        for to_kind, number in portal.associations.remove_all(kind.name, record.number):
            portal.refresh_derived((kind.name, to_kind), record.number, number)
        table.remove(record)
    if not new_id:
        survivor = Record(primary.number, properties)
        table.restore(survivor)
    else:
        survivor = Record(table.new_id(), properties)
        table.add(survivor)
        table.merged[primary.number] = survivor.number
    table.merged[other.number] = survivor.number
    survivor.history = history
    moved = len(survivor.properties.keys() - primary.properties.keys())
    portal.events.merged(kind, (primary.number, other.number), survivor.number, moved)
    survivor.properties |= {"hs_object_id": survivor.id, kind.modified: now}
    for to_kind, number, types in pairs:
        link(portal, Link((kind.name, to_kind), survivor.number, number, types))
    return survivor


def _joined(kind: Kind, primary: Record, other: Record) -> dict[str, str]:
    properties = {**other.properties, **primary.properties}
    stages = [record.properties.get("lifecyclestage", "") for record in (primary, other)]
    furthest = max(stages, key=lambda stage: STAGE_RANK.get(stage, -1))
    if furthest:
        properties["lifecyclestage"] = furthest
    if kind.name == "contacts":
        more = [
            a for a in dict.fromkeys(addresses(primary) + addresses(other)) if a != properties.get("email")
        ]
        if more:
            properties["hs_additional_emails"] = ";".join(more)
    else:
        further = [one for one in _domains(primary, other) if one != properties.get("domain")]
        if further:
            properties["hs_additional_domains"] = ";".join(further)
    merged = [record.properties.get("hs_merged_object_ids", "") for record in (primary, other)]
    properties["hs_merged_object_ids"] = ";".join([*filter(None, merged), primary.id, other.id])
    properties["createdate"] = min(primary.properties["createdate"], other.properties["createdate"])
    return properties


def _history(primary: Record, other: Record) -> dict[str, list[tuple[str, str, str, str]]]:
    """The history of the values that are joined: of each that of the record it is taken from."""
    of_other = {
        name: entries for name, entries in (other.history or {}).items() if name not in primary.properties
    }
    return {name: list(entries) for name, entries in {**of_other, **(primary.history or {})}.items()}


def _domains(*companies: Record) -> list[str]:
    """Every domain of these companies once, the first one's first."""
    held = [
        company.properties.get(name, "")
        for company in companies
        for name in ("domain", "hs_additional_domains")
    ]
    return [one for one in dict.fromkeys(";".join(held).split(";")) if one]


def _associations(
    portal: Portal, kind: Kind, primary: Record, other: Record
) -> list[tuple[str, int, frozenset[int]]]:
    found: dict[tuple[str, int], frozenset[int]] = {}
    for record in (other, primary):
        for to_kind in portal.tables:
            for number, types in portal.associations.of(kind.name, record.number, to_kind).items():
                found[to_kind, number] = frozenset(types)
    # Last the primary's own: of two primary companies its one stays.
    return [(to_kind, number, types) for (to_kind, number), types in found.items()]
