"""The one way of applying pulled pages and refreshed objects: gather, decide, apply, in one transaction."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from msgspec import Struct, structs
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from webapp.domain.duplicates.pairs import FoundBy
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.pull.company import disputed_companies
from webapp.domain.pull.facts import Facts, Remote, unknown_companies
from webapp.domain.pull.origin import Automatic
from webapp.domain.pull.page import plan_page
from webapp.domain.pull.plan import Plan, changed_in_keys, empties, failed
from webapp.domain.push.interrupted_writes import SeenObject
from webapp.domain.runs import outcomes
from webapp.services import Services
from webapp.store.pull.context import Context, Page
from webapp.store.pull.facts import gather
from webapp.store.runs.checkpoint import Checkpoint, lock_run
from webapp.store.runs.runs import Run
from webapp.usecases.mapping import definitions
from webapp.usecases.matching.finding import list_alike
from webapp.usecases.push import interrupted_writes
from webapp.usecases.push.announced_associations import complete_seen
from webapp.usecases.runs import mass_change

# Two transactions may reach for the same record on PostgreSQL; the one that loses reads again.
_TRIES = 3
# An object that we write to again and again is left, after so many reads, to the write that came last.
_READS = 5

_log = structlog.get_logger()

Also = Callable[[Session, Sequence[Plan]], None]
"""Something that is written in the transaction of a page, given its plans."""


def write_nothing(_: Session, __: Sequence[Plan]) -> None:
    """Write nothing besides."""


class Applied(Struct, frozen=True):
    """The page and the checkpoint behind it are written."""


class NeedsCompanies(Struct, frozen=True):
    """Contacts of the page belong to companies that have to be read first; nothing was written.

    Attributes:
        unknown: those of which nothing is known here.
        disputed: those of contacts that have another company on both sides: others may have been merged into
            them.
    """

    unknown: list[str]
    disputed: list[str]


class Outdated(Struct, frozen=True):
    """Objects of the page, by id, that we have written to since they were read; nothing was written."""

    ids: list[str]


class Unconfirmed(Struct, frozen=True):
    """The page would empty fields, by properties that may have been made anew since they were read of.

    Nothing was written.
    """


ReadAgain = Callable[[Sequence[str]], Sequence[Remote]]
"""Reads objects of a page once more, by their ids, as they are now."""


def apply_page(
    services: Services,
    context: Context,
    remotes: Sequence[Remote],
    checkpoint: Checkpoint,
    *,
    needs_companies: bool = False,
    read_again: ReadAgain | None = None,
    also: Also = write_nothing,
) -> Applied | NeedsCompanies:
    """Apply a page, with its log entries and the checkpoint behind it.

    A page that the database refuses is applied object by object, so that one of them fails alone. Objects
    that we have written to since they were read are read again.

    Args:
        services: What it works with.
        context: What the page is applied under.
        remotes: The page.
        checkpoint: Where the run goes on behind it.
        needs_companies: Whether the contacts' companies have to be known.
        read_again: Reads objects once more; without it those that are out of date are left.
        also: What else is written in the transaction that writes the page.

    Returns:
        With `needs_companies` the companies that are to be brought first, where there are any.

    Raises:
        FencedOffError: this slice may write no more.
    """
    _complete_logs(services, context, remotes)
    how = _How(checkpoint, also, needs_companies=needs_companies)
    for _ in range(_READS if read_again is not None else 0):
        applied = _apply_confirmed(services, context, remotes, how)
        if read_again is None or not isinstance(applied, Outdated):
            break
        fresh = read_again(applied.ids)
        remotes = [*(one for one in remotes if one.id not in applied.ids), *fresh]
    else:
        applied = _apply_confirmed(services, context, remotes, structs.replace(how, leaves_outdated=True))
    return Applied() if isinstance(applied, Outdated) else applied


class _How(Struct, frozen=True):
    """How a page is applied: as `apply_page` was told, and what was seen to by now.

    Attributes:
        leaves_outdated: whether what is out of date is left.
        is_confirmed: whether the properties were read of since the page was read.
    """

    checkpoint: Checkpoint
    also: Also
    needs_companies: bool = False
    leaves_outdated: bool = False
    is_confirmed: bool = False


def _complete_logs(services: Services, context: Context, remotes: Sequence[Remote]) -> None:
    """What a run of ours did to these objects, and could not log, is no change of HubSpot's."""
    if context.sink.is_preview or not interrupted_writes.are_there_any(services, context.connection_id):
        return
    interrupted_writes.complete_seen(
        services,
        context.connection_id,
        context.mapping,
        [
            SeenObject(one.id, one.properties, one.created_at, one.generation)
            for one in remotes
            if one.created_at is not None
        ],
        read=context.mapping.properties,
        by_run=context.run_id,
    )
    if context.object_type == "contacts":
        complete_seen(services, context.connection_id, {one.id: one.primary_id for one in remotes})


def _apply_confirmed(
    services: Services, context: Context, remotes: Sequence[Remote], how: _How
) -> Applied | NeedsCompanies | Outdated:
    """Apply a page; where it would empty fields, with the properties as they are after it was read."""
    applied = _apply_in_tries(services, context, remotes, how)
    if not isinstance(applied, Unconfirmed):
        return applied
    unclearable = definitions.unclearable_now(services, context.connection_id, context.object_type)
    mapping = structs.replace(context.mapping, unclearable=unclearable)
    context, how = structs.replace(context, mapping=mapping), structs.replace(how, is_confirmed=True)
    applied = _apply_in_tries(services, context, remotes, how)
    assert not isinstance(applied, Unconfirmed)  # noqa: S101 - it is confirmed
    return applied


