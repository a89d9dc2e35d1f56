"""Decisions as a run: the records of one group are merged, or all pairs of a filter merged or kept apart."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.duplicates.bulk import LeavePlan
from webapp.domain.duplicates.pairs import pair_of
from webapp.domain.matching.frequencies import DEFAULT, Frequencies
from webapp.domain.runs import outcomes
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.errors import FencedOffError, OutdatedReadError, RefusedError
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import HubSpotError
from webapp.services import Services
from webapp.store.duplicates import merge_log, pairs
from webapp.store.links import generations
from webapp.store.runs import runs
from webapp.store.runs.checkpoint import lock_run, write_checkpoint
from webapp.store.runs.entries import log_page
from webapp.store.runs.entry import LONGEST_NAME, Entry
from webapp.store.runs.log import Run
from webapp.usecases.connection.required import require_connection
from webapp.usecases.duplicates import apart_run, decisions, merge_in_hubspot
from webapp.usecases.duplicates.decisions import merge_one
from webapp.usecases.duplicates.known_there import further_domains_of
from webapp.usecases.duplicates.merge_in_hubspot import Announced
from webapp.usecases.duplicates.units import Known, Position, Unit, beginning, next_unit
from webapp.usecases.matching.frozen import frequencies_of
from webapp.usecases.records.merging import announce as announce_merge
from webapp.usecases.runs import lifecycle
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import Started
from webapp.usecases.runs.publish import records_changed

MERGE_DUPLICATES = "merge_duplicates"
_READ_AGAIN_AFTER_S = 0.1


def start(
    services: Services,
    options: MergeDuplicatesOptions,
    *,
    user_id: int,
    versions: Mapping[int, int] | None = None,
    may_be_apart: bool = True,
    is_preview: bool = False,
) -> Started:
    """Queue a merge.

    Args:
        services: What it works with.
        options: Which records or pairs, and by which rules.
        user_id: Who merges.
        versions: Of each record of a group the version that was looked at.
        may_be_apart: Whether they are merged although somebody has said that they are not the same.
        is_preview: Whether it only says what it would do.

    Raises:
        RefusedError: `not_connected`, `choose_two`; `one_gone`, `one_just_changed`, `kept_apart_meanwhile`, a
            record is not as it was looked at; and what starting a run raises.
    """
    if options.records and (len(options.records) == 1 or options.stays not in options.records):
        raise RefusedError("choose_two")
    with services.database.writing() as session:
        connection = require_connection(session)
        decisions.check_versions(session, options.object_type, versions or {}, may_be_apart=may_be_apart)
        # Each of a group needs a row of its own, on which the merge in HubSpot is announced.
        of_group = [pair_of(options.stays, one, (), 0) for one in options.records]
        pairs.add_pairs(session, options.object_type, of_group, found_by="edit")
    return lifecycle.start(
        services,
        MERGE_DUPLICATES,
        connection_id=connection.id,
        trigger="button",
        started_by_id=user_id,
        options=options,
        is_preview=is_preview,
    )


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Merge until the slice's time is up. True when nothing is left."""
    options = lease.options_as(MergeDuplicatesOptions)
    merging = Merging(lease, client, options, _weighed_by(lease, options))
    position = lease.position(Position) if lease.checkpoint else merging.begin()
    position = lease.go_through(position, merging.step)
    if position.is_end and not lease.is_preview:
        records_changed(lease.services)
    return position.is_end


def _weighed_by(lease: Lease, options: MergeDuplicatesOptions) -> Frequencies:
    """By which count the pairs of a filter are weighed once more; what a person has looked at is not."""
    return DEFAULT if options.records or options.verb != "merge" else frequencies_of(lease)


