"""Pairs of a linked contact and its linked company: read for associations of a push, and written after."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from webapp.domain.links.base import COMPANY, Base, with_company
from webapp.domain.push.associations import (
    PRIMARY,
    Announced,
    Companies,
    Decision,
    KeepPrimary,
    PairFacts,
    SetPrimary,
)
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.errors import OutdatedReadError
from webapp.models import Contact, Link, Run
from webapp.store.database.bulk import update_rows
from webapp.store.database.lists import among
from webapp.store.links import generations
from webapp.store.push import announced_associations, announced_writes, outbox
from webapp.store.push.announced_associations import COUNTED_AS
from webapp.store.push.scope import Scope
from webapp.store.runs.checkpoint import Checkpoint, write_checkpoint
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import LONGEST_NAME, Entry
from webapp.store.runs.failures import ASSOCIATION_REFUSED
from webapp.store.webhooks import inbox

_NAMES = ("first_name", "last_name", "email")


class Pair(Struct, frozen=True):
    """A contact and its company here, with their objects.

    Attributes:
        contact_remote_id: the contact's object; None in a preview, where it would be made.
        local_seen, remote_seen: the base of the contact's link.
        companies: the object's companies as HubSpot says.
        decision: what becomes of its primary company.
        error: why HubSpot has not made ours the primary one, and `failed_by` the reason that the log gives.
    """

    contact_id: int
    contact_remote_id: str | None
    company_id: int
    company_remote_id: str
    link_id: int
    local_seen: dict[str, Any]
    remote_seen: dict[str, Any]
    name: str
    companies: Companies = Companies()
    decision: Decision = KeepPrimary(is_agreed=False)
    error: str | None = None
    failed_by: str = ASSOCIATION_REFUSED

    @property
    def facts(self) -> PairFacts:
        """The facts of both sides, as the domain takes them."""
        return PairFacts(
            company_id=self.company_id,
            company_remote_id=self.company_remote_id,
            local_seen=self.local_seen,
            remote_seen=self.remote_seen,
            companies=self.companies,
        )

    @property
    def outcome(self) -> str:
        """How the association ended."""
        if self.error is not None:
            return outcomes.FAILED
        return outcomes.UPDATED if isinstance(self.decision, SetPrimary) else outcomes.UNCHANGED


def count(session: Session, connection_id: int, scope: Scope) -> int:
    """How many contacts have both ends linked."""
    return session.scalar(_pairs(select(func.count()), connection_id, scope)) or 0


def page(session: Session, connection_id: int, scope: Scope, *, after_id: int, limit: int) -> list[Pair]:
    """The next pairs by the contact's number: in the order of their index, or SQLite sorts all the rest."""
    company_link = aliased(Link, name="company_link")
    query = _pairs(
        select(
            *(Contact.id, Link.remote_id, Contact.company_id, company_link.remote_id),
            *(Link.id, Link.local_seen, Link.remote_seen),
            *(getattr(Contact, name) for name in _NAMES),
        ),
        connection_id,
        scope,
        company_link,
    )
    rows = session.execute(query.where(Link.record_id > after_id).order_by(Link.record_id).limit(limit))
    return [
        Pair(*row[:-3], record_name("contacts", dict(zip(_NAMES, row[-3:], strict=True))))  # type: ignore[call-arg]
        for row in rows
    ]


def _pairs(query: Select[Any], connection_id: int, scope: Scope, company_link: Any = None) -> Select[Any]:
    company = company_link or aliased(Link)
    joined = (
        query.select_from(Contact)
        .join(Link, is_linked(Link, connection_id, "contacts", Contact.id))
        .join(company, is_linked(company, connection_id, "companies", Contact.company_id))
    )
    return scope.narrowed(joined, "contacts", connection_id)


def is_linked(link: Any, connection_id: int, object_type: str, record_id: Any) -> Any:
    """The condition that a link pairs this record, and works."""
    return and_(is_about(link, connection_id, object_type, record_id), link.state == "linked")


def is_about(link: Any, connection_id: int, object_type: str, record_id: Any) -> Any:
    """The condition that a link is this record's, in whatever state."""
    return and_(
        link.connection_id == connection_id,
        link.object_type == object_type,
        link.record_id == record_id,
    )


def refuse_outdated_reads(session: Session, run: Run, pairs: Sequence[Pair], generation: int) -> None:
    """Refuse to associate by reads that are older than a write of ours, made or under way.

    Raises:
        OutdatedReadError: A later write of ours than `generation` went to one of them, or another run is
            associating one.
    """
    of_type: tuple[int, ObjectType] = (run.connection_id, "contacts")
    ids = [pair.contact_id for pair in pairs]
    remote_ids = [str(pair.contact_remote_id) for pair in pairs]
    has_newer = generations.has_written_since(
        session, *of_type, record_ids=ids, remote_ids=remote_ids, since=generation
    )
    if has_newer or announced_writes.in_flight(
        session, *of_type, ids, but_of_run=run.id, kinds=("association",)
    ):
        raise OutdatedReadError


def announce(session: Session, run: Run, pairs: Sequence[Pair], now: datetime) -> None:
    """Announce whose company is about to be set, and which one was primary."""
    rows = [
        Announced(
            id=0,
            run_id=run.id,
            contact_id=pair.contact_id,
            contact_remote_id=pair.contact_remote_id,
            company_id=pair.company_id,
            company_remote_id=pair.company_remote_id,
            before=pair.decision.before,
            was_associated=pair.decision.was_associated,
            announced_at=now,
        )
        for pair in pairs
        if isinstance(pair.decision, SetPrimary)
    ]
    announced_associations.announce(session, run.connection_id, (run.id, run.fence), rows, now)
    # Reads that began earlier are no longer applied to these contacts.
    generations.raise_for(session, run.connection_id, "contacts", [row.contact_id for row in rows])


