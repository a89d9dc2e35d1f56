"""Decisions about objects that were held or left out: stored first, then carried out by `carry_out`."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.held.together import goes_for
from webapp.domain.people.actor import Actor
from webapp.domain.pull.unlinked import AGAIN
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.held import decisions
from webapp.store.held.decisions import RemoteObject
from webapp.store.links import questions, waiting
from webapp.store.people import audit
from webapp.store.records import records
from webapp.usecases.held import carry_out
from webapp.usecases.runs import queues

Verb = Literal["link", "apart", "import", "skip", "again"]

_BATCH_SIZE = 200


class Several(Struct, frozen=True):
    """The result of deciding many at once: how many were decided, how many were left, and the run, if any."""

    decided: int
    left: int
    run_id: int | None


def resolve(
    services: Services,
    remote_object_id: int,
    verb: Verb,
    record_id: int | None,
    user_id: int | None,
    *,
    company_id: int | None = None,
) -> None:
    """Store a decision, and have it carried out.

    Args:
        services: what it works with.
        remote_object_id: the object.
        verb: `link` it to a record, keep it `apart` from all its candidates, `import` it although it was left
            out (apart from any candidates), `skip` it, or look at it `again`, as if nobody had decided.
        record_id: the record to link to.
        user_id: who decided.
        company_id: of a contact that is imported, the company here that it is given if it has none.

    Raises:
        RefusedError: `already_settled`, also by a decision that waits to be carried out; `no_such_candidate`,
            `already_linked`, `no_such_company`, or, but for a skip, `not_connected` where the portal was
            disconnected.
    """
    with services.database.writing() as session:
        found = decisions.get(session, remote_object_id)
        if found is None:
            raise RefusedError("already_settled")
        if found.decision is not None and found.decision == _kept(verb, record_id, company_id):
            return
        if verb != "skip" and not _is_reachable(session, found):
            raise RefusedError("not_connected")
        if verb == "link":
            _check_candidate(session, found, record_id)
        if company_id is not None and records.get(session, "companies", company_id) is None:
            raise RefusedError("no_such_company")
        if not _decide(session, found, verb, record_id, user_id=user_id, company_id=company_id):
            raise RefusedError("already_settled")
        _record(session, services.actor, found.object_type, verb, 1)
    if verb != "skip":
        queues.enqueue_decision(services, remote_object_id)


def resolve_several(
    services: Services, remote_object_ids: Sequence[int], verb: Verb, user_id: int | None
) -> Several:
    """Decide the same about many, and have it carried out by one run.

    What the decision does not go for, or not any more, is left; and to link goes only where there is exactly
    one candidate that is free.
    """
    decided, connection_id = 0, None
    for start in range(0, len(remote_object_ids), _BATCH_SIZE):
        with services.database.writing() as session:
            before = decided
            for number in remote_object_ids[start : start + _BATCH_SIZE]:
                found = decisions.get(session, number)
                if found is None or found.decision is not None:
                    continue
                if not goes_for(verb, found.state, found.reason):
                    continue
                if verb != "skip" and not _is_reachable(session, found):
                    continue
                record_id = _only_candidate(session, found) if verb == "link" else None
                if (verb != "link" or record_id is not None) and _decide(
                    session, found, verb, record_id, user_id=user_id, among=(found.state,)
                ):
                    decided, connection_id = decided + 1, found.connection_id
            if decided > before:
                _record(session, services.actor, "", verb, decided - before)
    run_id = None
    if connection_id is not None and verb != "skip":
        run_id = carry_out.begin(services, connection_id, user_id)
    return Several(decided, len(remote_object_ids) - decided, run_id)


def withdraw(services: Services, remote_object_id: int) -> bool:
    """Take a decision back that was not carried out yet, or a skip; False when it is too late for that."""
    with services.database.writing() as session:
        found = decisions.get(session, remote_object_id)
        if found is None or not decisions.take_back(session, remote_object_id):
            return False
        decisions.forget_apart(session, found)
        _tell_others(session, found, is_left_out=False)
        audit.add(session, services.actor, "held_withdrawn", object_type=found.object_type)
        return True


def _is_reachable(session: Session, found: RemoteObject) -> bool:
    """Whether a decision can be carried out, now or when the connection works again."""
    current = connections.current(session)
    return current is not None and current.id == found.connection_id


def _decide(
    session: Session,
    found: RemoteObject,
    verb: Verb,
    record_id: int | None,
    *,
    user_id: int | None,
    company_id: int | None = None,
    among: Collection[str] = decisions.STATES,
) -> bool:
    """Keep what was decided; False where the object is in none of these states any more, or was decided."""
    decision = _kept(verb, record_id, company_id)
    state = "skipped" if verb == "skip" else "held"
    if not decisions.decide(session, found.id, decision, user_id, state=state, among=among):
        return False
    if verb in ("apart", "import"):
        decisions.keep_apart(session, found, _candidates(found), user_id, datetime.now(UTC))
    if verb == AGAIN:
        decisions.forget_apart(session, found)
    _tell_others(session, found, is_left_out=verb == "skip")
    return True


def _kept(verb: Verb, record_id: int | None, company_id: int | None) -> dict[str, Any]:
    """A decision as it is kept until it is carried out, which a skip needs not."""
    decision: dict[str, Any] = {} if verb == "skip" else {"verb": verb, "record_id": record_id}
    return decision if company_id is None else {**decision, "company_id": company_id}


def _tell_others(session: Session, found: RemoteObject, *, is_left_out: bool) -> None:
    """What waits because of this object: the records that it may be, and the contacts of a company."""
    asks = questions.skipped if is_left_out else questions.held_again
    asks(session, found.connection_id, found.object_type, found.remote_id)
    if found.object_type == "companies":
        waiting.company_decided(session, found.connection_id, found.remote_id, is_left_out=is_left_out)


def _record(session: Session, actor: Actor, object_type: str, verb: str, count: int) -> None:
    audit.add(session, actor, "held_decided", object_type=object_type, verb=verb, count=count)


def _candidates(found: RemoteObject) -> list[int]:
    return [item["record_id"] for item in (found.detail or {}).get("candidates", [])]


def _only_candidate(session: Session, found: RemoteObject) -> int | None:
    free = [
        number
        for number in _candidates(found)
        if not decisions.is_linked(session, found.connection_id, found.object_type, number)
    ]
    return free[0] if len(free) == len(_candidates(found)) == 1 else None


def _check_candidate(session: Session, found: RemoteObject, record_id: int | None) -> None:
    if record_id is None or record_id not in _candidates(found):
        raise RefusedError("no_such_candidate")
    if decisions.is_linked(session, found.connection_id, found.object_type, record_id):
        raise RefusedError("already_linked")
