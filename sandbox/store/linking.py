"""Associating records: requests read into links, and links carried out."""

from dataclasses import dataclass, replace
from typing import Any

from sandbox.calls.errors import ApiError, invalid, not_found
from sandbox.kinds import BY_PATH, Kind
from sandbox.store.associations import PRIMARY, UNLABELED
from sandbox.store.portal import Portal


@dataclass(frozen=True)
class Link:
    """One association to make; `one` is 0 while its record is not made yet."""

    ends: tuple[str, str]
    one: int
    other: int
    types: frozenset[int]

    def from_record(self, kind: Kind, number: int) -> "Link":
        """The same link, now that its record exists."""
        return replace(self, ends=(kind.name, self.ends[1]), one=number)


def parse_links(portal: Portal, kind: Kind, associations: Any) -> list[Link]:
    """The `associations` of a create request.

    Raises:
        ApiError: a type is unknown or the other record does not exist.
    """
    links = []
    for entry in associations or ():
        type_ids = parse_types(portal, entry.get("types"))
        to_kind = next((portal.associations.types[i].to_kind for i in type_ids), "companies")
        other = portal.tables[to_kind].find((entry.get("to") or {}).get("id"))
        if other is None:
            raise not_found(str((entry.get("to") or {}).get("id")))
        check_types(portal, (kind.name, to_kind), type_ids)
        links.append(Link((kind.name, to_kind), 0, other.number, type_ids))
    return links


def parse_types(portal: Portal, specs: Any) -> frozenset[int]:
    """Type ids of a list of association specs.

    Raises:
        ApiError: one is unknown.
    """
    if not isinstance(specs, list):
        raise invalid("Invalid input JSON on line 1, column 1: association types must be a list")
    found = set()
    for spec in specs:
        type_id = spec.get("associationTypeId") if isinstance(spec, dict) else None
        known = portal.associations.types.get(type_id) if isinstance(type_id, int) else None
        if known is None or spec.get("associationCategory", known.category) != known.category:
            raise invalid(f"One or more association types are invalid: {spec}")
        found.add(known.type_id)
    return frozenset(found)


def check_types(portal: Portal, ends: tuple[str, str], type_ids: frozenset[int]) -> None:
    """Refuse types that run between other kinds of records.

    Raises:
        ApiError: one does.
    """
    for type_id in type_ids:
        entry = portal.associations.types[type_id]
        if (entry.from_kind, entry.to_kind) != ends:
            raise invalid(f"Association type {type_id} does not exist between {ends[0]} and {ends[1]}")


def link(portal: Portal, pair: Link, *, replace_labels: bool = False) -> bool:
    """Associate two records; a contact's first company becomes its primary one with the switch for that."""
    portal.counters["writes"] += 1
    types = set(pair.types) | first_primary(portal, pair)
    put = portal.associations.replace if replace_labels else portal.associations.add
    is_new = put(pair.ends, pair.one, pair.other, types)
    if is_new:
        portal.counters["changes"] += 1
        portal.refresh_derived(pair.ends, pair.one, pair.other)
        is_primary = PRIMARY.get(pair.ends[0]) in types
        _announce(portal, pair.ends, (pair.one, pair.other), is_removed=False, is_primary=is_primary)
    return is_new


def _announce(
    portal: Portal, ends: tuple[str, str], pair: tuple[int, int], *, is_removed: bool, is_primary: bool
) -> None:
    portal.events.associated(
        (BY_PATH[ends[0]], BY_PATH[ends[1]]), *pair, is_removed=is_removed, is_primary=is_primary
    )


def unlink(
    portal: Portal, ends: tuple[str, str], one: int, other: int, types: frozenset[int] | None = None
) -> None:
    """Take types (None: all) from a pair."""
    portal.counters["writes"] += 1
    removed = types if types is not None else frozenset({UNLABELED[ends]})
    if portal.associations.remove_types(ends, one, other, set(removed)):
        portal.counters["changes"] += 1
        portal.refresh_derived(ends, one, other)
        is_primary = PRIMARY.get(ends[0]) in removed
        _announce(portal, ends, (one, other), is_removed=True, is_primary=is_primary)


def first_primary(portal: Portal, pair: Link) -> set[int]:
    """The primary type, for the first company of a contact."""
    ends = pair.ends
    if ends[0] == ends[1] or not portal.settings.first_company_becomes_primary:
        return set()
    contact = pair.one if ends[0] == "contacts" else pair.other
    return set() if portal.associations.of("contacts", contact, "companies") else {PRIMARY[ends[0]]}


def kind_of(name: str) -> Kind:
    """The object type of a path segment.

    Raises:
        ApiError: 400, there is no such type here.
    """
    found = BY_PATH.get(name)
    if found is None:
        raise ApiError(400, f"Unable to infer object type from: {name}", "VALIDATION_ERROR")
    return found
