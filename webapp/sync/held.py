"""A person's decision about a held object: stored first, then carried out on the object's present state."""

from datetime import UTC, datetime
from typing import Literal

from sqlalchemy.orm import Session

from webapp.domain.fields import ObjectType
from webapp.domain.mapping import Mapping
from webapp.errors import RefusedError
from webapp.hubspot.errors import NotFound
from webapp.store import decisions, mappings, rules, runs
from webapp.store.checkpoint import Checkpoint
from webapp.store.decisions import RemoteObject
from webapp.store.transactions import reading, writing
from webapp.store.usage import Usage
from webapp.sync import queues
from webapp.sync.apply import Target, apply_page
from webapp.sync.look import as_remote
from webapp.sync.portal import open_client
from webapp.sync.publish import run_changed

Verb = Literal["link", "apart", "import", "skip"]


def resolve(remote_object_id: int, verb: Verb, record_id: int | None, user_id: int | None) -> None:
    """Store a decision, and have it carried out.

    Args:
        remote_object_id: the held object.
        verb: `link` it to a record, keep it `apart` from all its candidates, `import` it although it
            was left out (apart from any candidates), or `skip` it.
        record_id: the record to link to.
        user_id: who decided.

    Raises:
        RefusedError: `already_settled`, `no_such_candidate` or `already_linked`.
    """
    with writing() as session:
        found = decisions.get(session, remote_object_id)
        if found is None:
            raise RefusedError("already_settled", "This was settled already.")
        candidates = [item["record_id"] for item in (found.detail or {}).get("candidates", [])]
        if verb == "link":
            _check_candidate(session, found, record_id, candidates)
        if verb in ("apart", "import"):
            decisions.keep_apart(session, found, candidates, user_id, datetime.now(UTC))
        decision = {} if verb == "skip" else {"verb": verb, "record_id": record_id}
        state = "skipped" if verb == "skip" else "held"
        if not decisions.decide(session, remote_object_id, decision, user_id, state=state):
            raise RefusedError("already_settled", "This was settled already.")
    if verb != "skip":
        queues.enqueue_decision(remote_object_id)


def _check_candidate(
    session: Session, found: RemoteObject, record_id: int | None, candidates: list[int]
) -> None:
    if record_id is None or record_id not in candidates:
        raise RefusedError(
            "no_such_candidate", "That record is not among the candidates. Choose one of them."
        )
    if decisions.is_linked(session, found.connection_id, found.object_type, record_id):
        raise RefusedError(
            "already_linked",
            "That record is linked to another object. Merge the two in HubSpot, or keep this one apart.",
        )


def carry_out(remote_object_id: int) -> None:
    """Read the object afresh and apply the decision, as a small run of its own that the sync log shows."""
    with reading() as session:
        found = decisions.get(session, remote_object_id)
    if found is None or found.decision is None:
        return
    object_type: ObjectType = found.object_type  # type: ignore[assignment]
    with reading() as session:
        mapping = mappings.load(session, found.connection_id, object_type)
    client = open_client(found.connection_id, is_urgent=True)
    try:
        answer = client.read(object_type, found.remote_id, mapping.properties)
    except NotFound:
        with writing() as session:
            decisions.forget(session, remote_object_id)
        return
    finally:
        client.close()
    if answer.id != found.remote_id:
        # It was merged away meanwhile: the survivor is another object, about which nobody has decided.
        with writing() as session:
            decisions.forget(session, remote_object_id)
    target = _begin_run(found.connection_id, mapping, found.decided_by_id)
    apply_page(target, [as_remote(answer)], Checkpoint({}, Usage(client.calls, client.throttled)))
    _end_run(target.run_id)
    with writing() as session:
        # Whatever became of it is in the log; a decision that could not be carried out is not tried for ever.
        decisions.drop(session, remote_object_id)


def carry_out_forgotten() -> None:
    """Queue again the decisions that a lost queue left undone."""
    with reading() as session:
        waiting = decisions.undone(session)
    for remote_object_id in waiting:
        queues.enqueue_decision(remote_object_id)


def _begin_run(connection_id: int, mapping: Mapping, user_id: int | None) -> Target:
    now = datetime.now(UTC)
    with writing() as session:
        run = runs.add(
            session,
            connection_id=connection_id,
            kind="refresh",
            trigger="button",
            started_by_id=user_id,
            now=now,
        )
        runs.begin(session, run.id, now)
        rule = rules.load(session, connection_id, mapping.object_type, "in")
        return Target(run.id, run.fence, connection_id, mapping, rule)


def _end_run(run_id: int) -> None:
    with writing() as session:
        runs.end(session, run_id, "finished", datetime.now(UTC))
    run_changed(run_id)
