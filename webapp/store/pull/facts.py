"""Gathers what this side knows of a page of objects, in a fixed number of statements."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CompoundSelect

from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.mapping import ADDITIONAL_EMAILS, Mapping
from webapp.domain.matching.free_mail import FREE_MAIL_DOMAINS
from webapp.domain.matching.match import Candidate, CandidateIndex, Keys
from webapp.domain.pull.facts import CompanyFacts, Facts, Remote, SeenFacts
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Value
from webapp.models import Company, Contact, ContactAddress
from webapp.store.database import ids
from webapp.store.database.lists import among, dialect_of, pair_parameters, parameter
from webapp.store.preview.plans import Planned
from webapp.store.pull import queries as pull_queries

TABLES: dict[ObjectType, type[Company] | type[Contact]] = {"companies": Company, "contacts": Contact}


def gather(
    session: Session,
    connection_id: int,
    mapping: Mapping,
    remotes: Sequence[Remote],
    planned: Planned | None = None,
) -> Facts:
    """Read what surrounds a page. On PostgreSQL its links and records stay locked, in order of id.

    In a preview, what it has `planned` already is laid over what is here.
    """
    _insist_on_indexes(session)
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
        wanted = list({remote.company_id for remote in remotes if remote.company_id})
        facts.companies = _companies(session, connection_id, wanted)
        if planned:
            facts.companies |= planned.companies(wanted)
        facts.addresses = _addresses_of(session, links, remotes)
    if strangers:
        _gather_strangers(session, connection_id, mapping, strangers, facts=facts, planned=planned)
    return facts


def _insist_on_indexes(session: Session) -> None:
    """Every look-up here has its index, but of tables that fill up PostgreSQL has no statistics yet.

    By what it guesses then, it would read whole tables, and each page would cost more than the one before.
    """
    if dialect_of(session) == "postgresql":
        session.execute(text("SET LOCAL enable_seqscan = off"))


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
    query = pull_queries.links(dialect_of(session), object_type)
    links = {}
    for row in _listed_rows(session, query, connection_id, remote_ids=wanted):
        link = LinkFacts(*row[-7:])
        links[link.remote_id] = link
        records[link.record_id] = _record_values(object_type, row)
    return links


def _companies(session: Session, connection_id: int, wanted: list[str]) -> dict[str, CompanyFacts]:
    """Where the contacts' companies are, or why they are not here; a link outdoes what was left unlinked."""
    companies: dict[str, CompanyFacts] = {}
    if not wanted:
        return companies
    query = pull_queries.companies(dialect_of(session))
    for remote_id, record_id, reason in _listed_rows(session, query, connection_id, remote_ids=wanted):
        if record_id is not None or remote_id not in companies:
            companies[remote_id] = CompanyFacts(record_id, reason)
    return companies


def _gather_strangers(
    session: Session,
    connection_id: int,
    mapping: Mapping,
    strangers: Sequence[Remote],
    *,
    facts: Facts,
    planned: Planned | None,
) -> None:
    """What matching and creating need: earlier decisions, candidates, and unused ids."""
    object_type = mapping.object_type
    wanted = [remote.id for remote in strangers]
    facts.seen = _seen(session, connection_id, object_type, wanted)
    facts.apart = _apart(session, connection_id, object_type, wanted)
    decisions = [seen.decision or {} for seen in facts.seen.values()]
    chosen = [decision["record_id"] for decision in decisions if decision.get("record_id") is not None]
    keys = list(_search_keys(strangers, mapping, facts))
    further: dict[int, set[str]] = {}
    found: Iterable[Candidate]
    if object_type == "contacts":
        further = _further_addresses(session, keys, planned)
        for contact_id, emails in further.items():
            facts.addresses.setdefault(contact_id, set()).update(emails)
        found = _contact_candidates(
            session, connection_id, keys, chosen, further=further, records=facts.records
        )
    else:
        found = _company_candidates(session, connection_id, keys, chosen, facts.records)
    if planned:
        found = planned.lay_over(found, keys, further)
    for candidate in found:
        facts.index.add(candidate)
    if planned:
        facts.new_ids = planned.new_ids()
    else:
        facts.new_ids = iter(ids.reserve(session, TABLES[object_type].__table__, len(strangers)))  # type: ignore[arg-type]


def _search_keys(strangers: Sequence[Remote], mapping: Mapping, facts: Facts) -> Iterator[Keys]:
    for remote in strangers:
        try:
            keys = remote.read(mapping).keys
        except Exception:  # noqa: BLE001, S112 - planning meets it again, and lets this one object fail alone
            continue
        company = facts.companies.get(remote.company_id or "")
        keys.company_id = company.record_id if company else None
        yield keys


def _seen(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: list[str]
) -> dict[str, SeenFacts]:
    query = pull_queries.seen(dialect_of(session), object_type)
    rows = _listed_rows(session, query, connection_id, remote_ids=remote_ids)
    return {remote_id: SeenFacts(state, decision, reason) for remote_id, state, decision, reason in rows}


