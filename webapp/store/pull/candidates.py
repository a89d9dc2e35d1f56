"""The records that objects without link may be: looked up by their keys, in a fixed number of statements."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import Mapping as FieldMapping
from webapp.domain.matching.candidates import Candidate, CandidateIndex
from webapp.domain.matching.keys import Keys
from webapp.domain.pull.facts import CompanyFacts, Remote
from webapp.domain.pull.overlay import lay_over
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Value
from webapp.store.database.lists import dialect_of, pair_parameters, parameter
from webapp.store.pull import queries as pull_queries
from webapp.store.pull.context import Overlay
from webapp.store.pull.rows import listed_rows, record_values


class Found(Struct, frozen=True):
    """The candidates, with the values of those that are here.

    `further` are, by contact, the addresses beside the first one by which it was found.
    """

    index: CandidateIndex
    records: dict[int, dict[str, Value]]
    further: dict[int, set[str]]


def search_keys(
    strangers: Sequence[Remote], mapping: FieldMapping, companies: Mapping[str, CompanyFacts]
) -> Iterator[Keys]:
    """By what the objects are looked up."""
    for remote in strangers:
        try:
            keys = remote.read(mapping).keys
        except Exception:  # noqa: BLE001, S112 - planning meets it again, and lets this one object fail alone
            continue
        company = companies.get(remote.company_id or "")
        yield replace(keys, company_id=company.record_id) if company else keys


def candidates_like(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    keys: Sequence[Keys],
    chosen: list[int],
    *,
    over: Overlay,
) -> Found:
    """The records with one of the keys and those that people chose, as they would be by now."""
    records: dict[int, dict[str, Value]] = {}
    further: dict[int, set[str]] = {}
    if object_type == "contacts":
        further = _further_addresses(session, keys, over)
        here = list(
            _contact_candidates(session, connection_id, keys, chosen, further=further, records=records)
        )
    else:
        here = list(_company_candidates(session, connection_id, keys, chosen, records))
    planned = over.candidates(keys, [*(one.record_id for one in here), *further], further)
    index = CandidateIndex()
    for candidate in lay_over(here, planned):
        index.add(candidate)
    return Found(index, records, further)


def _further_addresses(session: Session, keys: Sequence[Keys], over: Overlay) -> dict[int, set[str]]:
    """Of those who have one of the addresses beside their first one, by contact, these addresses."""
    dialect = dialect_of(session)
    emails = list({email for key in keys for email in key.emails})
    rows = session.execute(pull_queries.addresses(dialect), {"emails": parameter(dialect, emails)}).all()
    further: dict[int, set[str]] = {}
    for contact_id, email in (*rows, *over.addresses(emails)):
        further.setdefault(contact_id, set()).add(email)
    return further


def _contact_candidates(
    session: Session,
    connection_id: int,
    keys: Sequence[Keys],
    chosen: list[int],
    *,
    further: dict[int, set[str]],
    records: dict[int, dict[str, Value]],
) -> Iterator[Candidate]:
    """Contacts with one of the addresses, the name with phone or company, and those who look alike."""
    dialect, also_alike = dialect_of(session), _has_unlinked(session, "contacts")
    parameters = {
        "connection_id": connection_id,
        "emails": parameter(dialect, list({email for key in keys for email in key.emails})),
        "own_keys": parameter(dialect, _own_keys(keys)),
        "ids": parameter(dialect, [*further, *chosen]),
    }
    for name, pairs in (
        ("named_phones", {(key.usable_phone, key.name) for key in keys if key.usable_phone and key.name}),
        ("named_companies", {(key.name, key.company_id) for key in keys if key.company_id and key.name}),
    ):
        parameters |= pair_parameters(dialect, name, list(pairs))
    if also_alike:
        parameters |= _alike_parameters(dialect, keys)
    query = pull_queries.contact_candidates(dialect, also_alike=also_alike)
    for row in session.execute(query, parameters).all():
        *_, record_id, uuid, phone, name, place, letters, street = row[:-7]
        email, initials, house, town, birthday, linked_to, state = row[-7:]
        values = records[record_id] = record_values("contacts", row)
        company_id: Any = values["company_id"]
        found = Keys(
            object_type="contacts",
            emails=frozenset(further.get(record_id, set()) | ({email} if email else set())),
            phone=phone,
            name=name,
            company_id=company_id,
            place=place,
            initials=initials,
            letters=letters,
            street=street,
            house=house,
            town=town,
            birthday=birthday,
            own_key=uuid,
            values=values,
        )
        yield Candidate(record_id, found, linked_to, state or "linked")


def _alike_parameters(dialect: str, keys: Sequence[Keys]) -> dict[str, Any]:
    """What contacts share that look alike."""
    lists = {
        "phones": {key.usable_phone for key in keys},
        "places": {key.place for key in keys},
        "letters": {key.letters for key in keys},
        "streets": {key.street for key in keys},
        "houses": {key.house for key in keys},
        "towns": {key.town for key in keys},
        "birthdays": {one for key in keys for one in key.birthdays},
    }
    pairs = {(key.initials, key.company_id) for key in keys if key.company_id and key.initials}
    found = {name: parameter(dialect, [one for one in some if one]) for name, some in lists.items()}
    return found | pair_parameters(dialect, "initials", list(pairs))


def _company_candidates(
    session: Session,
    connection_id: int,
    keys: Sequence[Keys],
    chosen: list[int],
    records: dict[int, dict[str, Value]],
) -> Iterator[Candidate]:
    """Companies with one of the domains or names, and those that may look alike."""
    also_alike = _has_unlinked(session, "companies")
    lists: dict[str, set[str | None]] = {
        "domains": {domain for key in keys for domain in key.domains},
        "names": {key.name for key in keys},
    }
    if also_alike:
        lists |= {
            "phones": {key.usable_phone for key in keys},
            "places": {key.place for key in keys},
            "letters": {key.letters for key in keys},
            "streets": {key.street for key in keys},
        }
    given = {name: [one for one in some if one] for name, some in lists.items()}
    query = pull_queries.company_candidates(dialect_of(session), also_alike=also_alike)
    for row in listed_rows(session, query, connection_id, own_keys=_own_keys(keys), ids=chosen, **given):
        *_, record_id, uuid, phone, name, place, letters, street, domain, linked_to, state = row
        values = records[record_id] = record_values("companies", row)
        found = Keys(
            object_type="companies",
            phone=phone,
            name=name,
            domain=domain,
            place=place,
            letters=letters,
            street=street,
            own_key=uuid,
            values=values,
        )
        yield Candidate(record_id, found, linked_to, state or "linked")


def _has_unlinked(session: Session, object_type: ObjectType) -> bool:
    """Whether anything can be found by mere likeness: after a first pull no record can."""
    return session.scalar(pull_queries.an_unlinked(object_type)) is not None


def _own_keys(keys: Sequence[Keys]) -> list[str]:
    return [key.own_key for key in keys if key.own_key]
