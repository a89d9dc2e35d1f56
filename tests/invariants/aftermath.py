"""What ends is restarted, what is sent is sent once, and who asks is not passed by, whatever clocks say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import pytest
from flask import Flask, current_app
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import update

from tests.invariants.people import CLOCKS, KINDS, People, clock_off
from tests.invariants.syncs import Syncs
from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.applications.turns import take_turns
from tests.support.applications.workers_in_turn import killed_behind
from tests.support.faults.kills import PowerCutError, finished_in_the_end
from tests.support.invariants import laws
from tests.support.servers.smtp import HangingUp, Mailbox, mail_server
from tests.support.usecases import pulling
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import mass_change as rule_of_mass_changes
from webapp.models import Mail, Run
from webapp.store.notifications import mails
from webapp.usecases.runs import machinery, mass_change
from webapp.usecases.runs.queues import QUEUES

_BULK = st.sampled_from(("pull", "push"))
_AUTOMATIC = st.sampled_from(("refresh", "auto_push", "reconcile"))
_INWARD = st.sampled_from(("refresh", "reconcile"))
_MAIL_TROUBLES = st.sampled_from(("none", "killed before", "killed behind", "hangs up"))
_SEVERAL_CLOCKS = st.lists(CLOCKS, min_size=2, max_size=3)
_UNSENT = ("waiting", "sending")
_FEWEST = 3
_ELSEWHERE = {"mail_late", "disk_low"}
_MOST_TRIES = 4


class Aftermath(People, Syncs):
    """Steps of machines: their clocks, their ends, their mails, and the guard against mass changes."""

    mailbox: Mailbox

    @rule(kind=_BULK, clocks=_SEVERAL_CLOCKS)
    def run_by_several_clocks(self, kind: str, clocks: list[int]) -> None:
        """Each slice is worked off by a machine whose clock shows another time."""
        with self.checked(rests=False) as ledger:
            run_id = self.begun(kind)
            _worked_off_by(run_id, clocks)
            run = finished_in_the_end(pulling.run_of(run_id))
        self.was_pulled = self.was_pulled or kind == "pull"
        (laws.after_pull if kind == "pull" else laws.after_push)(ledger.opening, ledger.closing, run)

    @rule(kind=_AUTOMATIC, seed=st.integers(0, 1000), clocks=_SEVERAL_CLOCKS)
    @precondition(lambda self: self.was_pulled)
    def run_automatically_by_several_clocks(self, kind: str, seed: int, clocks: list[int]) -> None:
        """The same, of a run that nobody has requested."""
        with self.checked():
            with clock_off(clocks[0]):
                run_id = self.begun_by_nobody(kind, seed)
            if run_id is not None:
                _worked_off_by(run_id, clocks)

    @rule(kind=_BULK, step=st.integers(1, 40))
    def end_everything(self, kind: str, step: int) -> None:
        """All processes are killed: the pages report it, and the run continues once they are back."""
        with self.checked(rests=False) as ledger:
            run_id = self.begun(kind)
            try:
                with killed_behind(step):
                    pulling.worked_off(run_id)
            except PowerCutError:
                pass
            services = current_services()
            services.redis.flushall()
            assert set(machinery.troubles(services)) - _ELSEWHERE
            with machinery.worker_sign(services, QUEUES):
                machinery.sign_schedule(services)
                assert not set(machinery.troubles(services)) - _ELSEWHERE
                _nobody_has_touched(run_id)
                take_turns()
            run = finished_in_the_end(pulling.run_of(run_id))
        self.was_pulled = self.was_pulled or kind == "pull"
        (laws.after_pull if kind == "pull" else laws.after_push)(ledger.opening, ledger.closing, run)

    @rule(trouble=_MAIL_TROUBLES)
    def mail_the_end_of_a_push(self, trouble: str) -> None:
        """The mail about a push is sent under one Message-ID, and once where that can be told."""
        self.run_bulk("push")
        _send_unsent("none", self.mailbox)
        self.run_bulk("push")
        [mail] = _unsent()
        _send_unsent(trouble, self.mailbox)
        [mail] = [one for one in pulling.all_rows(Mail) if one.id == mail.id]
        assert mail.state == ("uncertain" if trouble == "killed behind" else "sent")
        arrived = Counter(str(one["Message-ID"]) for one in self.mailbox.messages)
        assert arrived[str(mail.message_id)] == (2 if trouble == "hangs up" else 1)
        runs = [run for run in pulling.all_rows(Run) if run.kind == "push" and not run.is_preview]
        about = Counter(one.run_id for one in pulling.all_rows(Mail) if one.run_id is not None)
        assert {run.id: about[run.id] for run in runs if run.finished_at} == {run.id: 1 for run in runs}

    @rule(kind=KINDS, first=_INWARD, second=_INWARD, value=st.sampled_from(("Ulm", "Bonn", "Kiel")))
    @precondition(lambda self: self.was_pulled)
    def change_very_many(self, kind: ObjectType, first: str, second: str, value: str) -> None:
        """A run that nobody requested asks before very many change, and no other one passes it by."""
        there = {one.id: one for one in self.world.there(kind)}
        linked = [one.remote_id for one in self.world.links(kind) if one.remote_id in there]
        for remote_id in linked:
            self.typed.forget_object(kind, remote_id, "city")
            self.world.edit_there(kind, there[remote_id], "city", value)
        with self.checked(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(rule_of_mass_changes, "FEWEST", _FEWEST)
            asking = self._asking(first)
            if asking is not None:
                before = laws.picture(self.world)
                beside = self.begun_by_nobody(second, 1)
                if beside is not None:
                    pulling.worked_off(beside)
                assert laws.picture(self.world) == before
                assert mass_change.allow(current_services(), asking)
            _let_everybody_go_on()

    def _asking(self, kind: str) -> int | None:
        """A run that has begun and asks; None where it had too little to change for that."""
        run_id = self.begun_by_nobody(kind, 0)
        run = pulling.worked_off(run_id) if run_id is not None else None
        return run.id if run is not None and run.approval == "asked" else None


def _worked_off_by(run_id: int, clocks: list[int]) -> None:
    for clock in cycle(clocks):
        run = pulling.run_of(run_id)
        if run.state != "running" or run.not_before:
            return
        with clock_off(clock):
            pulling.one_slice(run_id)


def _nobody_has_touched(run_id: int) -> None:
    """So much time goes by that everybody takes the run's worker for dead."""
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    pulling.change(run_id, touched_at=long_ago)


