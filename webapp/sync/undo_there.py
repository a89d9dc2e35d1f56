"""Undo of what a run wrote in HubSpot: a stretch of entries is read, decided, announced, sent and told of."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from webapp.domain import outcomes
from webapp.domain.undo_there import Sent, UndoTherePlan, plan_undo_there
from webapp.hubspot.batches import UpdateInput
from webapp.hubspot.client import HubSpotClient
from webapp.store import undo as store
from webapp.store import undo_there as there
from webapp.store.checkpoint import lock_run, write_checkpoint
from webapp.store.log import LogEntry
from webapp.store.transactions import reading, writing
from webapp.store.undo_there import Undone
from webapp.sync.narrowing import Answers, Input, send_narrowed
from webapp.sync.undo_look import look
from webapp.sync.undo_pages import PAGE_SIZE, Position, Stretch, Undoing, end_of, stretches

_STAGE = "lifecyclestage"
"""HubSpot moves it forward only; it goes back by being cleared first."""


def undo_page_there(undoing: Undoing, client: HubSpotClient) -> None:
    """Undo the next entries, stretch by stretch, and move behind each."""
    with reading() as session:
        entries = store.page(session, undoing.part, before_seq=undoing.position.before, limit=PAGE_SIZE)
    behind = end_of(entries, undoing.position)
    for stretch in stretches(entries):
        undone = _planned(undoing, client, stretch)
        if not undoing.piece.is_preview:
            _send(undoing, client, stretch, undone)
        _write(undoing, stretch, undone, Position(before=stretch.entries[-1].seq))
    _write(undoing, None, [], behind)


def _planned(undoing: Undoing, client: HubSpotClient, stretch: Stretch) -> list[Undone]:
    seen = look(undoing, client, stretch)
    mapping = undoing.mappings[stretch.object_type]
    undone = []
    for entry in stretch.entries:
        plan = plan_undo_there(
            _sent(entry),
            seen[entry.seq],
            mapping,
            archives=undoing.archives,
            only_field=undoing.only_field,
        )
        undone.append(Undone(entry, plan, seen[entry.seq]))
    return undone


def _sent(entry: LogEntry) -> Sent:
    changes = [(name, old, new) for name, old, new in entry.changes or ()]
    return Sent(
        entry.at, str(entry.remote_id), entry.outcome, changes, entry.detail or {}, reason=entry.reason
    )


def _send(undoing: Undoing, client: HubSpotClient, stretch: Stretch, undone: Sequence[Undone]) -> None:
    """Bring HubSpot to what was planned; what it refuses is told of in the plan."""
    associated = [one for one in undone if one.plan.verb == "associate"]
    restored = [one for one in undone if one.plan.verb == "restore" and one.plan.changes]
    archived = [one for one in undone if one.plan.verb == "archive" and one.now.absence is None]
    piece = undoing.piece
    with writing() as session:
        lock_run(session, piece.run_id, piece.fence)
        there.announce(session, piece.connection_id, stretch.object_type, [*associated, *restored])
    if restored:
        _send_back(undoing, client, stretch, restored)
    if associated:
        _associate(client, associated)
    if archived:
        client.archive(stretch.object_type, [str(one.entry.remote_id) for one in archived])


def _send_back(undoing: Undoing, client: HubSpotClient, stretch: Stretch, restored: Sequence[Undone]) -> None:
    names = undoing.mappings[stretch.object_type].property_names
    inputs = [
        UpdateInput(str(one.entry.remote_id), {names[name]: text for name, _held, text in one.plan.changes})
        for one in restored
    ]
    back_a_stage = [UpdateInput(one.id, {_STAGE: ""}) for one in inputs if one.properties.get(_STAGE)]
    _update(client, stretch, back_a_stage)
    answers = _update(client, stretch, inputs)
    for one in restored:
        remote_id = str(one.entry.remote_id)
        if (found := answers.results.get(remote_id)) is not None:
            one.answer = found.properties
            one.updated_at = found.updated_at
        elif (error := answers.errors.get(remote_id)) is not None:
            one.plan = _failed(error.message, error.property_name)
        else:
            one.plan = UndoTherePlan(verb="leave", outcome=outcomes.SKIPPED, reason="gone_in_hubspot")


def _update(client: HubSpotClient, stretch: Stretch, inputs: Sequence[UpdateInput]) -> Answers:
    answers = send_narrowed(
        lambda some: client.batch_update(stretch.object_type, some),
        inputs,
        lambda one: Input(one.id, one.properties),
    )
    if answers.passing is not None:
        # What was answered is known by what was announced, once the stretch is gone through again.
        raise answers.passing
    return answers


def _failed(message: str, property_name: str | None = None) -> UndoTherePlan:
    detail: dict[str, Any] = {"error": message} | ({"property": property_name} if property_name else {})
    return UndoTherePlan(
        verb="leave", outcome=outcomes.FAILED, reason="undo_refused_by_hubspot", detail=detail
    )


def _associate(client: HubSpotClient, associated: Sequence[Undone]) -> None:
    """Make the companies before the primary ones again; leave those that were not associated at all."""
    back = [one for one in associated if one.plan.changes[0][2]]
    if back:
        asked = {(str(one.entry.remote_id), one.plan.changes[0][2]): one for one in back}
        answer = client.associate_primary(list(asked))
        words = "; ".join(error.message for error in answer.errors)
        for pair in answer.missing:
            asked[pair].plan = _failed(words or "HubSpot's answer left the association out.")
    done = [one for one in associated if one.plan.verb == "associate"]
    left = [one for one in done if one.plan.is_dissociated]
    unlabelled = [one for one in done if not one.plan.is_dissociated and not one.plan.changes[0][2]]
    client.dissociate([_pair_left(one) for one in left])
    client.take_primary([_pair_left(one) for one in unlabelled])


def _pair_left(one: Undone) -> tuple[str, str]:
    return str(one.entry.remote_id), str(one.plan.changes[0][1])


def _write(undoing: Undoing, stretch: Stretch | None, undone: Sequence[Undone], position: Position) -> None:
    """Write what became of a stretch, with the checkpoint behind it."""
    now = datetime.now(UTC)
    piece = undoing.piece
    undoing.position = position
    with writing() as session:
        run = lock_run(session, piece.run_id, piece.fence)
        if stretch is None:
            write_checkpoint(session, run, undoing.checkpoint(), now)
            return
        mapping = undoing.mappings[stretch.object_type]
        counts, last_seq = there.write(session, run, mapping, undone, now)
        write_checkpoint(session, run, undoing.checkpoint(), now, counts=counts, last_seq=last_seq)
