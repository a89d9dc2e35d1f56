"""Gathers what this side knows of a page of objects, in a fixed number of statements."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Row, and_, select, union
from sqlalchemy.orm import Session

from webapp.domain.fields import FIELDS, ObjectType
from webapp.domain.incoming import place_of
from webapp.domain.mapping import Mapping
from webapp.domain.matching import Candidate, CandidateIndex, Keys
from webapp.domain.plan import CompanyFacts, Facts, LinkFacts, Remote, SeenFacts
from webapp.domain.values import Value
from webapp.models import Company, Contact, ContactAddress, KeptApart, Link, RemoteObject
from webapp.store import ids
from webapp.store.lists import among, pairs

TABLES: dict[ObjectType, type[Company] | type[Contact]] = {"companies": Company, "contacts": Contact}


def gather(session: Session, connection_id: int, mapping: Mapping, remotes: Sequence[Remote]) -> Facts:
    """Read what surrounds a page. On PostgreSQL its links and records stay locked, in order of id."""
    object_type = mapping.object_type
    records: dict[int, dict[str, Value]] = {}
    links = _links(session, connection_id, object_type, remotes, records)
    strangers = [
        remote
        for remote in remotes
        if remote.id not in links and not any(old in links for old in remote.merged_ids)
    ]
    facts = Facts(links=links, records=records, index=CandidateIndex(), new_ids=iter(()))
    if object_type == "contacts":
        facts.companies = _companies(session, connection_id, remotes)
    if strangers:
        _gather_strangers(session, connection_id, mapping, strangers, facts)
    return facts


def values_of(object_type: ObjectType, row: Row[Any]) -> dict[str, Value]:
    """A record's field values, custom ones as `custom.NAME`."""
    columns = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    values: dict[str, Value] = {field.name: columns[field.name] for field in FIELDS[object_type]}
    for name, value in (columns["custom"] or {}).items():
        values[f"custom.{name}"] = value
    return values


def known_company_ids(session: Session, connection_id: int, remote_ids: Iterable[str]) -> set[str]:
    """Which of these companies of HubSpot are linked, or were seen and left unlinked."""
    wanted = list(remote_ids)
    found: set[str] = set()
    for table in (Link, RemoteObject):
        query = select(table.remote_id).where(
            table.connection_id == connection_id,
            table.object_type == "companies",
            among(session, table.remote_id, wanted),
        )
        found.update(session.scalars(query))
    return found


def _links(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    remotes: Sequence[Remote],
    records: dict[int, dict[str, Value]],
) -> dict[str, LinkFacts]:
    """The links of the page's objects and of those merged into them; their records go into `records`."""
    wanted = [remote.id for remote in remotes]
    wanted += [old for remote in remotes for old in remote.merged_ids]
    table = TABLES[object_type].__table__
    query = (
        select(
            Link.id.label("link_id"),
            Link.remote_id,
            Link.state,
            Link.local_seen,
            Link.remote_seen,
            Link.remote_updated_at,
            *table.c,
        )
        .join(table, table.c.id == Link.record_id)
        .where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            among(session, Link.remote_id, wanted),
        )
        .order_by(Link.id)
        .with_for_update()
    )
    links = {}
    for row in session.execute(query):
        links[row.remote_id] = LinkFacts(
            id=row.link_id,
            record_id=row.id,
            remote_id=row.remote_id,
            state=row.state,
            local_seen=row.local_seen,
            remote_seen=row.remote_seen,
            remote_updated_at=row.remote_updated_at,
        )
        records[row.id] = values_of(object_type, row)
    return links


def _companies(session: Session, connection_id: int, remotes: Sequence[Remote]) -> dict[str, CompanyFacts]:
    """Where the contacts' companies are, or why they are not here."""
    wanted = list({remote.company_id for remote in remotes if remote.company_id})
    if not wanted:
        return {}
    unlinked = select(RemoteObject.remote_id, RemoteObject.reason).where(
        RemoteObject.connection_id == connection_id,
        RemoteObject.object_type == "companies",
        among(session, RemoteObject.remote_id, wanted),
    )
    linked = select(Link.remote_id, Link.record_id).where(
        Link.connection_id == connection_id,
        Link.object_type == "companies",
        among(session, Link.remote_id, wanted),
    )
    companies = {row.remote_id: CompanyFacts(reason=row.reason) for row in session.execute(unlinked)}
    companies.update(
        {row.remote_id: CompanyFacts(record_id=row.record_id) for row in session.execute(linked)}
    )
    return companies