def _let_everybody_go_on() -> None:
    """The administrator allows whatever asks for it."""
    for run in pulling.all_rows(Run):
        if run.state == "running" and run.approval == "asked":
            mass_change.allow(current_services(), run.id)


def _unsent() -> list[Mail]:
    return [one for one in pulling.all_rows(Mail) if one.state in _UNSENT]


def _send_unsent(trouble: str, mailbox: Mailbox) -> None:
    """Every mail that waits is tried, at first with some trouble, as often as it has to be."""
    with _in_trouble(trouble, mailbox):
        _try_unsent()
    for _ in range(_MOST_TRIES):
        if not _unsent():
            return
        with writing() as session:
            session.execute(update(Mail).values(not_before=datetime.now(UTC) - timedelta(seconds=1)))
        _try_unsent()
    raise AssertionError(f"never sent: {[(one.id, one.state, one.error_text) for one in _unsent()]}")


def _try_unsent() -> None:
    for one in _unsent():
        try:
            bound_jobs().send_mail(one.id)
        except PowerCutError:
            continue


@contextmanager
def _in_trouble(trouble: str, mailbox: Mailbox) -> Iterator[None]:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def killed(*_: Any, **__: Any) -> None:
        raise PowerCutError

    with pytest.MonkeyPatch.context() as patch:
        if trouble == "killed before":
            patch.setattr(mails, "hand_over", killed)
        if trouble == "killed behind":
            patch.setattr(mails, "record_outcome", killed)
        if trouble == "hangs up":
            with mail_server(app, HangingUp(mailbox, times=1)):
                yield
        else:
            yield
