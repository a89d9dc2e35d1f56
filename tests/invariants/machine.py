"""What every step of the machine has in common: the world, the ledger of a step, and what was typed here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis.stateful import RuleBasedStateMachine

from tests.invariants.typed import TypedHere
from tests.support.applications.rest import come_to_rest
from tests.support.applications.services import bound_jobs, current_services
from tests.support.invariants import laws, log_laws
from tests.support.invariants.ledger import Ledger
from tests.support.invariants.world import Thing, World
from tests.support.usecases import pulling
from webapp.domain.records.fields import ObjectType
from webapp.models import Run
from webapp.usecases.reconcile import begin as begin_reconcile


class Machine(RuleBasedStateMachine):
    """One example: two sides, and what is done to them.

    Attributes:
        was_pulled: whether a pull has finished, before which nothing is synced automatically.
        typed: what people typed here and nobody has overwritten since.
        left_by_undo: the objects whose link an undo took away; only a pull brings them back.
    """

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.last_tag = 0
        self.was_pulled = False
        self.typed = TypedHere(self.world)
        self.left_by_undo: set[tuple[ObjectType, str]] = set()

    @contextmanager
    def checked(
        self, *, rests: bool = True, unlinks: bool = False, has_two: bool = False, fails: str = ""
    ) -> Iterator[Ledger]:
        """A ledger of what is done in the block, closed at its end.

        Args:
            rests: Whether everything that works or waits is worked off before.
            unlinks: Whether links may go.
            has_two: Whether a person is to decide about what is there twice.
            fails: The reason for which records may fail.
        """
        ledger = Ledger(self.world)
        yield ledger
        if rests:
            come_to_rest()
        self.world.sandbox.clear_faults()
        ledger.balance()
        if not has_two:
            laws.nothing_twice(ledger.closing)
        expected = (fails, "made_meanwhile") if has_two else (fails,)
        log_laws.nothing_failed(ledger.entries, ledger.closing, but=expected)
        log_laws.only_edited_sent(ledger.entries, self.world.changed)
        if unlinks:
            self.left_by_undo |= laws.unlinked(ledger.opening, ledger.closing)
        else:
            laws.no_lost_links(ledger.opening, ledger.closing, self.world)
        if rests and self.was_pulled:
            self.typed.check(ledger.closing)

    def compare(self) -> None:
        """Compare everything, and check that nothing in HubSpot is unknown here."""
        with self.checked() as ledger:
            pulling.worked_off(begun_reconcile())
        laws.after_comparison(ledger.closing, self.world, self.left_by_undo)

    def begun(self, kind: str) -> int:
        """Somebody presses a button, by which what is typed here may be overwritten."""
        if kind != "push":
            self.typed.forget_all()
        return pulling.begun(self.world.connection_id, kind)

    def linked_pair(self, kind: ObjectType, pick: int) -> tuple[Thing, Thing] | None:
        """A record and its object, if any are linked."""
        records = {one.id: one for one in self.world.here(kind)}
        objects = {one.id: one for one in self.world.there(kind)}
        links = [one for one in self.world.links(kind) if one.state == "linked" and one.remote_id in objects]
        if not links:
            return None
        link = links[pick % len(links)]
        return records[str(link.record_id)], objects[link.remote_id]

    def add(self, kind: ObjectType, side: str, *, is_known: bool, pick: int = 0) -> None:
        """Make a record or an object, or both; on both sides at once only what can be recognised."""
        self.last_tag += 1
        is_known = is_known or side == "both"
        domain = f"n{self.last_tag}.de"
        key = (domain if kind == "companies" else f"eva@{domain}") if is_known else None
        for one, things, add in (
            ("here", self.world.here, self.world.add_here),
            ("there", self.world.there, self.world.add_there),
        ):
            if side in (one, "both"):
                company = picked(things("companies"), pick) if kind == "contacts" else None
                if kind == "companies" or company is not None:
                    add(kind, f"Thing {self.last_tag}", key, company.id if company else None)


def begun_reconcile() -> int:
    """A comparison of everything that somebody has requested; its number."""
    started = begin_reconcile.start(current_services(), trigger="button", user_id=None, is_full=True)
    return started.run_id


def begun_automatically(kind: str, connection_id: int) -> int | None:
    """The hour's run that looks into webhook events or sends edits, if there is something to do."""
    jobs = bound_jobs()
    (jobs.begin_refresh if kind == "refresh" else jobs.begin_auto_push)(connection_id)
    run = latest(kind)
    return run.id if run is not None and run.state == "running" else None


def latest(kind: str) -> Run | None:
    """The run of this kind that is open, or was begun last."""
    return next((run for run in reversed(pulling.all_rows(Run)) if run.kind == kind), None)


def picked(things: list[Thing], pick: int) -> Thing | None:
    """One of some things; None of none."""
    return things[pick % len(things)] if things else None
