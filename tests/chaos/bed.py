"""Where cells take place: a portal, a Redis, a mail server, a database, and workers that can be killed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import or_, select, update

from tests.chaos.steps import FOLDER, Orders
from tests.support import pulling
from tests.support.app import ROOT, application, make_settings, migrate
from tests.support.redis_server import redis_server
from tests.support.sandbox_server import SandboxServer
from tests.support.services import current_services, reading, writing
from tests.support.smtp import Mailbox, catching_mail
from tests.support.users import add_user
from tests.support.worker_process import WorkerProcess
from tests.support.world import World
from webapp.models import Connection, InboxEvent, Mail, OutboxRecord, Run
from webapp.store.connection import troubles
from webapp.usecases.connection import connect

_POLL_S = 0.03
_LONGEST_S = 90.0
"""How long a cell may take before it is given up; most take two seconds."""

_AT_REST_S = 0.25

_ANSWERS_WITHIN = timedelta(seconds=10)
"""A mail server answers within this; the sender of a mail that was handed over before then was killed."""


class StuckError(AssertionError):
    """A cell does not come to rest."""


class Bed:
    """A running installation with nothing in it, connected with an empty portal.

    Call everything within its application's context, as `bed` yields it.

    Attributes:
        began_at: when the flow of the present cell was begun.
        last_mail_id: the last mail before it.
    """

    def __init__(
        self, sandbox: SandboxServer, mailbox: Mailbox, worker: WorkerProcess, orders: Orders, user_id: int
    ) -> None:
        self.sandbox = sandbox
        self.mailbox = mailbox
        self.worker = worker
        self.orders = orders
        self.user_id = user_id
        self.world = World(sandbox, pulling.connected())
        self.began_at = datetime.now(UTC)
        self.last_mail_id = 0

    def clear(self) -> None:
        """Empty both sides, once everything is at rest."""
        self.come_to_rest()
        self.orders.clear()
        self.mailbox.messages.clear()
        self.world.begin()
        with writing() as session:
            connection = session.get_one(Connection, self.world.connection_id)
            # The schedule's own looks for missed changes are another flow.
            connection.reconciled_at = connection.compared_at = datetime.now(UTC)

    def come_to_rest(self) -> None:
        """Wait until nothing works and nothing waits any more; waits for HubSpot's sake are cut short.

        Raises:
            StuckError: it takes too long.
        """
        deadline = time.monotonic() + _LONGEST_S
        rested_at: float | None = None
        while rested_at is None or time.monotonic() - rested_at < _AT_REST_S:
            busy = self.busy_with()
            if not busy:
                rested_at = rested_at or time.monotonic()
            else:
                rested_at = None
                self._cut_waits_short()
            self._connect_again()
            if time.monotonic() > deadline:
                raise StuckError(f"not at rest after {_LONGEST_S:.0f} s: {', '.join(busy)}")
            time.sleep(_POLL_S)
        self._give_back_what_was_withdrawn()

    def busy_with(self) -> list[str]:
        """What works or waits."""
        with reading() as session:
            runs = session.scalars(select(Run).where(Run.state.in_(("queued", "running"))))
            busy = [f"{run.kind} {run.id} {run.state} {run.waiting_for or ''}".strip() for run in runs]
            waiting = {
                "webhook events": session.scalars(select(InboxEvent.id)).all(),
                "edits": session.scalars(select(OutboxRecord.record_id)).all(),
                "mails": session.scalars(select(Mail.id).where(Mail.state == "waiting")).all(),
            }
        return busy + [f"{len(some)} {name}" for name, some in waiting.items() if some]

    def cut_power(self) -> None:
        """End the supervisor and all its processes at once, lose what Redis held, and start again."""
        self.worker.kill()
        current_services().redis.flushall()
        self.worker.start()

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

    def _cut_waits_short(self) -> None:
        soon = datetime.now(UTC) + timedelta(seconds=1)
        late = datetime.now(UTC) - timedelta(seconds=1)
        # One whose sender still waits for the server's answer would be given up.
        in_flight = Mail.handed_at > datetime.now(UTC) - _ANSWERS_WITHIN
        mails = Mail.not_before > soon, or_(Mail.handed_at.is_(None), ~in_flight)
        with reading() as session:
            is_waiting = session.scalar(
                select(Run.id).where(Run.state == "running", Run.not_before > soon).limit(1)
            )
            is_waiting = is_waiting or session.scalar(select(Mail.id).where(*mails).limit(1))
            is_waiting = is_waiting or session.scalar(
                select(InboxEvent.id).where(InboxEvent.not_before > soon).limit(1)
            )
        if is_waiting:
            # What the portal's limits were learned to be goes too, or a call would wait for the end of a day.
            current_services().redis.flushall()
            with writing() as session:
                session.execute(
                    update(Run).where(Run.state == "running", Run.not_before > soon).values(not_before=late)
                )
                session.execute(update(Mail).where(*mails).values(not_before=late))
                session.execute(
                    update(InboxEvent).where(InboxEvent.not_before > soon).values(not_before=late)
                )


@contextmanager
def bed(folder: Path) -> Iterator[Bed]:
    """Make one up in an existing folder, with two workers; it is taken down at the end."""
    orders_folder = folder / "orders"
    orders_folder.mkdir()
    database_url = f"sqlite:///{folder / 'twinbook.db'}"
    migrate(database_url, folder / "instance")
    with (
        SandboxServer().start(companies=0, contacts=0) as sandbox,
        catching_mail() as mailbox,
        redis_server() as redis_url,
    ):
        settings = make_settings(
            folder / "instance",
            database_url,
            redis_url=redis_url,
            hubspot_api_url=sandbox.url,
            hubspot_app_url=sandbox.url,
            mail_server=mailbox.host,
            mail_port=mailbox.port,
            mail_default_sender="twinbook@example.com",
        )
        worker = WorkerProcess(
            settings,
            folder,
            program=ROOT / "tests" / "chaos" / "worker.py",
            workers=2,
            environment={FOLDER: str(orders_folder)},
        )
        with application(settings) as app:
            user = add_user(app, "ada@example.com", "Ada", "administrator")
            worker.start()
            try:
                with app.app_context():
                    yield Bed(sandbox, mailbox, worker, Orders(orders_folder), user.id)
            finally:
                worker.stop()
