"""Every kind of run, and what depends on the kind alone.

To add a kind of run: a row here, with a type of its own in `webapp.domain.runs.options` if it asks for
something; its work function in `webapp.jobs`; its label for the screens in `webapp.text.runs.runs`. One
that is `is_bulk` needs a migration as well, since the indexes on the table of runs name these kinds.
"""

from typing import Any, Literal

from msgspec import Struct

from webapp.domain.runs.options import (
    ChangeOptions,
    DeleteOptions,
    ImportOptions,
    MergeDuplicatesOptions,
    PullOptions,
    PullRecordOptions,
    PushOptions,
    PushRecordOptions,
    ReconcileOptions,
    RunOptions,
    Side,
    UndoOptions,
    from_data,
)

Direction = Literal["in", "out", "none"]
Queue = Literal["now", "refresh", "bulk"]
"""In the order in which they are worked off: what a person waits for, what has changed, bulk work."""
Trigger = Literal["notice", "edit", "schedule"]
"""What begins a run that no person requested."""


class RunKind(Struct, frozen=True, kw_only=True):
    """A kind of run.

    Attributes:
        name: its stable name.
        script_name: its name in answers to scripts: every push is a push, since a script knows whether it has
            requested one record alone.
        direction: whether records come `in` from HubSpot or go `out` to it; `none` where that is not the same
            for every run of the kind.
        queue: where its slices wait; `queue_of` knows the exception.
        is_bulk: whether of all such kinds one run of a connection works at a time.
        sends_mail: whether its end is reported by mail.
        is_guarded: whether it changes what nobody has asked to be changed, so that the guard against mass
            changes counts it.
        hourly_trigger: what begins its run of the hour; None where a person requests every run.
        options: the type of its options.
        is_local: whether it asks nothing of HubSpot: then it needs no connection that works.
    """

    name: str
    script_name: str
    direction: Direction
    queue: Queue
    is_bulk: bool = False
    sends_mail: bool = False
    is_guarded: bool = False
    hourly_trigger: Trigger | None = None
    options: type[RunOptions] = RunOptions
    is_local: bool = False


_ALL = (
    RunKind(name="pull", script_name="pull", direction="in", queue="bulk", is_bulk=True, options=PullOptions),
    RunKind(
        name="push",
        script_name="push",
        direction="out",
        queue="bulk",
        is_bulk=True,
        sends_mail=True,
        options=PushOptions,
    ),
    RunKind(name="pull_record", script_name="pull", direction="in", queue="now", options=PullRecordOptions),
    RunKind(name="push_record", script_name="push", direction="out", queue="now", options=PushRecordOptions),
    RunKind(
        name="refresh",
        script_name="refresh",
        direction="in",
        queue="refresh",
        is_guarded=True,
        hourly_trigger="notice",
    ),
    # To scripts what people decided is carried out as a refresh, since each object is read afresh.
    RunKind(
        name="decisions", script_name="refresh", direction="in", queue="refresh", hourly_trigger="schedule"
    ),
    RunKind(
        name="auto_push",
        script_name="auto_push",
        direction="out",
        queue="refresh",
        is_guarded=True,
        hourly_trigger="edit",
    ),
    RunKind(
        name="reconcile",
        script_name="reconcile",
        direction="in",
        queue="refresh",
        is_guarded=True,
        hourly_trigger="schedule",
        options=ReconcileOptions,
    ),
    # To scripts it is an automatic push: it ends what a push has begun, and writes to HubSpot.
    RunKind(
        name="check",
        script_name="auto_push",
        direction="out",
        queue="refresh",
        is_guarded=True,
        hourly_trigger="schedule",
    ),
    # To scripts it is a comparison: it looks through everything, and writes nothing of the records.
    RunKind(name="find_duplicates", script_name="reconcile", direction="none", queue="bulk"),
    # To scripts what people decided is carried out as a refresh.
    RunKind(
        name="merge_duplicates",
        script_name="refresh",
        direction="none",
        queue="bulk",
        is_bulk=True,
        options=MergeDuplicatesOptions,
    ),
    RunKind(
        name="undo", script_name="undo", direction="none", queue="bulk", is_bulk=True, options=UndoOptions
    ),
    RunKind(
        name="delete",
        script_name="delete",
        direction="none",
        queue="bulk",
        is_bulk=True,
        options=DeleteOptions,
        is_local=True,
    ),
    RunKind(
        name="change",
        script_name="change",
        direction="none",
        queue="bulk",
        is_bulk=True,
        options=ChangeOptions,
        is_local=True,
    ),
    # One record goes at once, in the transaction that writes its run: no slice of it is ever queued.
    RunKind(
        name="delete_record",
        script_name="delete",
        direction="none",
        queue="now",
        options=DeleteOptions,
        is_local=True,
    ),
    # Like edits of a person it goes on beside a bulk run, and asks nothing of HubSpot.
    RunKind(
        name="import",
        script_name="import",
        direction="none",
        queue="bulk",
        options=ImportOptions,
        is_local=True,
    ),
)
KINDS = {kind.name: kind for kind in _ALL}
GUARDED_NAMES: dict[Direction, tuple[str, ...]] = {
    direction: tuple(kind.name for kind in _ALL if kind.is_guarded and kind.direction == direction)
    for direction in ("in", "out", "none")
}
BULK_NAMES = tuple(kind.name for kind in _ALL if kind.is_bulk)
_AUTOMATIC = frozenset(kind.hourly_trigger for kind in _ALL if kind.hourly_trigger is not None)


def kind_of(name: str) -> RunKind:
    """The kind of this name; a kind of another version has no known traits."""
    return KINDS.get(name) or RunKind(name=name, script_name=name, direction="none", queue="bulk")


def is_automatic(trigger: str) -> bool:
    """Whether a run with this trigger was requested by nobody, so that no person would restart it."""
    return trigger in _AUTOMATIC


def queue_of(kind: RunKind, options: RunOptions) -> Queue:
    """The queue of a run's slices. A comparison of everything is bulk work, a quick one is not."""
    return "bulk" if isinstance(options, ReconcileOptions) and options.is_full else kind.queue


def side_of(kind: RunKind, options: RunOptions) -> Side:
    """The side on which a run writes; an undo writes where the undone run did."""
    if isinstance(options, UndoOptions):
        return options.side
    return "there" if kind.direction == "out" else "here"


def needs_portal(kind: RunKind, options: RunOptions) -> bool:
    """Whether a run has to call HubSpot; an undo does if the undone run wrote there."""
    if isinstance(options, UndoOptions):
        return options.side == "there"
    return not kind.is_local


def options_of(name: str, data: dict[str, Any]) -> RunOptions:
    """The options of a run of this kind, as its row keeps them; as usual where `can_read` says no."""
    options_type = kind_of(name).options
    return from_data(data, options_type) or options_type()


def can_read(name: str, data: dict[str, Any]) -> bool:
    """Whether this version knows such a kind, and can read the options: another one may have written them."""
    return name in KINDS and from_data(data, kind_of(name).options) is not None
