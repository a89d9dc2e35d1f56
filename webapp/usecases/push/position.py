"""A push at work in one slice, and where it goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, convert
from msgspec.structs import replace

from webapp.domain.records.fields import ObjectType
from webapp.store.push.apply import Batch
from webapp.store.push.scope import Scope
from webapp.store.runs.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.usecases.push.finding.further_domains import FurtherDomains
from webapp.usecases.push.sending.client_pool import ClientPool
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.publish import run_changed

if TYPE_CHECKING:
    from webapp.usecases.push.reading import Page

Phase = Literal["companies", "contacts", "associations", "end"]
_NEXT: dict[Phase, Phase] = {"companies": "contacts", "contacts": "associations", "associations": "end"}


class Position(Struct, frozen=True, kw_only=True):
    """Where a push goes on: the saved checkpoint.

    Attributes:
        phase: what it goes through.
        after: the last record number of the phase that it is done with.
        contacts_after: the last contact that was sent while companies were searched for.
    """

    phase: Phase = "companies"
    after: int = 0
    contacts_after: int = 0

    def after_of(self, object_type: ObjectType) -> int:
        """The last record of a type that it is done with."""
        return self.contacts_after if self._is_between(object_type) else self.after

    def moved(self, object_type: ObjectType | None, last_id: int | None) -> Position:
        """Behind a record of a type, or of the associations; behind None comes the next phase."""
        if self._is_between(object_type):
            return self if last_id is None else replace(self, contacts_after=last_id)
        if last_id is not None:
            return replace(self, after=last_id)
        return Position(phase=_NEXT[self.phase], after=self.contacts_after)

    def _is_between(self, object_type: ObjectType | None) -> bool:
        return object_type == "contacts" and self.phase == "companies"


class Push:
    """A push at work in one slice.

    Attributes:
        is_in_doubt: once HubSpot's definitions are not what was read.
        ahead: by type, the page whose objects are being read already.
        awaited_company: the company before which no further contacts may be sent.
        further_domains: the companies of several domains, as this slice has found them.
    """

    def __init__(self, lease: Lease, pool: ClientPool, scope: Scope) -> None:
        self.lease = lease
        self.pool = pool
        self.scope = scope
        self.position = convert(lease.checkpoint, Position)
        self.is_in_doubt = False
        self.ahead: dict[ObjectType, Page] = {}
        self.awaited_company: float | None = None
        self.further_domains = FurtherDomains()

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


def move_on(push: Push, object_type: ObjectType | None, last_id: int | None) -> None:
    """Behind the page, or on to the next phase; a page that was left half-way stays where it is."""
    position = push.position.moved(object_type, last_id)
    if position == push.position:
        return
    push.position = position
    with push.lease.services.database.writing() as session:
        run = lock_run(session, push.lease.run_id, push.lease.fence)
        write_checkpoint(session, run, push.checkpoint(), datetime.now(UTC))
    run_changed(push.lease.services, push.lease.run_id)
