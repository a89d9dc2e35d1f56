"""Gathers what this side knows of a page of objects, in a fixed number of statements."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.domain.links.base import COMPANY
from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.mapping import ADDITIONAL_EMAILS, Mapping
from webapp.domain.matching.candidates import CandidateIndex
from webapp.domain.matching.frequencies import DEFAULT, Frequencies
from webapp.domain.pull.facts import CompanyFacts, Facts, Remote, SeenFacts
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Value
from webapp.domain.rules.rule import EVERYTHING, Rule
from webapp.store.database.lists import dialect_of, parameter
from webapp.store.links import generations
from webapp.store.privacy import erased_addresses
from webapp.store.pull import merged_here
from webapp.store.pull import queries as pull_queries
from webapp.store.pull.candidates import candidates_like, search_keys
from webapp.store.pull.context import Overlay
from webapp.store.pull.merged_here import MERGED_HERE
from webapp.store.pull.no_overlay import NoPullOverlay
from webapp.store.pull.rows import listed_rows, record_values
from webapp.store.push import announced_writes, outbox
from webapp.store.records import company_values, edits


def gather(
    session: Session,
    connection_id: int,
    mapping: Mapping,
    remotes: Sequence[Remote],
    *,
    rule: Rule = EVERYTHING,
    edits_after_id: int | None = None,
    overlay: Overlay | None = None,
    frequencies: Frequencies = DEFAULT,
    chosen: Collection[int] = (),
) -> Facts:
    """Read all that surrounds a page. On PostgreSQL its links and records stay locked, in order of id.

    Args:
        session: A writing transaction, where records may be made of what is read.
        connection_id: The connection.
        mapping: The mapping in force.
        remotes: The page.
        rule: What comes in, which may ask about companies.
        edits_after_id: The edit behind which those that were not sent yet count; None for all of them.
        overlay: What is laid over the stored data.
        frequencies: By which what records share is weighed.
        chosen: Records that objects are to be linked to.
    """
    _insist_on_indexes(session)
    object_type = mapping.object_type
    over: Overlay = overlay or NoPullOverlay(session, object_type)
    links, records = _links(session, connection_id, object_type, remotes)
    companies, known_addresses = _of_contacts(
        session, connection_id, mapping, remotes, links=links, over=over
    )
    strangers = _gather_strangers(
        *(session, connection_id, mapping, _without_link(remotes, links)),
        companies=companies,
        over=over,
        chosen=chosen,
    )
    strangers.index.frequencies = frequencies
    linked = sorted(link.record_id for link in links.values())
    unsent = outbox.unsent_of(session, connection_id, object_type, linked)
    return Facts(
        links=links,
        records={**records, **strangers.records},
        index=strangers.index,
        new_ids=strangers.new_ids,
        companies=companies,
        company_values=_company_values(session, rule, companies, over),
        addresses=_joined(known_addresses, strangers.further),
        seen=strangers.seen,
        erased=strangers.erased,
        apart=strangers.apart,
        unsent=unsent,
        edited_at=_moved_at(session, object_type, _moved_alone(links, records), edits_after_id)
        | _edited_at(
            session, object_type, {*unsent, *strangers.records}, _idle(links, strangers), edits_after_id
        ),
        unlinked=_unlinked(session, connection_id, object_type, remotes),
        in_flight=announced_writes.in_flight(session, connection_id, object_type, linked),
    )


def _unlinked(
    session: Session, connection_id: int, object_type: ObjectType, remotes: Sequence[Remote]
) -> dict[str, int]:
    """The objects that we wrote to without a link, or unlinked, since the first of them was read."""
    known = [remote.generation for remote in remotes if remote.generation is not None]
    if not known:
        return {}
    ids = [remote.id for remote in remotes]
    return generations.unlinked_since(session, connection_id, object_type, ids, min(known))


def _edited_at(
    session: Session,
    object_type: ObjectType,
    record_ids: Collection[int],
    whole_ids: Collection[int],
    after_id: int | None,
) -> dict[int, dict[str, datetime]]:
    """When the fields of records were edited here: behind an edit, and of `whole_ids` whenever it was."""
    found = edits.latest(session, object_type, sorted({*record_ids} - {*whole_ids}), after_id=after_id)
    return found | edits.latest(session, object_type, sorted(whole_ids))


def _moved_at(
    session: Session, object_type: ObjectType, record_ids: Collection[int], after_id: int | None
) -> dict[int, dict[str, datetime]]:
    """When contacts were moved here, behind an edit."""
    if object_type != "contacts":
        return {}
    found = edits.latest(session, object_type, sorted(record_ids), after_id=after_id)
    return {number: {COMPANY: times[COMPANY]} for number, times in found.items() if COMPANY in times}


def _moved_alone(links: dict[str, LinkFacts], records: dict[int, dict[str, Value]]) -> list[int]:
    """The contacts with another company here than after the last sync.

    That may be one without object: no push could send it, and it waits for the company alone.
    """
    return [
        link.record_id
        for link in links.values()
        if COMPANY in link.local_seen and records[link.record_id].get(COMPANY) != link.local_seen[COMPANY]
    ]


def _idle(links: dict[str, LinkFacts], strangers: "_Strangers") -> set[int]:
    """The records whose edits could not be sent until now: no working link, or a person links them."""
    idle = {link.record_id for link in links.values() if link.state != "linked"}
    return idle | {
        decision["record_id"]
        for seen in strangers.seen.values()
        if (decision := seen.decision or {}).get("record_id") is not None
    }


def _insist_on_indexes(session: Session) -> None:
    """Every look-up here has its index, but of tables that fill up PostgreSQL has no statistics yet.

    By what it guesses then, it would read whole tables, and each page would cost more than the one before.
    """
    if dialect_of(session) == "postgresql":
        session.execute(text("SET LOCAL enable_seqscan = off"))


def _links(
    session: Session, connection_id: int, object_type: ObjectType, remotes: Sequence[Remote]
) -> tuple[dict[str, LinkFacts], dict[int, dict[str, Value]]]:
    """The links of the page's objects and of those merged into them, with their records."""
    remote_ids = [remote.id for remote in remotes]
    remote_ids += [old for remote in remotes for old in remote.merged_ids]
    query = pull_queries.links(dialect_of(session), object_type)
    links, records = {}, {}
    for row in listed_rows(session, query, connection_id, remote_ids=remote_ids):
        link = LinkFacts(*row[-9:])
        links[link.remote_id] = link
        records[link.record_id] = record_values(object_type, row)
    return links, records