def _gather_strangers(
    session: Session, connection_id: int, mapping: Mapping, strangers: Sequence[Remote], facts: Facts
) -> None:
    """What matching and creating need: earlier decisions, candidates, and unused ids."""
    object_type = mapping.object_type
    wanted = [remote.id for remote in strangers]
    facts.seen = _seen(session, connection_id, object_type, wanted)
    facts.apart = _apart(session, connection_id, object_type, wanted)
    decisions = [seen.decision or {} for seen in facts.seen.values()]
    chosen = [decision["record_id"] for decision in decisions if decision.get("record_id") is not None]
    keys = [_search_keys(remote, mapping, facts) for remote in strangers]
    if object_type == "contacts":
        found = _contact_candidates(session, connection_id, keys, chosen, facts.records)
    else:
        found = _company_candidates(session, connection_id, keys, chosen, facts.records)
    for candidate in found:
        facts.index.add(candidate)
    facts.new_ids = iter(ids.reserve(session, TABLES[object_type].__table__, len(strangers)))  # type: ignore[arg-type]


def _search_keys(remote: Remote, mapping: Mapping, facts: Facts) -> Keys:
    keys = remote.read(mapping).keys
    company = facts.companies.get(remote.company_id or "")
    keys.company_id = company.record_id if company else None
    return keys


def _seen(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: list[str]
) -> dict[str, SeenFacts]:
    query = select(RemoteObject.remote_id, RemoteObject.state, RemoteObject.decision).where(
        RemoteObject.connection_id == connection_id,
        RemoteObject.object_type == object_type,
        among(session, RemoteObject.remote_id, remote_ids),
    )
    return {row.remote_id: SeenFacts(row.state, row.decision) for row in session.execute(query)}


def _apart(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: list[str]
) -> dict[str, frozenset[int]]:
    query = select(KeptApart.remote_id, KeptApart.record_id).where(
        KeptApart.connection_id == connection_id,
        KeptApart.object_type == object_type,
        among(session, KeptApart.remote_id, remote_ids),
    )
    apart: dict[str, frozenset[int]] = {}
    for row in session.execute(query):
        apart[row.remote_id] = apart.get(row.remote_id, frozenset()) | {row.record_id}
    return apart


def _contact_candidates(
    session: Session,
    connection_id: int,
    keys: Sequence[Keys],
    chosen: list[int],
    records: dict[int, dict[str, Value]],
) -> Iterator[Candidate]:
    """Contacts with one of the addresses, or the name with the phone or the company."""
    emails = list({email for key in keys for email in key.emails})
    further: dict[int, set[str]] = {}
    for address in session.scalars(
        select(ContactAddress).where(among(session, ContactAddress.email_key, emails))
    ):
        further.setdefault(address.contact_id, set()).add(address.email_key)
    by_phone = list({(key.phone, key.name) for key in keys if key.phone and key.name})
    by_company = list({(key.name, key.company_id) for key in keys if key.company_id and key.name})
    phones, companies = pairs(session, by_phone), pairs(session, by_company)
    found_ids = union(
        select(Contact.id).where(among(session, Contact.email_key, emails)),
        select(Contact.id).join(
            phones, and_(Contact.phone_key == phones.c.a, Contact.name_key == phones.c.b)
        ),
        select(Contact.id).join(
            companies, and_(Contact.name_key == companies.c.a, Contact.company_id == companies.c.b)
        ),
        select(Contact.id).where(among(session, Contact.id, [*further, *chosen])),
    )
    for row in _candidate_rows(session, connection_id, "contacts", found_ids):
        records[row.id] = values_of("contacts", row)
        addresses = further.get(row.id, set()) | ({row.email_key} if row.email_key else set())
        found = Keys(frozenset(addresses), row.phone_key, row.name_key, row.company_id)
        yield Candidate(row.id, found, row.linked_to)


def _company_candidates(
    session: Session,
    connection_id: int,
    keys: Sequence[Keys],
    chosen: list[int],
    records: dict[int, dict[str, Value]],
) -> Iterator[Candidate]:
    """Companies with one of the domains or names."""
    domains = list({key.domain for key in keys if key.domain})
    names = list({key.name for key in keys if key.name})
    found_ids = union(
        select(Company.id).where(among(session, Company.domain_key, domains)),
        select(Company.id).where(among(session, Company.name_key, names)),
        select(Company.id).where(among(session, Company.id, chosen)),
    )
    for row in _candidate_rows(session, connection_id, "companies", found_ids):
        values = records[row.id] = values_of("companies", row)
        found = Keys(phone=row.phone_key, name=row.name_key, domain=row.domain_key, place=place_of(values))
        yield Candidate(row.id, found, row.linked_to)


def _candidate_rows(
    session: Session, connection_id: int, object_type: ObjectType, found_ids: CompoundSelect[Any]
) -> Iterable[Row[Any]]:
    """The records with these ids, each with the object it is linked to."""
    table = TABLES[object_type].__table__
    is_its_link = and_(
        Link.connection_id == connection_id, Link.object_type == object_type, Link.record_id == table.c.id
    )
    query = (
        select(*table.c, Link.remote_id.label("linked_to"))
        .outerjoin(Link, is_its_link)
        .where(table.c.id.in_(found_ids))
        .order_by(table.c.id)
    )
    return session.execute(query)
