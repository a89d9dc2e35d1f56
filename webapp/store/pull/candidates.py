"""The records that objects without link may be: looked up by their keys, in a fixed number of statements."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
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
from webapp.store.pull.rows import record_values


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
        company = companies.get(remote.company_id or "")
        try:
            yield remote.read(mapping).keys_in(company.record_id if company else None)
        except Exception:  # noqa: BLE001, S112 - planning meets it again, and lets this one object fail alone
            continue


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
    # A first pull into an empty book links whatever it makes: then nothing is looked for by likeness.
    unlinked = session.execute(pull_queries.any_unlinked(object_type)).first()
    has_unlinked = unlinked is not None
    # A record that is linked in one of several connections is not flagged.
    are_flagged = unlinked is not None and unlinked.connections <= 1
    which = {
        "with_alike": has_unlinked,
        "are_flagged": are_flagged,
        "is_preview": over.planned_by is not None,
    }
    planned_by = {} if over.planned_by is None or not has_unlinked else {"planned_by": over.planned_by}
    connection = session.connection()
    if object_type == "contacts":
        further = _further_addresses(session, keys, over)
        statement = pull_queries.contact_candidates(dialect_of(session), **which)
        parameters = _contact_parameters(
            session, connection_id, keys, [*further, *chosen], with_alike=has_unlinked
        )
        here = list(
            _contact_candidates(
                connection.execute(statement, parameters | planned_by).all(), further, records
            )
        )
    else:
        statement = pull_queries.company_candidates(dialect_of(session), **which)
        parameters = _company_parameters(session, connection_id, keys, chosen, with_alike=has_unlinked)
        here = list(
            _company_candidates(connection.execute(statement, parameters | planned_by).all(), records)
        )
    planned = over.candidates(keys, [*(one.record_id for one in here), *further], further)
    return Found(_index_of(list(lay_over(here, planned)), keys), records, further)


def _index_of(candidates: Sequence[Candidate], keys: Sequence[Keys]) -> CandidateIndex:
    """An index of the candidates; of few of them all keys are entered sooner than it is known who asks."""
    index = CandidateIndex.for_keys_of(keys) if len(candidates) > len(keys) else CandidateIndex()
    for candidate in candidates:
        index.add(candidate)
    return index


def _further_addresses(session: Session, keys: Sequence[Keys], over: Overlay) -> dict[int, set[str]]:
    """Of those who have one of the addresses beside their first one, by contact, these addresses."""
    dialect = dialect_of(session)
    emails = list({email for key in keys for email in key.emails})
    rows = session.execute(pull_queries.addresses(dialect), {"emails": parameter(dialect, emails)}).all()
    further: dict[int, set[str]] = {}
    for contact_id, email in (*rows, *over.addresses(emails)):
        further.setdefault(contact_id, set()).add(email)
    return further


def _contact_parameters(
    session: Session, connection_id: int, keys: Sequence[Keys], ids: list[int], *, with_alike: bool
) -> dict[str, Any]:
    """By what contacts are looked up: addresses, the name with phone or company, and what is alike."""
    dialect = dialect_of(session)
    parameters = {
        "connection_id": connection_id,
        "emails": parameter(dialect, list({email for key in keys for email in key.emails})),
        "own_keys": parameter(dialect, _own_keys(keys)),
        "ids": parameter(dialect, ids),
    }
    for name, pairs in (
        ("named_phones", {(phone, key.name) for key in keys if key.name and (phone := key.usable_phone)}),
        ("named_companies", {(key.name, key.company_id) for key in keys if key.company_id and key.name}),
    ):
        parameters |= pair_parameters(dialect, name, list(pairs))
    return parameters | (_alike_contacts(dialect, keys) if with_alike else {})


def _alike_contacts(dialect: str, keys: Sequence[Keys]) -> dict[str, Any]:
    """What contacts may share that merely look alike."""
    lists = _alike_records(keys)
    lists["houses"] = {key.house for key in keys if key.house}
    lists["towns"] = {key.town for key in keys if key.town}
    lists["birthdays"] = {one for key in keys for one in key.birthdays}
    initials = {(key.initials, key.company_id) for key in keys if key.company_id and key.initials}
    parameters = {name: parameter(dialect, list(values)) for name, values in lists.items()}
    return parameters | pair_parameters(dialect, "initials", list(initials))


def _alike_records(keys: Sequence[Keys]) -> dict[str, set[str]]:
    """What records of either type may share that merely look alike."""
    return {
        "phones": {phone for key in keys if (phone := key.usable_phone)},
        "places": {key.place for key in keys if key.place},
        "letters": {key.letters for key in keys if key.letters},
        "streets": {key.street for key in keys if key.street},
    }


def _contact_candidates(
    rows: Iterable[Any], further: dict[int, set[str]], records: dict[int, dict[str, Value]]
) -> Iterator[Candidate]:
    """The contacts that were found; their values go into `records`."""
    for row in rows:
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


def _company_parameters(
    session: Session, connection_id: int, keys: Sequence[Keys], ids: list[int], *, with_alike: bool
) -> dict[str, Any]:
    """By what companies are looked up: domains, names, and what is alike."""
    dialect = dialect_of(session)
    lists: dict[str, Collection[Any]] = {
        "domains": {domain for key in keys for domain in key.domains},
        "names": {key.name for key in keys if key.name},
        "own_keys": _own_keys(keys),
        "ids": ids,
        **(_alike_records(keys) if with_alike else {}),
    }
    given = {name: parameter(dialect, list(values)) for name, values in lists.items()}
    return {"connection_id": connection_id, **given}


def _company_candidates(rows: Iterable[Any], records: dict[int, dict[str, Value]]) -> Iterator[Candidate]:
    """The companies that were found; their values go into `records`."""
    for row in rows:
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


def _own_keys(keys: Sequence[Keys]) -> list[str]:
    return [key.own_key for key in keys if key.own_key]
