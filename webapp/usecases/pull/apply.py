"""Where a pulled page and a refreshed object meet: gather, decide, apply, in one transaction."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.pull.facts import Remote, unknown_companies
from webapp.domain.pull.plan import Plan, failed, plan_page
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.rules.rule import Rule
from webapp.domain.runs import outcomes
from webapp.services import Services
from webapp.store.mapping import mappings
from webapp.store.preview.plans import Planned
from webapp.store.preview.pull import write_planned_page
from webapp.store.pull import apply as pull_apply
from webapp.store.pull.apply import Page
from webapp.store.pull.facts import gather
from webapp.store.push import outbox
from webapp.store.records import company_values, edits
from webapp.store.rules import rules
from webapp.store.runs import mass_change as mass_change_counts
from webapp.store.runs.checkpoint import Checkpoint, lock_run
from webapp.store.runs.runs import Run
from webapp.usecases.runs import mass_change
from webapp.usecases.runs.slices import Lease

# Two transactions may reach for the same record on PostgreSQL; the one that loses reads again.
_TRIES = 3

_log = structlog.get_logger()

Also = Callable[[Session, Sequence[Plan]], None]
"""Something that is written in the transaction of a page, given its plans."""


def _nothing(_: Session, __: Sequence[Plan]) -> None:
    """Write nothing besides."""


class UnknownCompaniesError(Exception):
    """Contacts of a page belong to companies of which nothing is known here; nothing was written.

    `ids` are those companies, in order.
    """

    def __init__(self, ids: list[str]) -> None:
        super().__init__(f"{len(ids)} unknown companies")
        self.ids = ids


class Target:
    """What pages are applied to: a slice's right to write for a run, and the configuration in force.

    `guarded_links` is how many records are linked, where nobody asked for the run, and nobody has allowed it
    to change however many. In a preview nothing of a page is written but what the preview says of it.
    """

    def __init__(
        self,
        services: Services,
        run_id: int,
        fence: int,
        connection_id: int,
        *,
        mapping: Mapping,
        rule: Rule,
        is_automatic: bool = False,
        is_preview: bool = False,
        guarded_links: int | None = None,
    ) -> None:
        self.services = services
        self.run_id = run_id
        self.fence = fence
        self.connection_id = connection_id
        self.mapping = mapping
        self.rule = rule
        self.is_automatic = is_automatic
        self.is_preview = is_preview
        self.write = write_planned_page if is_preview else pull_apply.write_page
        self.guarded_links = guarded_links


def automatic_targets(lease: Lease) -> dict[ObjectType, Target]:
    """What a run applies to that nobody asked for."""
    with lease.services.database.reading() as session:
        links = None if lease.is_allowed else mass_change_counts.count_links(session, lease.connection_id)
        return {
            kind: Target(
                lease.services,
                lease.run_id,
                lease.fence,
                lease.connection_id,
                mapping=mappings.load(session, lease.connection_id, kind),
                rule=rules.load(session, lease.connection_id, kind, "in"),
                is_automatic=True,
                guarded_links=links,
            )
            for kind in OBJECT_TYPES
        }


def apply_page(
    target: Target,
    remotes: Sequence[Remote],
    checkpoint: Checkpoint,
    *,
    needs_companies: bool = False,
    also: Also = _nothing,
) -> None:
    """Apply a page, with its log entries and the checkpoint behind it.

    A page that the database refuses is applied object by object, so that one of them fails alone.

    Args:
        target: What the page is applied to.
        remotes: The page.
        checkpoint: Where the run goes on behind it.
        needs_companies: Whether the contacts' companies have to be known.
        also: What else is written in the transaction that settles the page.

    Raises:
        FencedOffError: this slice may write no more.
        UnknownCompaniesError: with `needs_companies`, when the contacts' companies are to be brought first.
    """
    for _ in range(_TRIES):
        try:
            _apply(target, remotes, checkpoint, needs_companies=needs_companies, also=also)
        except IntegrityError:
            continue
        except DataError:
            break
        return
    if len(remotes) > 1:
        _apply_one_by_one(target, remotes, checkpoint, also)
    else:
        _apply_failure(target, remotes, checkpoint, also)


def _apply(
    target: Target, remotes: Sequence[Remote], checkpoint: Checkpoint, *, needs_companies: bool, also: Also
) -> None:
    _read(remotes, target.mapping)
    # The objects are still in HubSpot, and what leads back to them (checkpoint, inbox, decisions) changes in
    # this transaction: lost with it, the page is read and applied again.
    with target.services.database.writing(may_be_lost=True) as session:
        run = lock_run(session, target.run_id, target.fence)
        object_type = target.mapping.object_type
        planned = Planned(session, target.run_id, object_type) if target.is_preview else None
        facts = gather(session, target.connection_id, target.mapping, remotes, planned)
        if needs_companies and (unknown := unknown_companies(remotes, facts)):
            raise UnknownCompaniesError(unknown)
        company_values.add_to(session, facts, target.rule, target.run_id if target.is_preview else None)
        linked = sorted(link.record_id for link in facts.links.values())
        unsent = outbox.unsent_of(session, target.connection_id, object_type, linked)
        known_id = None if target.is_automatic else run.newest_edit_id
        facts.unsent = {} if target.is_automatic else unsent
        facts.edited_at = edits.latest(session, object_type, sorted(unsent), after_id=known_id)
        page = Page(
            connection_id=target.connection_id,
            run_id=target.run_id,
            mapping=target.mapping,
            facts=facts,
            now=datetime.now(UTC),
            is_automatic=target.is_automatic,
        )
        plans = plan_page(remotes, page.facts, target.mapping, target.rule, is_automatic=target.is_automatic)
        _check_amount(session, run, target, plans)
        target.write(session, run, page, plans, checkpoint)
        also(session, plans)
    _report_surprises(target, plans)


def _read(remotes: Sequence[Remote], mapping: Mapping) -> None:
    """Read the objects' properties before anybody is kept from writing; planning meets again what fails."""
    for remote in remotes:
        with suppress(Exception):
            remote.read(mapping)


