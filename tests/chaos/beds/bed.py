"""Where cells take place: a portal, a Redis, a mail server, a database, and workers that can be killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from tests.chaos.beds import waits
from tests.chaos.beds.repeated_command import RepeatedCommand
from tests.chaos.steps import FOLDER, Orders
from tests.support.applications.app import ROOT, application, make_settings, migrate, program_environment
from tests.support.applications.services import current_services, reading, writing
from tests.support.applications.worker_process import WorkerProcess
from tests.support.invariants.world import World
from tests.support.samples.users import add_user
from tests.support.servers.redis_server import RedisServer, own_redis
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.servers.smtp import Mailbox, catching_mail
from tests.support.usecases import pulling
from webapp.models import Connection, CreationCheck, Erasure, InboxEvent, Mail, OutboxRecord, Run
from webapp.store.connection import troubles
from webapp.usecases.connection import connect

_POLL_S = 0.03
_WORKERS = 3
"""Where one of them is stopped, another one takes up bulk work, which the first does not."""
_LONGEST_S = 90.0
"""How long a cell may take before it is given up; most take two seconds."""

_AT_REST_S = 0.25
"""After so long without anything to do nothing comes any more, whatever Redis has of the jobs of the dead."""
_IDLE_S = 0.08
"""The same where Redis has no job at all: the time between two of them."""
_NO_JOB_S = 1.5
"""After so long nobody is on the way to what a person decided: the job is lost."""

_TAKEN_OVER_S = 4.0
"""After so long nobody takes over any more, since nothing was left to do."""

_DECISIONS = "decisions"


class StuckError(AssertionError):
    """A cell does not come to rest."""


class Servers(NamedTuple):
    """The servers that a bed has around it."""

    sandbox: SandboxServer
    mailbox: Mailbox
    redis: RedisServer


class Bed:
    """A running installation with nothing in it, connected with an empty portal.

    Call everything within its application's context, as `bed` yields it.

    Attributes:
        folder: its own, for what a cell needs on the disk.
        last_mail_id: the last mail before the flow of the present cell.
        ahead_of_rest: is called before anybody waits until nothing works any more, as what ends an outage.
        continued: how many runs of the present flow a person has continued.
        erased: the records that go in the present flow without an entry in a log: object type and number.
    """

    def __init__(self, folder: Path, servers: Servers, worker: WorkerProcess, user_id: int) -> None:
        self.folder = folder
        self.sandbox, self.mailbox, self.redis = servers
        self.worker = worker
        self.orders = Orders(_orders_of(folder))
        self.user_id = user_id
        self.world = World(self.sandbox, pulling.connected())
        self.last_mail_id = 0
        self.ahead_of_rest: Callable[[], object] = lambda: None
        self.continued = 0
        self.erased: set[tuple[str, str]] = set()
        self._command: RepeatedCommand | None = None
        self._has_killed = False
        self._was_missed = False

    def clear(self) -> None:
        """Empty both sides, once everything is at rest."""
        self.come_to_rest()
        self.orders.clear()
        self._has_killed = self._was_missed = False
        self._command = None
        self.continued = 0
        self.erased.clear()
        self.mailbox.messages.clear()
        self.world.begin()
        self.looked_for_changes(at=datetime.now(UTC))

    def looked_for_changes(self, *, at: datetime) -> None:
        """Have the schedule not look for missed changes for a while: that is another flow.

        Args:
            at: The present time, as the workers' clocks show it.
        """
        with writing() as session:
            connection = session.get_one(Connection, self.world.connection_id)
            connection.reconciled_at = connection.compared_at = at

    def come_to_rest(self) -> None:
        """Wait until nothing works and nothing waits any more; waits for HubSpot's sake are cut short.

        Raises:
            StuckError: it takes too long.
        """
        self.ahead_of_rest()
        deadline = time.monotonic() + _LONGEST_S
        rested_at: float | None = None
        decided_at: float | None = None
        while rested_at is None or time.monotonic() - rested_at < (
            _IDLE_S if waits.is_idle() else _AT_REST_S
        ):
            busy = self.busy_with() or self._calls_under_way()
            if not busy:
                rested_at = rested_at or time.monotonic()
            else:
                rested_at = None
                self._let_time_pass()
            decided_at = (decided_at or time.monotonic()) if busy == [_DECISIONS] else None
            if decided_at is not None and time.monotonic() - decided_at > _NO_JOB_S:
                waits.look_for_lost_decisions()
            self._connect_again()
            if time.monotonic() > deadline:
                raise StuckError(f"not at rest after {_LONGEST_S:.0f} s: {', '.join(busy)}")
            time.sleep(_POLL_S)
        self._give_back_what_was_withdrawn()

    def busy_with(self) -> list[str]:
        """What works or waits."""
        workers_now = datetime.now(UTC) + timedelta(seconds=self.orders.skew_s())
        with reading() as session:
            runs = session.scalars(select(Run).where(Run.state.in_(("queued", "running"))))
            busy = [f"{run.kind} {run.id} {run.state} {run.waiting_for or ''}".strip() for run in runs]
            # Before a first Pull has finished they wait for a person to continue it.
            are_due = session.get_one(Connection, self.world.connection_id).first_pull_finished_at is not None
            events = session.scalars(select(InboxEvent.id)).all()
            waiting = {
                "webhook events": events if are_due else [],
                "edits": session.scalars(select(OutboxRecord.record_id)).all(),
                "erasures": session.scalars(select(Erasure.id).where(Erasure.finished_at.is_(None))).all(),
                "mails": session.scalars(select(Mail.id).where(Mail.state == "waiting")).all(),
                "checks of new objects": session.scalars(
                    select(CreationCheck.id).where(CreationCheck.not_before <= workers_now)
                ).all(),
            }
        busy += [f"{len(some)} {name}" for name, some in waiting.items() if some]
        busy += ["keys to renew"] if waits.are_keys_old() else []
        if self._command is not None and self._command.is_at_work():
            busy.append(str(self._command))
        if self._command is not None and self._command.fails:
            raise StuckError(f"{self._command} fails again and again")
        return busy + ([_DECISIONS] if waits.are_decisions_pending() else [])

    def _calls_under_way(self) -> list[str]:
        """The calls that HubSpot still works on, of whoever has ended meanwhile."""
        under_way = self.sandbox.under_way()
        return [f"{under_way} calls that HubSpot works on"] if under_way else []

    def kill_workers(self) -> None:
        """End the workers and the schedule at once; the supervisor has to notice."""
        self._has_killed = True
        self.worker.kill_child()

    def take_over_from(self, pid: int) -> None:
        """Let a process that is stopped be missed, and go on once another one works on its run."""
        before = _fences()
        waits.let_the_dead_be_missed()
        ends_at_s = time.monotonic() + _TAKEN_OVER_S
        while _fences().items() & before.items() and time.monotonic() < ends_at_s:
            time.sleep(_POLL_S)
        # Those who took over have come some way by then.
        time.sleep(_AT_REST_S)
        os.kill(pid, signal.SIGCONT)

    def cut_power(self) -> None:
        """End the supervisor and all its processes at once, lose what Redis held, and start again."""
        self._has_killed = True
        self.worker.kill()
        if self._command is not None:
            self._command.kill()
        current_services().redis.flushall()
        self.worker.start()

    def operate(self, *arguments: str) -> None:
        """Have an operator call a command, with the hooks of a worker; cut off, it is repeated."""
        environment = _environment(self.folder) | program_environment(current_services().settings)
        self._command = RepeatedCommand(arguments, environment, self.folder)

    def _let_time_pass(self) -> None:
        is_killed = self._has_killed or self.orders.was_killed()
        waits.cut_short(is_killed=is_killed)
        if is_killed and not self._was_missed:
            self._was_missed = True
            waits.let_the_dead_be_missed()

    def _connect_again(self) -> None:
        """A person does what the pages ask for where the token has died, or the account is in trouble."""
        connection = pulling.connection_of(self.world.connection_id)
        if connection.state == "failing":
            self.sandbox.restore_tokens()
            pulling.connected()
        elif troubles.lasting(connection) is not None:
            connect.test(current_services(), connection.id)

    def _give_back_what_was_withdrawn(self) -> None:
        """The portal is as it was, whether or not anybody has noticed that it was not."""
        self.sandbox.restore_tokens()
        self.sandbox.settings(withheld_scopes=[])


def _fences() -> dict[int, int]:
    """The fences of the runs that go on."""
    return {run.id: run.fence for run in pulling.all_rows(Run, state="running")}


@contextmanager
def bed(folder: Path) -> Iterator[Bed]:
    """Make one up in an existing folder, with its workers; it is taken down at the end."""
    _orders_of(folder).mkdir()
    database_url = f"sqlite:///{folder / 'twinbook.db'}"
    migrate(database_url, folder / "instance")
    with (
        SandboxServer().start(companies=0, contacts=0) as sandbox,
        catching_mail() as mailbox,
        own_redis() as redis,
    ):
        settings = make_settings(
            folder / "instance",
            database_url,
            redis_url=redis.url,
            hubspot_api_url=sandbox.url,
            hubspot_app_url=sandbox.url,
            mail_server=mailbox.host,
            mail_port=mailbox.port,
            mail_default_sender="twinbook@example.com",
        )
        worker = WorkerProcess(
            settings,
            folder,
            program=ROOT / "tests" / "chaos" / "beds" / "worker.py",
            workers=_WORKERS,
            environment=_environment(folder),
        )
        with application(settings) as app:
            user = add_user(app, "ada@example.com", "Ada", "administrator")
            worker.start()
            try:
                with app.app_context():
                    yield Bed(folder, Servers(sandbox, mailbox, redis), worker, user.id)
            finally:
                worker.stop()


def _orders_of(folder: Path) -> Path:
    return folder / "orders"


def _environment(folder: Path) -> dict[str, str]:
    return {FOLDER: str(_orders_of(folder))}
