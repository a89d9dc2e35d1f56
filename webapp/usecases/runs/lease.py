"""The right of a slice to work on a run, as its work is handed it."""

import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from msgspec import Struct, ValidationError, convert, field, to_builtins

from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.runs.options import BulkOptions, RunOptions
from webapp.domain.runs.origin import RunOrigin
from webapp.domain.runs.retry import is_stuck
from webapp.errors import FencedOffError, OtherVersionError
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.http.counting import CallCounter
from webapp.services import Services
from webapp.store.connection.usage import Usage
from webapp.store.database import statistics
from webapp.store.runs import progress
from webapp.store.runs.checkpoint import Checkpoint, holds_run
from webapp.usecases.connection.portal import PATIENCE_S, open_client
from webapp.usecases.operating.durations import HUBSPOT_CALLS
from webapp.usecases.runs.publish import run_changed

Options = TypeVar("Options", bound=RunOptions)


class Position(Protocol):
    """The position of a run."""

    @property
    def is_end(self) -> bool:
        """Whether nothing is left."""


Somewhere = TypeVar("Somewhere", bound=Position)
Place = TypeVar("Place", bound=Struct)
_MEASURE_EVERY_S = 2.0
Work = Callable[["Lease", HubSpotClient], bool]
"""Works on a run until the slice is over; True when the run has nothing left to do."""


class LocalWork(Struct, frozen=True):
    """Work of a kind that needs no client of HubSpot, or not always: it opens one where it does."""

    do: Callable[["Lease"], bool]


def _counter() -> CallCounter:
    return CallCounter(HUBSPOT_CALLS.add)


class Lease(Struct, kw_only=True):
    """A slice's right to work on a run, and its time.

    Attributes:
        is_readable: whether this version knows the run's kind, and can read its options.
        is_allowed: whether somebody has allowed the run to change however many records.
        began_at: how far the run was when the slice began.
        attempts: how often it had waited in a row by then.
        measure_at_s: when the tables are measured again.
    """

    services: Services
    run_id: int
    fence: int
    connection_id: int
    checkpoint: dict[str, Any]
    options: RunOptions
    is_readable: bool
    origin: RunOrigin
    is_preview: bool
    is_allowed: bool
    ends_at_s: float
    began_at: progress.Reached
    attempts: int
    measure_at_s: float = 0.0
    clients: list[HubSpotClient] = field(default_factory=list)
    counter: CallCounter = field(default_factory=_counter)

    @property
    def fields(self) -> dict[ObjectType, list[str]] | None:
        """The fields that the run is about alone, by object type; None when it is about everything."""
        return self.options.fields if isinstance(self.options, BulkOptions) else None

    @property
    def kinds(self) -> tuple[ObjectType, ...]:
        """The object types that the run is about."""
        return OBJECT_TYPES if self.fields is None else tuple(k for k in OBJECT_TYPES if self.fields.get(k))

    def options_as(self, options_type: type[Options]) -> Options:
        """The options of the run, as the type that its kind has."""
        if not isinstance(self.options, options_type):
            raise TypeError(f"run {self.run_id} has no {options_type.__name__}")
        return self.options

    def position(self, position_type: type[Place]) -> Place:
        """The position of the run by its checkpoint; what another version kept there beside it is left out.

        Raises:
            OtherVersionError: the checkpoint holds what this version does not know.
        """
        try:
            return convert(self.checkpoint, position_type)
        except ValidationError as error:
            raise OtherVersionError(str(error)) from error

    def is_over(self, grace_s: float = 0.0) -> bool:
        """Whether the slice should come to its end, or has been over for a while."""
        return time.monotonic() >= self.ends_at_s + grace_s

    def keep_measured(self) -> None:
        """Have the database know how full its tables are, every two seconds however long the slice takes."""
        now_s = time.monotonic()
        if now_s < self.measure_at_s:
            return
        self.measure_at_s = now_s + _MEASURE_EVERY_S
        with self.services.database.writing() as session:
            statistics.refresh(session)

    def open_client(self, *, yields: bool = False, patience_s: float = PATIENCE_S) -> HubSpotClient:
        """A client, closed with the slice, whose writes stop once another slice has taken the run over.

        `yields`: whether its calls let those of other runs go first; `patience_s`: how long a call may wait.
        """
        client = open_client(
            self.services,
            self.connection_id,
            is_urgent=self.origin.is_urgent,
            yields=yields,
            patience_s=patience_s,
            before_write=lambda: _check_fence(self),
            counter=self.counter,
            is_stuck=is_stuck(self.attempts),
        )
        self.clients.append(client)
        return client

    def go_through(self, position: Somewhere, page: Callable[[Somewhere], Somewhere]) -> Somewhere:
        """Work off page after page until nothing is left or the slice is over; where the run goes on."""
        while not position.is_end:
            position = page(position)
            run_changed(self.services, self.run_id)
            if self.is_over():
                break
        return position

    def checkpoint_at(self, position: Struct) -> Checkpoint:
        """The position of the run, with the calls that were not counted yet."""
        return Checkpoint(to_builtins(position), self.take_usage())

    def give_back(self, usage: Usage) -> None:
        """The checkpoint that was to count these calls was not written: the next one does."""
        self.counter.give_back(*usage)

    def take_usage(self) -> Usage:
        """The calls that were not counted yet, for the next checkpoint; from any thread of the slice."""
        return Usage(*self.counter.take())


def _check_fence(lease: Lease) -> None:
    """Refuse to write to HubSpot for a run that another slice has taken over."""
    with lease.services.database.reading() as session:
        is_held = holds_run(session, lease.run_id, lease.fence)
    if not is_held:
        raise FencedOffError(f"run {lease.run_id} is not at fence {lease.fence}")
