"""Contacts and companies that are both linked: read for the associations of a push, and written after it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.models import Contact, Link, Run
from webapp.store.database.bulk import update_rows
from webapp.store.links import generations
from webapp.store.push.scope import Scope
from webapp.store.runs.checkpoint import Checkpoint, write_checkpoint
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import LONGEST_NAME, Entry

COUNTED_AS = "associations"
"""Under this name a run counts them, beside companies and contacts."""

_NAMES = ("first_name", "last_name", "email")


class Pair(Struct, frozen=True):
    """A contact and its company here, with their objects.

    Attributes:
        contact_remote_id: the contact's object; None in a preview, where it would be made.
        before: the object's primary company as HubSpot says.
        was_associated: whether ours was one of the object's companies, primary or not.
        is_done: whether HubSpot has made ours the primary one.
        error: why it has not.
    """

    contact_id: int
    contact_remote_id: str | None
    company_id: int
    company_remote_id: str
    link_id: int
    local_seen: dict[str, Any]
    remote_seen: dict[str, Any]
    name: str
    before: str | None = None
    was_associated: bool = False
    is_done: bool = False
    error: str | None = None

    @property
    def outcome(self) -> str:
        """How the association ended."""
        if self.error is not None:
            return outcomes.FAILED
        return outcomes.UPDATED if self.is_done else outcomes.UNCHANGED


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
    return and_(
        link.connection_id == connection_id,
        link.object_type == object_type,
        link.record_id == record_id,
        link.state == "linked",
    )


def write(session: Session, run: Run, pairs: Sequence[Pair], checkpoint: Checkpoint, now: datetime) -> None:
    """Write the log, the counts and what both sides agree on now; `run` is locked by `lock_run`.

    In a preview nothing is agreed on.
    """
    last_seq = write_entries(session, run, now, "contacts", map(_entry, pairs))
    if not run.is_preview:
        written = [pair.contact_id for pair in pairs if pair.is_done]
        generations.raise_for(session, run.connection_id, "contacts", written)
        _write_base(session, pairs)
    counts = added_up(run.counts, COUNTED_AS, [pair.outcome for pair in pairs])
    write_checkpoint(session, run, checkpoint, now, counts=counts, last_seq=last_seq)


def _entry(pair: Pair) -> Entry:
    is_failed = pair.error is not None
    return Entry(
        record_id=pair.contact_id,
        remote_id=pair.contact_remote_id,
        name=pair.name[:LONGEST_NAME],
        outcome=pair.outcome,
        reason="association_refused" if is_failed else "associated",
        changes=None if is_failed else [("primary_company", pair.before, pair.company_remote_id)],
        detail={"company_id": pair.company_id, "was_associated": pair.was_associated}
        | ({"error": pair.error} if is_failed else {}),
    )


def _write_base(session: Session, pairs: Sequence[Pair]) -> None:
    rows = []
    for pair in pairs:
        local_seen = {**pair.local_seen, "company_id": pair.company_id}
        remote_seen = {**pair.remote_seen, "company_id": pair.company_remote_id}
        is_new = (local_seen, remote_seen) != (pair.local_seen, pair.remote_seen)
        if is_new and pair.outcome != outcomes.FAILED:
            rows.append((local_seen, remote_seen, pair.link_id))
    table: Any = Link.__table__
    update_rows(session, table, ("local_seen", "remote_seen"), rows)
