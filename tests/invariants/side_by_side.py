"""Two workers at once: one waits behind a step of its own while another one works, or a person acts."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.invariants.machine import begun_automatically, begun_reconcile, picked
from tests.invariants.people import CLOCKS, FIELD, KINDS, PICKS, People
from tests.support.applications.services import bound_jobs, current_services
from tests.support.applications.workers_in_turn import waiting_behind
from tests.support.usecases import pulling
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import PullRecordOptions, PushRecordOptions
from webapp.errors import RefusedError
from webapp.models import Run
from webapp.usecases.runs import of_record
from webapp.usecases.undo import run as undo_run

_RUNS = ("pull", "push", "auto_push", "refresh", "reconcile", "undo", "push_record", "pull_record")
_FIRST = st.sampled_from(_RUNS)
_SECOND = st.sampled_from((*_RUNS, "reconcile", "edit here", "edit there", "archive there", "same run"))
_BY_PERSON_THERE = ("edit there", "archive there")
_MOST_SLICES = 3
"""Of the second worker while the first one waits: what it has to wait for does not come."""


class SideBySide(People):
    """Steps of two workers."""

    @rule(
        first=_FIRST,
        second=_SECOND,
        step=st.integers(1, 30),
        kind=KINDS,
        pick=PICKS,
        field=FIELD,
        value=st.sampled_from(("Ulm", "Bonn", "Kiel")),
        clock=CLOCKS,
    )
    @precondition(lambda self: self.was_pulled)
    def work_side_by_side(
        self,
        *,
        first: str,
        second: str,
        step: int,
        kind: ObjectType,
        pick: int,
        field: str,
        value: str,
        clock: int,
    ) -> None:
        """A worker waits behind a step while another one works, or a person; then everything is compared."""
        has_undo = "undo" in (first, second)
        with self.checked(unlinks=has_undo) as ledger:
            run_id = self._begun(first, kind, pick)
            if run_id is None:
                return
            with waiting_behind(lambda: pulling.worked_off(run_id), step):
                if second == "edit here":
                    self.edit_here(kind, pick, field, value, clock)
                elif second in _BY_PERSON_THERE:
                    with ledger.person_in_hubspot():
                        if second == "edit there":
                            self.edit_there(kind, pick, field, value)
                        else:
                            self.archive_there(kind, pick)
                else:
                    self._work_beside(run_id if second == "same run" else self._begun(second, kind, pick))
        self.compare()

    @rule(kind=KINDS, pick=PICKS, step=st.integers(1, 14), clock=CLOCKS)
    @precondition(lambda self: self.was_pulled)
    def edit_what_is_being_sent(self, kind: ObjectType, pick: int, step: int, clock: int) -> None:
        """A record is edited again while a worker sends it (B44)."""
        self.edit_here(kind, pick, "city", "Jena", clock)
        with self.checked():
            run_id = begun_automatically("auto_push", self.world.connection_id)
            if run_id is not None:
                with waiting_behind(lambda: pulling.worked_off(run_id), step):
                    self.edit_here(kind, pick, "city", "Gera", clock)

    @rule(kind=KINDS, pick=PICKS, step=st.integers(1, 14), reader=st.sampled_from(("refresh", "reconcile")))
    @precondition(lambda self: self.was_pulled)
    def send_what_is_being_read(self, kind: ObjectType, pick: int, step: int, reader: str) -> None:
        """A worker has read an object, or is about to, while another one writes to it (B47)."""
        self._send_an_edit(kind, pick, "Jena")
        pair = self.linked_pair(kind, pick)
        if pair is None:
            return
        self.edit_there(kind, self.world.there(kind).index(pair[1]), "region", f"Region {step}")
        self.typed.add(kind, pair[0], "city", "Gera")
        self.world.type_here(kind, pair[0], city="Gera")
        with self.checked():
            run_id = self._begun(reader, kind, pick)
            if run_id is not None:
                with waiting_behind(lambda: pulling.worked_off(run_id), step):
                    self._work_beside(begun_automatically("auto_push", self.world.connection_id))

    def _send_an_edit(self, kind: ObjectType, pick: int, value: str) -> None:
        pair = self.linked_pair(kind, pick)
        if pair is not None:
            self.typed.add(kind, pair[0], "city", value)
            self.world.type_here(kind, pair[0], city=value)
            with self.checked():
                begun_automatically("auto_push", self.world.connection_id)

    def _work_beside(self, run_id: int | None) -> None:
        for _ in range(_MOST_SLICES):
            run = pulling.run_of(run_id) if run_id is not None else None
            if run is None or run.state != "running" or run.not_before:
                break
            bound_jobs().run_slice(run.id, run.fence)

    def _begun(self, what: str, kind: ObjectType, pick: int) -> int | None:
        """A run that is requested, or begins without a person; None where there is nothing to do."""
        begin: dict[str, Callable[[], int | None]] = {
            "reconcile": begun_reconcile,
            "undo": self._begun_undo,
            "push_record": lambda: self._begun_record(PushRecordOptions, kind, pick),
            "pull_record": lambda: self._begun_record(PullRecordOptions, kind, pick),
        }
        if what in begin:
            return begin[what]()
        if what in ("pull", "push"):
            return self.begun(what)
        if what == "refresh":
            self.world.deliver_events(Random(pick))  # noqa: S311 - the same story for the same pick
        return begun_automatically(what, self.world.connection_id)

    def _begun_undo(self) -> int | None:
        """The undo of the latest push."""
        runs = pulling.all_rows(Run)
        latest = next((run for run in reversed(runs) if run.kind in ("push", "undo")), None)
        if latest is None or latest.kind == "undo" or latest.state != "finished":
            return None
        self.typed.forget_all()
        request = undo_run.UndoRequest(run_id=latest.id, archives=True)
        return undo_run.start(
            current_services(), request, trigger="button", user_id=None, is_preview=False
        ).run_id

    def _begun_record(
        self, options_type: type[PullRecordOptions | PushRecordOptions], kind: ObjectType, pick: int
    ) -> int | None:
        linked = {str(link.record_id) for link in self.world.links(kind)}
        record = picked([one for one in self.world.here(kind) if one.id in linked], pick)
        if record is None:
            return None
        if options_type is PullRecordOptions:
            self.typed.forget_all()
        try:
            options = options_type(object_type=kind, record_id=int(record.id))
            return of_record.start(current_services(), options, user_id=None).run_id
        except RefusedError:
            return None
