"""A push at work in one slice, and where it goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, convert

from webapp.domain.records.fields import ObjectType
from webapp.store.push.apply import Batch
from webapp.store.push.scope import Scope
from webapp.store.runs.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.usecases.push.sending.client_pool import ClientPool
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.publish import run_changed

if TYPE_CHECKING:
    from webapp.usecases.push.reading import Page

Phase = Literal["companies", "contacts", "associations", "end"]
_NEXT: dict[Phase, Phase] = {"companies": "contacts", "contacts": "associations", "associations": "end"}


class Position(Struct, frozen=True, kw_only=True):
    """Where a push goes on: the saved checkpoint. `after` is the last record number done with."""

    phase: Phase = "companies"
    after: int = 0


class Push:
    """A push at work in one slice.

    Attributes:
        is_in_doubt: once HubSpot's definitions are not what was read.
        ahead: the page behind the one at work, whose objects are being read already.
    """

    def __init__(self, lease: Lease, pool: ClientPool, scope: Scope) -> None:
        self.lease = lease
        self.pool = pool
        self.scope = scope
        self.position = convert(lease.checkpoint, Position)
        self.is_in_doubt = False
        self.ahead: Page | None = None

    def doubt_definitions(self) -> None:
        """Have HubSpot's definitions read again behind this slice."""
        self.is_in_doubt = True

    def checkpoint(self) -> Checkpoint:
        """Where it is, and the calls since the last checkpoint."""
        return self.lease.checkpoint_at(self.position)

    def batch(self, object_type: ObjectType) -> Batch:
        """Under what the results of records are written now."""
        lease = self.lease
        return Batch(lease.connection_id, lease.run_id, lease.fence, object_type, datetime.now(UTC))


def move_on(push: Push, last_id: int | None) -> None:
    """Behind the page, or on to the next phase; a page that was left half-way stays where it is."""
    if last_id == push.position.after:
        return
    phase = push.position.phase
    push.position = Position(phase=_NEXT[phase]) if last_id is None else Position(phase=phase, after=last_id)
    with push.lease.services.database.writing() as session:
        run = lock_run(session, push.lease.run_id, push.lease.fence)
        write_checkpoint(session, run, push.checkpoint(), datetime.now(UTC))
    run_changed(push.lease.services, push.lease.run_id)