def _apply_in_tries(
    services: Services, context: Context, remotes: Sequence[Remote], how: _How
) -> Applied | NeedsCompanies | Outdated | Unconfirmed:
    for _ in range(_TRIES):
        try:
            return _apply(services, context, remotes, how)
        except IntegrityError:
            continue
        except DataError:
            break
    if context.mapping.is_clearing and not how.is_confirmed:
        return Unconfirmed()
    if len(remotes) > 1:
        _apply_one_by_one(services, context, remotes, how)
    else:
        _apply_failure(services, context, remotes, how)
    return Applied()


def _apply(
    services: Services, context: Context, remotes: Sequence[Remote], how: _How
) -> Applied | NeedsCompanies | Outdated | Unconfirmed:
    if context.is_first:
        _read(remotes, context.mapping)
    # The objects are still in HubSpot, and what leads back to them (checkpoint, inbox, decisions) changes in
    # this transaction: lost with it, the page is read and applied again.
    with services.database.writing(may_be_lost=True) as session:
        run = lock_run(session, context.run_id, context.fence)
        facts = _gather(session, run, context, remotes)
        outdated = facts.outdated_among(remotes)
        if outdated and not how.leaves_outdated:
            return Outdated(outdated)
        if how.needs_companies and (needed := _needed_companies(remotes, facts)):
            return needed
        page = Page(context, facts, datetime.now(UTC))
        plans = plan_page(
            *(remotes, facts, context.mapping, context.rule, context.origin),
            linking=context.linking,
        )
        if context.mapping.is_clearing and not how.is_confirmed and any(map(empties, plans)):
            return Unconfirmed()
        _check_amount(session, run, context, plans)
        context.sink.write(session, run, page, plans, how.checkpoint)
        how.also(session, plans)
    _report_surprises(context, plans)
    _list_alike(services, context, plans)
    return Applied()


def _list_alike(services: Services, context: Context, plans: Sequence[Plan]) -> None:
    """List what looks like linked records that have changed; of new ones matching has seen to it."""
    if changed := [] if context.sink.is_preview else changed_in_keys(plans):
        found_by: FoundBy = "sync" if isinstance(context.origin, Automatic) else "pull"
        list_alike(services, context.object_type, changed, found_by=found_by)


def _needed_companies(remotes: Sequence[Remote], facts: Facts) -> NeedsCompanies | None:
    unknown, disputed = unknown_companies(remotes, facts), disputed_companies(remotes, facts)
    return NeedsCompanies(unknown, disputed) if unknown or disputed else None


def _gather(session: Session, run: Run, context: Context, remotes: Sequence[Remote]) -> Facts:
    return gather(
        session,
        context.connection_id,
        context.mapping,
        remotes,
        rule=context.rule,
        edits_after_id=context.origin.edits_count_after(run.newest_edit_id),
        overlay=context.sink.overlay(session, context.run_id, context.object_type),
        frequencies=context.frequencies,
        chosen=context.linking.chosen.values(),
    )


def _read(remotes: Sequence[Remote], mapping: Mapping) -> None:
    """Read the objects' properties before anybody is kept from writing; planning meets again what fails.

    Once everything has been pulled, hardly any object of a page is new or has changed: planning reads those.
    """
    for remote in remotes:
        with suppress(Exception):
            remote.read(mapping)


def _check_amount(session: Session, run: Run, context: Context, plans: Sequence[Plan]) -> None:
    """Stop an automatic run before it changes more than somebody should have looked at."""
    changing = [plan for plan in plans if plan.link is not None and plan.outcome == outcomes.UPDATED]
    samples = [
        {
            "object_type": context.object_type,
            "record_id": plan.record_id,
            "name": plan.name,
            "changes": [[name, old, new] for name, old, new in plan.changes],
        }
        for plan in changing[:10]
    ]
    keys = [(context.object_type, plan.record_id or 0) for plan in changing]
    mass_change.check(session, run, context.origin.guarded_links, keys, samples)


def _apply_one_by_one(services: Services, context: Context, remotes: Sequence[Remote], how: _How) -> None:
    """The checkpoint stays behind until the last one, so that an interrupted page is read again whole."""
    with services.database.writing() as session:
        position = lock_run(session, context.run_id, context.fence).checkpoint
    here = _How(Checkpoint(position), write_nothing, leaves_outdated=True, is_confirmed=how.is_confirmed)
    for remote in remotes[:-1]:
        _apply_in_tries(services, context, [remote], here)
    last = structs.replace(how, needs_companies=False, leaves_outdated=True)
    _apply_in_tries(services, context, remotes[-1:], last)


def _apply_failure(services: Services, context: Context, remotes: Sequence[Remote], how: _How) -> None:
    """Log the one object that the database refuses."""
    error = ValueError("the database refused it")
    plans = [failed(remote, context.object_type, error) for remote in remotes]
    with services.database.writing() as session:
        run = lock_run(session, context.run_id, context.fence)
        page = Page(context, Facts(), datetime.now(UTC))
        context.sink.write(session, run, page, plans, how.checkpoint)
        how.also(session, plans)
    _report_surprises(context, plans)


def _report_surprises(context: Context, plans: Sequence[Plan]) -> None:
    for plan in plans:
        if plan.error is not None:
            _log.error("record_failed", run_id=context.run_id, remote_id=plan.remote.id, exc_info=plan.error)