def _check_amount(session: Session, run: Run, target: Target, plans: Sequence[Plan]) -> None:
    """Stop an automatic run before it changes more than somebody should have looked at."""
    changing = [plan for plan in plans if plan.link is not None and plan.outcome == outcomes.UPDATED]
    samples = [
        {
            "object_type": target.mapping.object_type,
            "record_id": plan.record_id,
            "name": plan.name,
            "changes": [[name, old, new] for name, old, new in plan.changes],
        }
        for plan in changing[:10]
    ]
    keys = [(target.mapping.object_type, plan.record_id or 0) for plan in changing]
    mass_change.check(session, run, target.guarded_links, keys, samples)


def _apply_one_by_one(target: Target, remotes: Sequence[Remote], checkpoint: Checkpoint, also: Also) -> None:
    """The checkpoint stays behind until the last one, so that an interrupted page is read again whole."""
    with target.services.database.writing() as session:
        position = lock_run(session, target.run_id, target.fence).checkpoint
    for remote in remotes[:-1]:
        apply_page(target, [remote], Checkpoint(position))
    apply_page(target, remotes[-1:], checkpoint, also=also)


def _apply_failure(target: Target, remotes: Sequence[Remote], checkpoint: Checkpoint, also: Also) -> None:
    """Log the one object that the database refuses."""
    with target.services.database.writing() as session:
        run = lock_run(session, target.run_id, target.fence)
        facts = gather(session, target.connection_id, target.mapping, [])
        page = Page(target.connection_id, target.run_id, target.mapping, facts, datetime.now(UTC))
        error = ValueError("the database refused it")
        plans = [failed(remote, target.mapping.object_type, error) for remote in remotes]
        target.write(session, run, page, plans, checkpoint)
        also(session, plans)
    _report_surprises(target, plans)


def _report_surprises(target: Target, plans: Sequence[Plan]) -> None:
    for plan in plans:
        if plan.error is not None:
            _log.error("record_failed", run_id=target.run_id, remote_id=plan.remote.id, exc_info=plan.error)