class Merging(Struct, frozen=True):
    """A merge at work in one slice."""

    lease: Lease
    client: HubSpotClient
    options: MergeDuplicatesOptions
    by_count: Frequencies

    def begin(self) -> Position:
        """Complete what an earlier run left in HubSpot, and count what there is to merge."""
        lease = self.lease
        if not lease.is_preview and self.options.verb == "merge":
            merge_in_hubspot.complete_left_over(
                lease.services, self.client, lease.connection_id, gives_up=True
            )
        with lease.services.database.writing() as session:
            run = lock_run(session, lease.run_id, lease.fence)
            position, count = beginning(session, self.options, lease.connection_id)
            totals = {self.options.object_type: count}
            write_checkpoint(session, run, lease.checkpoint_at(position), datetime.now(UTC), totals=totals)
        return position

    def step(self, position: Position) -> Position:
        """Deal with the next pair, or keep the next page of pairs apart."""
        if self.options.verb == "not_the_same":
            return apart_run.step(self.lease, self.options, position)
        return self._merge_next(position)

    def _merge_next(self, position: Position) -> Position:
        """Deal with the next pair; where its objects are merged as well, in transactions around the call."""
        lease = self.lease
        unit, moved = self._next(position, Known(self.by_count))
        if unit is not None and unit.by_domain and unit.plan == LeavePlan("not_alike_now"):
            # HubSpot alone knows the domains of a company beside its first.
            unit, moved = self._next(position, Known(self.by_count, further_domains_of(self.client, unit)))
        is_there = unit is not None and self._is_also_there(unit)
        try:
            to_send_to = (self._merge_there if is_there else self._merge_here)(unit, moved)
        except RefusedError:
            # Somebody has written one of the two in the same moment.
            to_send_to = self._leave(unit, moved)
        except OutdatedReadError:
            # Another run has written to an object of the pair, which is looked at again.
            time.sleep(_READ_AGAIN_AFTER_S)
            return position
        announce_merge(lease.services, to_send_to)
        return moved

    def _next(self, position: Position, known: Known) -> tuple[Unit | None, Position]:
        with self.lease.services.database.reading() as session:
            run = runs.get(session, self.lease.run_id)
            if run is None:
                raise FencedOffError(f"run {self.lease.run_id} is not here any more")
            return next_unit(session, run, self.options, position, known)

    def _merge_here(self, unit: Unit | None, moved: Position) -> list[int]:
        """Merge two records here alone, or foresee it; the connections that are to hear of that."""
        entry: Entry | None = None
        to_send_to: list[int] = []
        with self.lease.services.database.writing() as session:
            run = lock_run(session, self.lease.run_id, self.lease.fence)
            if unit is not None:
                entry, to_send_to = _merged_here(session, run, unit, is_also_there=self.options.is_also_there)
            self._write(session, run, entry, moved)
        return to_send_to

    def _leave(self, unit: Unit | None, moved: Position) -> list[int]:
        with self.lease.services.database.writing() as session:
            run = lock_run(session, self.lease.run_id, self.lease.fence)
            entry = _left(unit, "changed_since") if unit is not None else None
            self._write(session, run, entry, moved)
        return []

    def _is_also_there(self, unit: Unit) -> bool:
        if not self.options.is_also_there or self.lease.is_preview:
            return False
        return unit.announced is not None or unit.objects() is not None

    def _merge_there(self, unit: Unit | None, moved: Position) -> list[int]:
        """Merge two objects, then their records; the connections that are to hear of that."""
        lease = self.lease
        if unit is None:
            return []
        announced, answer = self._carried_out(unit)
        to_send_to: list[int] = []
        with lease.services.database.writing() as session:
            run = lock_run(session, lease.run_id, lease.fence)
            if announced is not None and isinstance(answer, str):
                user_id = run.started_by_id
                entry, to_send_to = merge_in_hubspot.finish(
                    session, unit.pair_id, announced, answer, user_id=user_id
                )
            else:
                pairs.announce(session, unit.pair_id, None)
                error_text = getattr(answer, "stored_text", None)
                entry = _left(unit, "merge_refused" if error_text else "merge_object_gone", error_text)
            self._write(session, run, entry, moved)
        return to_send_to

    def _carried_out(self, unit: Unit) -> tuple[Announced | None, str | HubSpotError | None]:
        """What is merged, and its end: the object of both, why HubSpot refused, or None where one is gone."""
        if unit.announced is not None:
            return unit.announced, merge_in_hubspot.carry_out(self.client, unit.announced, is_first=False)
        with self.lease.services.database.reading() as session:
            generation = generations.current(session, self.lease.connection_id)
        announced = self._prepared(unit)
        if announced is None:
            return None, None
        if not announced.before:
            return announced, merge_in_hubspot.merged_by_somebody(self.client, announced)
        with self.lease.services.database.writing() as session:
            lock_run(session, self.lease.run_id, self.lease.fence)
            merge_in_hubspot.announce(session, unit.pair_id, announced, generation)
        return announced, merge_in_hubspot.carry_out(self.client, announced, is_first=True)

    def _prepared(self, unit: Unit) -> Announced | None:
        """A merge with what both objects hold: nothing where one of them is not there any more."""
        lease, plan, objects = self.lease, unit.plan, unit.objects()
        if objects is None or isinstance(plan, LeavePlan):
            return None
        before = merge_in_hubspot.read_both(
            lease.services, self.client, lease.connection_id, unit.object_type, objects
        )
        return Announced(
            connection_id=lease.connection_id,
            run_id=lease.run_id,
            object_type=unit.object_type,
            stays=plan.stays,
            goes=plan.goes,
            primary=objects[0],
            other=objects[1],
            values_from=plan.values_from,
            before=before or {},
            name=unit.name(plan.goes),
        )

    def _write(self, session: Session, run: Run, entry: Entry | None, moved: Position) -> None:
        now, kind = datetime.now(UTC), self.options.object_type
        entries = [entry] if entry is not None else []
        log_page(session, run, now, kind, entries, checkpoint=self.lease.checkpoint_at(moved))


