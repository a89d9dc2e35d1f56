"""Undo: what a run wrote is put back where it wrote it, here or in HubSpot; the last entry first."""

from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct

from webapp.domain.fields import ObjectType
from webapp.errors import RefusedError
from webapp.hubspot.client import HubSpotClient
from webapp.store import runs
from webapp.store import undo as store
from webapp.store.checkpoint import lock_run, write_checkpoint
from webapp.store.log import Run
from webapp.store.transactions import reading, writing
from webapp.store.undo import Part
from webapp.sync import runs as life
from webapp.sync.publish import records_changed, run_changed
from webapp.sync.runs import Started
from webapp.sync.slices import Slice
from webapp.sync.undo_here import undo_page
from webapp.sync.undo_pages import Position, Undoing
from webapp.sync.undo_there import undo_page_there

UNDO = "undo"
_SENDING = ("push", "push_record", "auto_push")
_OVER = ("finished", "cancelled", "failed")

Side = Literal["here", "there"]


class Wish(Struct, frozen=True, kw_only=True):
    """What is to be undone.

    Attributes:
        run_id: the run.
        object_type, record_id: the record in it that is meant alone.
        only_field: of that record the field that is meant alone.
        archives: whether objects that the run made in HubSpot are archived there.
        sends: whether what is put back here counts as an edit, which goes to HubSpot.
    """

    run_id: int
    object_type: ObjectType | None = None
    record_id: int | None = None
    only_field: str | None = None
    archives: bool = False
    sends: bool = False

    def options(self, run: Run) -> dict[str, Any]:
        """As the undo's run keeps it."""
        options: dict[str, Any] = {"run_id": self.run_id, "run_kind": run.kind, "side": side_of(run)}
        if self.record_id is not None:
            options |= {"object_type": self.object_type, "record_id": self.record_id}
        if self.only_field is not None:
            options["field"] = self.only_field
        options |= {name: True for name in ("archives", "sends") if getattr(self, name)}
        return options


def side_of(run: Run) -> Side:
    """Where a run wrote; an undo where the run did that it undid."""
    if run.kind == UNDO:
        return "there" if run.options.get("side") == "there" else "here"
    return "there" if run.kind in _SENDING else "here"


def refusal(run: Run) -> str | None:
    """Why a run cannot be undone; None when it can."""
    if run.is_preview:
        return "A preview has written nothing, so there is nothing to undo."
    if run.state not in _OVER:
        return "The run is not over yet. Cancel it, or wait for its end."
    return None


def start(wish: Wish, *, trigger: str, user_id: int | None, is_preview: bool) -> Started:
    """Queue an undo.

    Args:
        wish: What is to be undone.
        trigger: Button or command.
        user_id: Who asked for it.
        is_preview: Whether it only says what it would do.

    Raises:
        RefusedError: `no_undo`, where the run cannot be undone; and what starting a run raises.
    """
    with reading() as session:
        run = runs.get(session, wish.run_id)
    if run is None:
        raise RefusedError("no_undo", f"There is no run {wish.run_id}. Its log may have been cleared away.")
    if (words := refusal(run)) is not None:
        raise RefusedError("no_undo", words)
    return life.start(
        UNDO,
        connection_id=run.connection_id,
        trigger=trigger,
        started_by_id=user_id,
        options=wish.options(run),
        is_preview=is_preview,
    )


def work(piece: Slice, client: HubSpotClient) -> bool:
    """Undo until the slice's time is up. True when every entry has been gone through."""
    part = Part(piece.options["run_id"], piece.options.get("object_type"), piece.options.get("record_id"))
    undoing = Undoing(piece, part, Position(**piece.checkpoint))
    undoing.load()
    if not piece.checkpoint:
        _begin(undoing)
    while not undoing.position.is_end:
        if piece.options.get("side") == "there":
            undo_page_there(undoing, client)
        else:
            undo_page(undoing)
        run_changed(piece.run_id)
        if piece.is_over():
            break
    if undoing.position.is_end and not piece.is_preview:
        records_changed()
    return undoing.position.is_end


def _begin(undoing: Undoing) -> None:
    piece = undoing.piece
    with writing() as session:
        run = lock_run(session, piece.run_id, piece.fence)
        totals = {"records": store.count(session, undoing.part)}
        write_checkpoint(session, run, undoing.checkpoint(), datetime.now(UTC), totals=totals)
