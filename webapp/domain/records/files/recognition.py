"""Which record a row of a file is: by its number, its HubSpot object, an e-mail address or a domain."""

from collections.abc import Mapping

from msgspec import Struct, field

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.rows import Row, name_key
from webapp.domain.records.files.stored_rows import Ranges
from webapp.domain.records.identity import KEY_FIELDS
from webapp.domain.records.naming import record_name
from webapp.domain.records.normal.whole_numbers import whole_number
from webapp.domain.records.values import Value, is_blank, same
from webapp.errors import Problem, problem

# The largest number that a record can have; longer rows of digits are no number.
_LARGEST_ID = 10**18
# A value that many records share does not identify one of them.
_SHARED = frozenset(("region", "country", "industry", "status", "company_id"))
# The parts of a name are one sign.
_MUCH = 3
_NAMES = dict.fromkeys(("first_name", "last_name"), "name")
_MOST_NAMED = 5


class Stored(Struct, frozen=True):
    """A record here: its values, the version they were read in, and the keys by which it is found."""

    version: int
    values: dict[str, Value]
    keys: frozenset[str]


class Known(Struct):
    """The records here that the rows of a batch may be.

    Attributes:
        records: by their numbers; those that rows name, and those found by object or key.
        merged: the records that live on as others.
        by_remote: the records of HubSpot objects.
        by_key: the records that have a domain or an e-mail address.
        companies: which of the companies exist that rows name by number.
        by_domain: the companies that rows name by domain.
        by_name: the companies that rows name by name, by the key of that name, each with its own name.
        deleted: names of deleted records, by what a row may claim: `id 5`, `object 1201`, `key a@acme.de`.
        stored_rows: the rows of this file that earlier imports have stored.
    """

    records: dict[int, Stored] = field(default_factory=dict)
    merged: dict[int, int] = field(default_factory=dict)
    by_remote: dict[str, int] = field(default_factory=dict)
    by_key: dict[str, list[int]] = field(default_factory=dict)
    companies: set[int] = field(default_factory=set)
    by_domain: dict[str, list[int]] = field(default_factory=dict)
    by_name: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    deleted: dict[str, str] = field(default_factory=dict)
    stored_rows: Ranges = field(default_factory=list)


class Recognised(Struct, frozen=True):
    """The record of a row; None if it is new, or if something is wrong.

    Attributes:
        is_by_key: whether it was found by a domain or an address alone.
        errors: by column, what is wrong.
        warnings: by column, what a person should look at.
    """

    record_id: int | None = None
    is_by_key: bool = False
    errors: dict[str, Problem] = {}
    warnings: dict[str, Problem] = {}


def recognise(object_type: ObjectType, row: Row, known: Known) -> Recognised:
    """The record of a row: its number comes first, then the HubSpot object, then e-mail or domain."""
    if row.record_id and whole_number(row.record_id, _LARGEST_ID) is None:
        return Recognised(errors={"id": problem("no_record_number")})
    by_number = _by_number(row, known)
    by_object = known.by_remote.get(row.remote_id)
    if by_number and by_object and by_number != by_object:
        both = problem("object_of_another", record_id=by_object, other_id=by_number)
        return Recognised(errors={"hubspot_id": both})
    if by_object is None and by_number and _is_another(object_type, row, known.records[by_number]):
        return Recognised(errors={"id": _another(object_type, by_number, known.records[by_number])})
    record_id = by_object or by_number
    if record_id is None:
        return _by_key(object_type, row, known)
    return Recognised(record_id, warnings=_shared(object_type, row, known, record_id))


def _by_number(row: Row, known: Known) -> int | None:
    number = whole_number(row.record_id, _LARGEST_ID) or 0
    number = known.merged.get(number, number)
    return number if number in known.records else None


def _is_another(object_type: ObjectType, row: Row, stored: Stored) -> bool:
    """Whether many values are given and all differ, so that the number may come from another book."""
    own_name = name_key(object_type, row.given)
    is_named_alike = own_name is not None and own_name == name_key(object_type, stored.values)
    if is_named_alike or stored.keys & set(row.keys):
        return False
    compared = {
        name: same(text, str(stored.values[name]))
        for name, text in row.given.items()
        if name not in _SHARED and not is_blank(text) and not is_blank(stored.values.get(name))
    }
    signs = {_NAMES.get(name, name) for name in compared}
    is_much = len(signs) >= _MUCH or signs >= {"name", KEY_FIELDS[object_type]}
    return is_much and not any(compared.values())


def _another(object_type: ObjectType, number: int, stored: Stored) -> Problem:
    return problem("number_of_another", record_id=number, name=record_name(object_type, stored.values))


def _by_key(object_type: ObjectType, row: Row, known: Known) -> Recognised:
    found = _holders(row, known)
    if len(found) > 1 or not row.is_own_key:
        own_name = name_key(object_type, row.given)
        namesakes = [
            one for one in found if own_name and name_key(object_type, known.records[one].values) == own_name
        ]
        if len(namesakes) > 1 or (row.is_own_key and not namesakes):
            several = problem("several_records", record_ids=found[:_MOST_NAMED], count=len(found))
            return Recognised(errors={KEY_FIELDS[object_type]: several})
        found = namesakes
    if found:
        return Recognised(found[0], is_by_key=True)
    return Recognised(warnings=_deleted(object_type, row, known))


def _deleted(object_type: ObjectType, row: Row, known: Known) -> dict[str, Problem]:
    """A warning if a row would make a record anew that somebody has deleted here."""
    claims = [
        ("id", f"id {whole_number(row.record_id, _LARGEST_ID)}"),
        ("hubspot_id", f"object {row.remote_id}"),
        *((KEY_FIELDS[object_type], f"key {key}") for key in row.keys),
    ]
    found = ((column, known.deleted[claim]) for column, claim in claims if claim in known.deleted)
    column, name = next(found, ("", ""))
    return {column: problem("deleted_here", name=name)} if column else {}


def _shared(object_type: ObjectType, row: Row, known: Known, record_id: int) -> dict[str, Problem]:
    """A warning if a row gives its record a value that another record already has."""
    if not row.is_own_key or known.records[record_id].keys & set(row.keys):
        return {}
    others = [one for one in _holders(row, known) if one != record_id]
    name = KEY_FIELDS[object_type]
    return {name: problem("of_others", record_ids=others[:_MOST_NAMED], count=len(others))} if others else {}


def _holders(row: Row, known: Known) -> list[int]:
    by_key: Mapping[str, list[int]] = known.by_key
    return sorted({one for key in row.keys for one in by_key.get(key, [])})
