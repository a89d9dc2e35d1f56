"""Deciding about many records that pushes held: one push carries it out."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import PushOptions
from webapp.services import Services
from webapp.store.held import records as held_records
from webapp.store.held.records import HeldRecord
from webapp.store.people import audit
from webapp.usecases.held.decisions import Several
from webapp.usecases.runs import lifecycle

Verb = Literal["link", "again"]


def resolve_several(
    services: Services, held_record_ids: Sequence[int], verb: Verb, user_id: int | None
) -> Several:
    """Link each to its only candidate that is free, or push each again; what cannot be decided so is left.

    Raises:
        RefusedError: What starting a push raises; then nothing is decided.
    """
    with services.database.reading() as session:
        rows = [row for number in held_record_ids if (row := held_records.by_id(session, number))]
    decided = [row for row in rows if verb == "again" or _only_candidate(row) is not None]
    run_id = _started(services, decided, verb, user_id) if decided else None
    return Several(len(decided), len(held_record_ids) - len(decided), run_id)


def _started(services: Services, decided: Sequence[HeldRecord], verb: Verb, user_id: int | None) -> int:
    """Keep the decisions with the push that carries them out, in one transaction; its number."""
    ids: dict[ObjectType, list[int]] = {"companies": [], "contacts": []}
    for row in decided:
        ids["companies" if row.object_type == "companies" else "contacts"].append(row.record_id)

    def keep(session: Session) -> None:
        if verb == "link":
            for row in decided:
                _link(session, row, user_id)
        audit.add(session, services.actor, "held_record_decided", verb=verb, count=len(decided))

    return lifecycle.start(
        services,
        "push",
        connection_id=decided[0].connection_id,
        trigger="button",
        started_by_id=user_id,
        options=PushOptions(records=ids),
        also=keep,
    ).run_id


def _only_candidate(row: HeldRecord) -> str | None:
    """The one object that a record may be, if there is one and it is free."""
    candidates: list[dict[str, Any]] = (row.detail or {}).get("candidates", [])
    if len(candidates) != 1 or candidates[0].get("record_id"):
        return None
    return str(candidates[0]["remote_id"])


def _link(session: Session, row: HeldRecord, user_id: int | None) -> None:
    held_records.decide(
        session,
        row.connection_id,
        row.object_type,  # type: ignore[arg-type]
        row.record_id,
        decision={"verb": "link", "remote_id": _only_candidate(row)},
        user_id=user_id,
    )
