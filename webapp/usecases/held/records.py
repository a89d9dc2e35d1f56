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
    ids: dict[ObjectType, list[int]] = {"companies": [], "contacts": []}
    with services.database.writing() as session:
        rows = [row for number in held_record_ids if (row := held_records.by_id(session, number))]
        decided = [row for row in rows if verb == "again" or _link(session, row, user_id)]
        for row in decided:
            ids["companies" if row.object_type == "companies" else "contacts"].append(row.record_id)
        connection_id = decided[0].connection_id if decided else None
        if decided:
            audit.add(session, services.actor, "held_record_decided", verb=verb, count=len(decided))
    run_id = None
    if connection_id is not None:
        run_id = lifecycle.start(
            services,
            "push",
            connection_id=connection_id,
            trigger="button",
            started_by_id=user_id,
            options=PushOptions(records=ids),
        ).run_id
    return Several(len(decided), len(held_record_ids) - len(decided), run_id)


def _link(session: Session, row: HeldRecord, user_id: int | None) -> bool:
    candidates: list[dict[str, Any]] = (row.detail or {}).get("candidates", [])
    if len(candidates) != 1 or candidates[0].get("record_id"):
        return False
    held_records.decide(
        session,
        row.connection_id,
        row.object_type,  # type: ignore[arg-type]
        row.record_id,
        decision={"verb": "link", "remote_id": candidates[0]["remote_id"]},
        user_id=user_id,
    )
    return True
