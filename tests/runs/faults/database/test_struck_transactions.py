"""PostgreSQL ends a transaction, or a connection, again and again: nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, text

from tests.support.applications.services import current_services
from tests.support.invariants import undisturbed
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import announced, give_key, objects
from webapp.models import Run
from webapp.services import Services
from webapp.settings import Settings
from webapp.store.database.engine import VANISHED
from webapp.store.database.trouble import TROUBLE_ERRORS
from webapp.usecases.runs import lifecycle

pytestmark = pytest.mark.postgresql

_FIRMS = 3
_MOST_STRIKES = 25
_ERROR = "DO $$ BEGIN RAISE EXCEPTION 'struck' USING ERRCODE = '{}'; END $$"


@pytest.fixture
def has_own_app() -> bool:
    """Its connections are ended."""
    return True


@pytest.fixture
def portal(sandbox: SandboxServer) -> SandboxServer:
    """A portal with some pages: more are struck no harder."""
    sandbox.restore_defaults(companies=60, contacts=150)
    return sandbox


class Striking:
    """Strikes at every so many statements of this process, perhaps of one kind, as often as is enough.

    With a code it is an error of the server's; without one the connection is ended.
    """

    def __init__(self, code: str | None, every: int, settings: Settings, *, kind: str = "") -> None:
        self.strikes = 0
        self._code, self._every = code, every
        self._url = settings.database_url.replace("+psycopg", "")
        self._kind, self._seen = kind, 0

    @contextmanager
    def during(self) -> Iterator[None]:
        event.listen(Engine, "before_cursor_execute", self._strike, retval=True)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", self._strike)

    def _strike(
        self, connection: Any, _cursor: Any, statement: str, parameters: Any, *_: object
    ) -> tuple[str, Any]:
        self._seen += self._kind in statement
        if self._kind not in statement or self._seen % self._every or self.strikes >= _MOST_STRIKES:
            return statement, parameters
        self.strikes += 1
        if self._code is not None:
            return _ERROR.format(self._code), {}
        pid = connection.connection.dbapi_connection.info.backend_pid
        with psycopg.connect(self._url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 60000)", [pid])
        return statement, parameters


def worked_off(run_id: int, striking: Striking) -> Run:
    """Work a run off while it is struck; as in life, the sweep takes up what was left where it was."""
    for _ in range(4 * _MOST_STRIKES):
        run = pulling.run_of(run_id)
        if run.state not in ("queued", "running"):
            return run
        with striking.during(), suppress(*TROUBLE_ERRORS):
            pulling.one_slice(run_id)
        current_services().redis.flushall()
        pulling.change(run_id, not_before=None)
        lifecycle.start_next(current_services())
    raise AssertionError(f"run {run_id} does not come to an end")


_KINDS = pytest.mark.parametrize(
    ("code", "every"), [(None, 23), ("40P01", 17)], ids=["connection ended", "deadlock"]
)


@_KINDS
@pytest.mark.long
def test_a_pull(
    connection_id: int, portal: SandboxServer, settings: Settings, code: str | None, every: int
) -> None:
    assert portal
    expected, counts = undisturbed.pull(connection_id)
    striking = Striking(code, every, settings)
    run = worked_off(pulling.begun(connection_id), striking)
    assert striking.strikes
    undisturbed.assert_whole(run, expected, counts)


@_KINDS
@pytest.mark.long
def test_a_push(
    in_app: object, sandbox: SandboxServer, settings: Settings, code: str | None, every: int
) -> None:
    assert in_app
    connection_id = pulling.connected()
    give_key(sandbox, connection_id)
    for number in range(_FIRMS):
        company = make_company(name=f"Firm {number}", domain=f"firm{number}.de")
        make_contact(company.id, first_name="Eva", last_name=f"Nr {number}", email=f"eva@firm{number}.de")
    striking = Striking(code, every, settings)
    run = worked_off(pulling.begun(connection_id, "push"), striking)
    assert striking.strikes
    assert (run.state, run.error_text, announced()) == ("finished", None, [])
    assert [run.counts[kind] for kind in ("companies", "contacts")] == [{"created": _FIRMS}] * 2
    assert [len(objects(sandbox, kind)) for kind in ("companies", "contacts")] == [_FIRMS, _FIRMS]
    assert [entry.seq for entry in pulling.entries(run.id)] == list(range(1, 2 * _FIRMS + 1))


@pytest.mark.parametrize(("code", "goes_on"), [("40P01", True), ("40001", True), ("57014", False)])
def test_a_run_that_met_another_transaction_goes_on_at_once(
    connection_id: int, settings: Settings, portal: SandboxServer, code: str, *, goes_on: bool
) -> None:
    portal.settings(latency_ms=0)
    run_id = pulling.begun(connection_id)
    with Striking(code, 1, settings, kind="FOR UPDATE").during():
        pulling.one_slice(run_id)
    run = pulling.run_of(run_id)
    assert (run.state, run.waiting_for) == ("running", "database")
    assert run.not_before is not None
    assert run.touched_at is not None
    assert (run.not_before <= run.touched_at) is goes_on


def test_what_has_vanished_is_noticed_on_either_side(services: Services) -> None:
    with services.database.reading() as session:
        connection = session.connection().connection.dbapi_connection
        assert isinstance(connection, psycopg.Connection)
        given = connection.info.get_parameters()
        assert {name: given.get(name) for name in VANISHED} == {
            name: str(value) for name, value in VANISHED.items()
        }
        names = ["lock_timeout", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count"]
        found = session.execute(
            text("SELECT name, source FROM pg_settings WHERE name = ANY(:names)"), {"names": names}
        )
        assert {tuple(row) for row in found} == {(name, "session") for name in names}