def _without_link(remotes: Sequence[Remote], links: dict[str, LinkFacts]) -> list[Remote]:
    return [
        remote
        for remote in remotes
        if remote.id not in links and not any(old in links for old in remote.merged_ids)
    ]


def _of_contacts(
    session: Session,
    connection_id: int,
    mapping: Mapping,
    remotes: Sequence[Remote],
    *,
    links: dict[str, LinkFacts],
    over: Overlay,
) -> tuple[dict[str, CompanyFacts], dict[int, set[str]]]:
    """Of contacts their companies, and the further addresses of those that are linked."""
    if mapping.object_type != "contacts":
        return {}, {}
    remote_ids = list({remote.company_id for remote in remotes if remote.company_id})
    companies = {**_companies(session, connection_id, remote_ids), **over.companies(remote_ids)}
    return companies, _addresses_of(session, links, remotes)


def _companies(session: Session, connection_id: int, remote_ids: list[str]) -> dict[str, CompanyFacts]:
    """Where the contacts' companies are, or why they are not here; a link outdoes what was left unlinked."""
    companies: dict[str, CompanyFacts] = {}
    if not remote_ids:
        return companies
    query = pull_queries.companies(dialect_of(session))
    rows = listed_rows(session, query, connection_id, remote_ids=remote_ids)
    for remote_id, record_id, reason, state in rows:
        if record_id is not None or remote_id not in companies:
            companies[remote_id] = CompanyFacts(record_id, reason, state)
    if merged := [remote_id for remote_id, one in companies.items() if one.reason == MERGED_HERE]:
        found = merged_here.records_of(session, connection_id, merged)
        companies |= {remote_id: CompanyFacts(number, is_merged=True) for remote_id, number in found.items()}
    return companies


