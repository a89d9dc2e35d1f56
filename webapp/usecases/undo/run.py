"""Undo: what a run wrote is put back where it wrote it, here or in HubSpot; the last entry first."""

from datetime import UTC, datetime

from msgspec import Struct

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import kinds
from webapp.domain.runs.options import ImportOptions, Side, UndoOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.records.files import file_imports
from webapp.store.runs import runs
from webapp.store.runs.checkpoint import lock_run, write_checkpoint
from webapp.store.runs.log import Run
from webapp.store.undo import entries as undo_entries
from webapp.store.undo.entries import Part
from webapp.usecases.runs import lifecycle
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import Started
from webapp.usecases.runs.publish import records_changed, run_changed
from webapp.usecases.undo.announced import complete_left_over
from webapp.usecases.undo.cut_off import complete_cut_off
from webapp.usecases.undo.entries import Position, Undoing
from webapp.usecases.undo.local import undo_page
from webapp.usecases.undo.of_decision import ask_again
from webapp.usecases.undo.remote import undo_remote_page

UNDO = "undo"
_OVER = ("finished", "cancelled", "failed")


class UndoRequest(Struct, frozen=True, kw_only=True):
    """A request to undo a run, or a part of it.

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

    def options(self, run: Run) -> UndoOptions:
        """As the undo's run keeps it."""
        return UndoOptions(
            run_id=self.run_id,
            run_kind=run.kind,
            side=side_of(run),
            object_type=self.object_type if self.record_id is not None else None,
            record_id=self.record_id,
            field=self.only_field,
            archives=self.archives,
            sends=self.sends,
        )


def side_of(run: Run) -> Side:
    """The side on which a run wrote."""
    return kinds.side_of(kinds.kind_of(run.kind), runs.options_of(run))


def refusal(run: Run) -> str | None:
    """The code of why a run cannot be reverted; None when it can."""
    if run.is_preview:
        return "preview_wrote_nothing"
    if run.state not in _OVER:
        return "not_over"
    return None


def start(
    services: Services, undo_request: UndoRequest, *, trigger: str, user_id: int | None, is_preview: bool
) -> Started:
    """Queue an undo.

    Args:
        services: What it works with.
        undo_request: What is to be reverted.
        trigger: Button or command.
        user_id: Who requested it.
        is_preview: Whether it only says what it would do.

    Raises:
        RefusedError: `no_such_run`, `preview_wrote_nothing` or `not_over`; and what starting a run raises.
    """
    with services.database.reading() as session:
        run = runs.get(session, undo_request.run_id)
    if run is None:
        raise RefusedError("no_such_run", run_id=undo_request.run_id)
    if (code := refusal(run)) is not None:
        raise RefusedError(code)
    return lifecycle.start(
        services,
        UNDO,
        connection_id=run.connection_id,
        trigger=trigger,
        started_by_id=user_id,
        options=undo_request.options(run),
        is_preview=is_preview,
    )


def work(lease: Lease) -> bool:
    """Undo until the slice's time is up. True when every entry has been gone through."""
    options = lease.options_as(UndoOptions)
    client = lease.open_client() if options.side == "there" else None
    part = Part(options.run_id, options.object_type, options.record_id)
    undoing = Undoing(lease, part, lease.position(Position))
    undoing.load()
    if not lease.checkpoint:
        if client is not None:
            complete_cut_off(lease.services, client, lease.connection_id)
            complete_left_over(undoing, client)
        _begin(undoing)
    while not undoing.position.is_end:
        if client is not None:
            undo_remote_page(undoing, client)
        else:
            undo_page(undoing)
        run_changed(lease.services, lease.run_id)
        if lease.is_over():
            break
    if undoing.position.is_end and undoing.writes:
        _let_import_again(lease, options)
        records_changed(lease.services)
        if options.asks_again:
            ask_again(lease)
    return undoing.position.is_end


def _let_import_again(lease: Lease, options: UndoOptions) -> None:
    """Let a file be imported again after its import was undone."""
    with lease.services.database.writing() as session:
        run = runs.get(session, options.run_id)
        imported = runs.options_of(run) if run is not None else None
        if isinstance(imported, ImportOptions) and options.record_id is None:
            file_imports.forget(session, imported.object_type, imported.digest)


def _begin(undoing: Undoing) -> None:
    lease = undoing.lease
    with undoing.lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        totals = {"records": undo_entries.count(session, undoing.part)}
        write_checkpoint(session, run, undoing.checkpoint(), datetime.now(UTC), totals=totals)