def _apart(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: list[str]
) -> dict[str, frozenset[int]]:
    query = pull_queries.apart(dialect_of(session), object_type)
    apart: dict[str, frozenset[int]] = {}
    for remote_id, record_id in _listed_rows(session, query, connection_id, remote_ids=remote_ids):
        apart[remote_id] = apart.get(remote_id, frozenset()) | {record_id}
    return apart


def _addresses_of(
    session: Session, links: dict[str, LinkFacts], remotes: Sequence[Remote]
) -> dict[int, set[str]]:
    """The further addresses of linked contacts whose objects have some as well."""
    wanted = [
        links[remote.id].record_id
        for remote in remotes
        if remote.properties.get(ADDITIONAL_EMAILS) and remote.id in links
    ]
    found: dict[int, set[str]] = {}
    if wanted:
        query = select(ContactAddress.contact_id, ContactAddress.email_key).where(
            among(session, ContactAddress.contact_id, wanted)
        )
        for contact_id, email in session.execute(query):
            found.setdefault(contact_id, set()).add(email)
    return found


def _further_addresses(
    session: Session, keys: Sequence[Keys], planned: Planned | None
) -> dict[int, set[str]]:
    """Of those who have one of the addresses beside their first one, by contact, these addresses."""
    dialect = dialect_of(session)
    emails = list({email for key in keys for email in key.emails})
    rows = session.execute(pull_queries.addresses(dialect), {"emails": parameter(dialect, emails)}).all()
    further: dict[int, set[str]] = {}
    for contact_id, email in (*rows, *(planned.addresses(emails) if planned else ())):
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
    dialect = dialect_of(session)
    parameters = {
        "connection_id": connection_id,
        "emails": parameter(dialect, list({email for key in keys for email in key.emails})),
        "own_keys": parameter(dialect, _own_keys(keys)),
        "ids": parameter(dialect, [*further, *chosen]),
        "phones": parameter(dialect, list({key.phone for key in keys if key.phone})),
        "places": parameter(dialect, list({key.place for key in keys if key.place})),
    }
    for name, pairs in (
        ("named_phones", {(key.phone, key.name) for key in keys if key.phone and key.name}),
        ("named_companies", {(key.name, key.company_id) for key in keys if key.company_id and key.name}),
        ("initials", {(key.initials, key.company_id) for key in keys if key.company_id and key.initials}),
    ):
        parameters |= pair_parameters(dialect, name, list(pairs))
    for row in session.execute(pull_queries.contact_candidates(dialect), parameters).all():
        *_, record_id, uuid, phone, name, place, email, initials, linked_to = row
        values = records[record_id] = _record_values("contacts", row)
        company_id: Any = values["company_id"]
        found = Keys(
            object_type="contacts",
            emails=frozenset(further.get(record_id, set()) | ({email} if email else set())),
            phone=phone,
            name=name,
            company_id=company_id,
            place=place,
            initials=initials,
            own_key=uuid,
            values=values,
        )
        yield Candidate(record_id, found, linked_to)


def _company_candidates(
    session: Session,
    connection_id: int,
    keys: Sequence[Keys],
    chosen: list[int],
    records: dict[int, dict[str, Value]],
) -> Iterator[Candidate]:
    """Companies with one of the domains or names, and those that may look alike."""
    rows = _listed_rows(
        session,
        pull_queries.company_candidates(dialect_of(session)),
        connection_id,
        domains=list({key.domain for key in keys if key.domain and key.domain not in FREE_MAIL_DOMAINS}),
        names=list({key.name for key in keys if key.name}),
        phones=list({key.phone for key in keys if key.phone}),
        places=list({key.place for key in keys if key.place}),
        own_keys=_own_keys(keys),
        ids=chosen,
    )
    for row in rows:
        *_, record_id, uuid, phone, name, place, domain, linked_to = row
        values = records[record_id] = _record_values("companies", row)
        found = Keys(
            object_type="companies",
            phone=phone,
            name=name,
            domain=domain,
            place=place,
            own_key=uuid,
            values=values,
        )
        yield Candidate(record_id, found, linked_to)


def _own_keys(keys: Sequence[Keys]) -> list[str]:
    return [key.own_key for key in keys if key.own_key]


def _listed_rows(
    session: Session, query: Select[Any] | CompoundSelect[Any], connection_id: int, **lists: Sequence[Any]
) -> Iterable[Any]:
    dialect = dialect_of(session)
    parameters = {name: parameter(dialect, values) for name, values in lists.items()}
    return session.execute(query, {"connection_id": connection_id, **parameters}).all()


def _record_values(object_type: ObjectType, row: Any) -> dict[str, Value]:
    """A record's field values, custom ones as `custom.NAME`; they come first in the row."""
    names = pull_queries.FIELD_NAMES[object_type]
    values: dict[str, Value] = dict(zip(names, row, strict=False))
    custom = row[len(names)]
    if custom:
        values.update({f"custom.{name}": value for name, value in custom.items()})
    return values
