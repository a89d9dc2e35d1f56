"""A push at work in one slice: its position, its pages, and what it has read ahead."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.push.facts import Local
from webapp.domain.push.plan import Hold, Skip
from webapp.domain.records.fields import ObjectType
from webapp.store.preview.push import Planned
from webapp.store.push.apply import Batch
from webapp.store.push.overlay import NoPushOverlay, Overlay
from webapp.store.push.scope import Scope
from webapp.store.runs.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.usecases.push.finding.further_domains import FurtherDomains
from webapp.usecases.push.finding.lookups import Lookup
from webapp.usecases.push.sending.client_pool import ClientPool, PendingJobs
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.overtime import Overtime
from webapp.usecases.runs.publish import run_changed

Phase = Literal["companies", "contacts", "associations", "end"]
_NEXT: dict[Phase, Phase] = {"companies": "contacts", "contacts": "associations", "associations": "end"}


class Position(Struct, frozen=True, kw_only=True):
    """The position of a push: the saved checkpoint.

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

    def moved(self, object_type: ObjectType | None, last_id: int | None) -> "Position":
        """Behind a record of a type, or of the associations; behind None comes the next phase."""
        if self._is_between(object_type):
            return self if last_id is None else replace(self, contacts_after=last_id)
        if last_id is not None:
            return replace(self, after=last_id)
        return Position(phase=_NEXT[self.phase], after=self.contacts_after)

    def _is_between(self, object_type: ObjectType | None) -> bool:
        return object_type == "contacts" and self.phase == "companies"


class Page(Struct, frozen=True, kw_only=True):
    """Records of a push, and what HubSpot is asked about them.

    Attributes:
        after: the record behind which it begins.
        locals: all of its records, by number; never none.
        left: by record, why it is not pushed whatever HubSpot has of it.
        pushed: the others, unless the run has been through them.
        generation: that of our writes before which HubSpot has not been read.
        lookups: the look-ups of those that are pushed.
        searches: how many searches are among these.
    """

    after: int
    locals: Sequence[Local]
    left: dict[int, Hold | Skip]
    pushed: Sequence[Local]
    generation: int
    lookups: PendingJobs[Lookup]
    searches: int


class Push:
    """A push at work in one slice.

    Attributes:
        overlay: what it sees beside the stored links.
        is_in_doubt: once HubSpot's definitions are not what was read.
        ahead: by type, the page whose objects are being read already.
        awaited_company: the company before which no further contacts may be sent.
        further_domains: the companies of several domains, as this slice has found them.
        is_over: whether the slice should come to its end.
    """

    def __init__(self, lease: Lease, pool: ClientPool, scope: Scope) -> None:
        self.lease = lease
        self.overlay: Overlay = Planned(lease.run_id) if lease.is_preview else NoPushOverlay()
        self.pool = pool
        self.scope = scope
        self.position = lease.position(Position)
        self.is_in_doubt = False
        self.ahead: dict[ObjectType, Page] = {}
        self.awaited_company: float | None = None
        self.further_domains = FurtherDomains()
        self.is_over = Overtime(lease).is_over

    def doubt_definitions(self) -> None:
        """Have HubSpot's definitions read again behind this slice."""
        self.is_in_doubt = True

    def checkpoint(self) -> Checkpoint:
        """The position, and the calls since the last checkpoint."""
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