def write(
    session: Session,
    run: Run,
    pairs: Sequence[Pair],
    checkpoint: Checkpoint,
    now: datetime,
    *,
    generation: int,
    completed: Collection[int],
) -> None:
    """Write the log, the counts and what both sides agree on now; in a preview nothing is agreed on.

    Args:
        session: A writing transaction.
        run: The run, as `lock_run` gives it.
        pairs: The pairs as they ended.
        checkpoint: Where the run goes on.
        now: The present time.
        generation: The generation in which the pairs and their companies were read.
        completed: Contacts that the run has logged and counted already.
    """
    logged = pairs if run.is_preview else _own(session, run, pairs, completed)
    last_seq = write_entries(session, run, now, "contacts", map(_entry, logged), is_association=True)
    if not run.is_preview:
        written = [pair.contact_id for pair in pairs if pair.outcome == outcomes.UPDATED]
        generations.raise_for(session, run.connection_id, "contacts", written)
        _write_base(session, pairs, generation)
        _look_at_refused(session, run.connection_id, pairs, now)
        later = [pair.contact_id for pair in pairs if pair.error and pair.failed_by in outcomes.PASSING]
        outbox.keep_for_later(session, run, "contacts", later, now)
    counts = added_up(run.counts, COUNTED_AS, [pair.outcome for pair in logged])
    write_checkpoint(session, run, checkpoint, now, counts=counts, last_seq=last_seq)


def _look_at_refused(session: Session, connection_id: int, pairs: Sequence[Pair], now: datetime) -> None:
    """Have companies looked at that HubSpot refused: they may be deleted there, or merged into others."""
    refused = {
        pair.company_remote_id for pair in pairs if pair.failed_by == ASSOCIATION_REFUSED and pair.error
    }
    if not refused:
        return
    companies = select(Link.connection_id, Link.object_type, Link.remote_id).where(
        Link.connection_id == connection_id,
        Link.object_type == "companies",
        among(session, Link.remote_id, sorted(refused)),
    )
    inbox.add_looks(session, companies, now)


def _own(session: Session, run: Run, pairs: Sequence[Pair], completed: Collection[int]) -> list[Pair]:
    """The pairs that are missing in the log: another run may have completed it meanwhile."""
    ids = [pair.contact_id for pair in pairs if isinstance(pair.decision, SetPrimary)]
    taken = announced_associations.take(session, run.connection_id, run.id, ids) if ids else set()
    unlogged = [pair for pair in pairs if pair.outcome != outcomes.UPDATED or pair.contact_id in taken]
    return [
        pair for pair in unlogged if pair.outcome != outcomes.UNCHANGED or pair.contact_id not in completed
    ]


def _entry(pair: Pair) -> Entry:
    is_failed = pair.error is not None
    before, was_associated = None, False
    if isinstance(pair.decision, SetPrimary):
        before, was_associated = pair.decision.before, pair.decision.was_associated
    return Entry(
        record_id=pair.contact_id,
        remote_id=pair.contact_remote_id,
        name=pair.name[:LONGEST_NAME],
        outcome=pair.outcome,
        reason=pair.failed_by if is_failed else "associated",
        changes=None if is_failed else [(PRIMARY, before, pair.company_remote_id)],
        detail={"company_id": pair.company_id, "was_associated": was_associated}
        | ({"error": pair.error} if is_failed else {}),
    )


def _write_base(session: Session, pairs: Sequence[Pair], generation: int) -> None:
    """Write into the current bases that both sides have the same company.

    Other fields of a base may have been written since it was read. Where the object was written to since, or
    the base has another company by now, the company that was read is outdated and is not written.
    """
    agreed = {pair.link_id: pair for pair in pairs if _is_together(pair) and _with_its_company(pair, pair)}
    read = select(Link.id, Link.remote_id, Link.generation, Link.local_seen, Link.remote_seen)
    query = read.where(among(session, Link.id, sorted(agreed)), Link.state == "linked")
    rows = []
    for link in session.execute(query.order_by(Link.id).with_for_update()) if agreed else ():
        pair = agreed[link.id]
        is_fresh = link.generation <= generation and _companies(link) == _companies(pair)
        base = _with_its_company(pair, link)
        if base and link.remote_id == pair.contact_remote_id and (is_fresh or _is_set(pair)):
            rows.append((base.local_seen, base.remote_seen, link.id))
    table: Any = Link.__table__
    update_rows(session, table, ("local_seen", "remote_seen"), rows)


def _with_its_company(pair: Pair, seen: Pair | Row[Any]) -> Base | None:
    """A base with the company that both sides have; None where it is there already."""
    base = with_company(seen.local_seen, seen.remote_seen, pair.company_id, pair.company_remote_id)
    return None if base == Base(seen.local_seen, seen.remote_seen) else base


def _companies(seen: Pair | Row[Any]) -> tuple[Any, Any]:
    return seen.local_seen.get(COMPANY), seen.remote_seen.get(COMPANY)


def _is_set(pair: Pair) -> bool:
    """Whether this run has just set it."""
    return isinstance(pair.decision, SetPrimary)


def _is_together(pair: Pair) -> bool:
    """Whether both sides have the same company now."""
    is_agreed = isinstance(pair.decision, SetPrimary) or pair.decision.is_agreed
    return is_agreed and pair.error is None