def _company_values(
    session: Session, rule: Rule, companies: dict[str, CompanyFacts], over: Overlay
) -> dict[int, dict[str, Any]]:
    """What the rule asks about the contacts' companies, by record."""
    if not rule.company_fields:
        return {}
    numbers = {one.record_id for one in companies.values() if one.record_id is not None}
    return {**company_values.for_rule(session, rule, numbers), **over.company_values(numbers)}


def _joined(some: dict[int, set[str]], others: dict[int, set[str]]) -> dict[int, set[str]]:
    return {number: some.get(number, set()) | others.get(number, set()) for number in {*some, *others}}


class _Strangers(Struct, frozen=True):
    """What matching and creating need: earlier decisions, candidates with their records, unused numbers."""

    seen: dict[str, SeenFacts] = {}
    erased: frozenset[str] = frozenset()
    apart: dict[str, frozenset[int]] = {}
    index: CandidateIndex = field(default_factory=CandidateIndex)
    records: dict[int, dict[str, Value]] = {}
    further: dict[int, set[str]] = {}
    new_ids: Sequence[int] = ()


def _gather_strangers(
    session: Session,
    connection_id: int,
    mapping: Mapping,
    strangers: Sequence[Remote],
    *,
    companies: dict[str, CompanyFacts],
    over: Overlay,
    chosen: Collection[int],
) -> _Strangers:
    if not strangers:
        return _Strangers()
    object_type, remote_ids = mapping.object_type, [remote.id for remote in strangers]
    merged = [old for remote in strangers for old in remote.merged_ids]
    seen = _seen(session, connection_id, object_type, [*remote_ids, *merged])
    decisions = [one.decision or {} for one in seen.values()]
    decided = [decision["record_id"] for decision in decisions if decision.get("record_id") is not None]
    keys = list(search_keys(strangers, mapping, companies))
    found = candidates_like(session, connection_id, object_type, keys, [*decided, *chosen], over=over)
    return _Strangers(
        seen=seen,
        erased=_erased(session, mapping, strangers),
        apart=_apart(session, connection_id, object_type, remote_ids),
        index=found.index,
        records=found.records,
        further=found.further,
        new_ids=over.new_ids(len(strangers)),
    )


def _seen(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: list[str]
) -> dict[str, SeenFacts]:
    query = pull_queries.seen(dialect_of(session), object_type)
    rows = listed_rows(session, query, connection_id, remote_ids=remote_ids)
    return {remote_id: SeenFacts(state, decision, reason) for remote_id, state, decision, reason in rows}


def _erased(session: Session, mapping: Mapping, strangers: Sequence[Remote]) -> frozenset[str]:
    if mapping.object_type != "contacts":
        return frozenset()
    return erased_addresses.bearers(session, ((one.id, _address_of(one, mapping)) for one in strangers))


def _address_of(remote: Remote, mapping: Mapping) -> str | None:
    try:
        address = remote.read(mapping).columns.get("email_key")
    except Exception:  # noqa: BLE001 - planning meets it again, and lets this one object fail alone
        return None
    return str(address) if address else None


def _apart(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: list[str]
) -> dict[str, frozenset[int]]:
    query = pull_queries.apart(dialect_of(session), object_type)
    apart: dict[str, frozenset[int]] = {}
    for remote_id, record_id in listed_rows(session, query, connection_id, remote_ids=remote_ids):
        apart[remote_id] = apart.get(remote_id, frozenset()) | {record_id}
    return apart


def _addresses_of(
    session: Session, links: dict[str, LinkFacts], remotes: Sequence[Remote]
) -> dict[int, set[str]]:
    """The further addresses of linked contacts whose objects have some as well."""
    contact_ids = [
        links[remote.id].record_id
        for remote in remotes
        if remote.properties.get(ADDITIONAL_EMAILS) and remote.id in links
    ]
    found: dict[int, set[str]] = {}
    if contact_ids:
        dialect = dialect_of(session)
        given = {"contact_ids": parameter(dialect, contact_ids)}
        for contact_id, email in session.execute(pull_queries.addresses_of(dialect), given):
            found.setdefault(contact_id, set()).add(email)
    return found