def _merged_here(session: Session, run: Run, unit: Unit, *, is_also_there: bool) -> tuple[Entry, list[int]]:
    """Leave a pair, foresee what becomes of it, or merge it here."""
    plan = unit.plan
    if isinstance(plan, LeavePlan):
        return _left_by_plan(unit, plan), []
    detail = {"merged": plan.goes, "merged_name": unit.name(plan.goes)}
    remote_id = unit.records[plan.stays].remote_id
    if run.is_preview:
        merge_log.foresee(session, run, unit.object_type, sorted(unit.records))
        reason = "merged_both" if is_also_there and unit.objects() else "merged_duplicate"
        name = unit.name(plan.stays)
        return Entry(plan.stays, remote_id, name, outcomes.UPDATED, reason, detail=detail), []
    done = merge_one(
        session,
        unit.object_type,
        plan.stays,
        plan.goes,
        values_from=plan.values_from,
        user_id=run.started_by_id,
        now=datetime.now(UTC),
    )
    changes = [list(change) for change in done.changes] or None
    name = done.name[:LONGEST_NAME]
    entry = Entry(
        plan.stays, remote_id, name, outcomes.UPDATED, "merged_duplicate", changes=changes, detail=detail
    )
    return entry, done.to_send_to


def _left_by_plan(unit: Unit, plan: LeavePlan) -> Entry:
    """The entry of two records that are not to be merged, or of what is left of them."""
    first, second = (*unit.records, None, None)[:2]
    detail = None
    if second is not None:
        detail = {"record_id": second, "resembles": unit.name(second), "evidence": []}
    name = unit.name(first) if first is not None else ""
    return Entry(first, None, name, outcomes.SKIPPED, plan.reason, detail=detail)


def _left(unit: Unit, reason: str, error_text: str | None = None) -> Entry:
    """Why two records were left as they are."""
    first = next(iter(unit.records))
    detail = {"error": error_text} if error_text else None
    remote_id = unit.records[first].remote_id
    return Entry(first, remote_id, unit.name(first), outcomes.SKIPPED, reason, detail=detail)
