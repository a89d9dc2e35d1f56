"""Trouble at HubSpot in the middle of a pull: nothing is lost, nothing comes twice (B40)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.support.applications.services import current_services, writing
from tests.support.clocks.patience import PATIENCE_S
from tests.support.pages.page import read_page
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Run
from webapp.store.connection.usage import Usage, add_usage
from webapp.usecases.connection import connect

pytestmark = pytest.mark.one_database

LISTS = "/crm/objects/*"
WHOLE = {"companies": {"created": 5}, "contacts": {"created": 5}}


@pytest.fixture(autouse=True)
def _five_of_each(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five companies with a contact each, read two at a time: six pages."""
    pulling.short_pages(monkeypatch, 2)
    for number in range(5):
        firm = sandbox.create("companies", {"name": f"Firm {number}", "domain": f"f{number}.de"})
        sandbox.create("contacts", {"firstname": f"P {number}", "email": f"p@f{number}.de"}, [firm["id"]])


def _assert_all_here_once(run: Run, sandbox: SandboxServer) -> None:
    assert (run.state, run.error, run.counts) == ("finished", None, WHOLE)
    assert (run.waiting_for, run.not_before) == (None, None)
    assert pulling.names(pulling.companies()) == [f"Firm {n}" for n in range(5)]
    assert pulling.names(pulling.contacts()) == [f"P {n}" for n in range(5)]
    assert [entry.seq for entry in pulling.entries(run.id)] == list(range(1, 11))
    assert sandbox.counts()["writes"] == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 429, "policy": "burst", "retry_after_s": 0},
        {"kind": "status", "status": 429, "policy": "search", "retry_after_s": 0},
        {"kind": "status", "status": 423},
        {"kind": "status", "status": 477, "retry_after_s": 0},
        {"kind": "status", "status": 502, "times": 2},
        {"kind": "status", "status": 500},
        {"kind": "cut_before", "times": 2},
        {"kind": "cut_after", "times": 2},
        {"kind": "malformed", "body": "truncated"},
        {"kind": "malformed", "body": "html"},
        {"kind": "malformed", "body": "empty"},
        {"kind": "status", "status": 502, "times": None, "rate": 0.3, "seed": 7},
    ],
    ids=lambda fault: "-".join(str(part) for part in fault.values()),
)
def test_passing_trouble_costs_a_pull_nothing(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, fault: dict[str, Any]
) -> None:
    """B40."""
    pulling.hasty_retries(monkeypatch)
    sandbox.fault(path=LISTS, method="GET", **{"after": 2, **fault})
    run = pulling.pulled(connection_id)
    _assert_all_here_once(run, sandbox)
    assert sum(fault["hits"] for fault in sandbox.faults()) > 0


def test_trouble_before_the_first_page_passes_too(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.hasty_retries(monkeypatch)
    sandbox.fault("status", status=429, policy="search", retry_after_s=0, path="*/search")
    sandbox.fault("cut_after", path="*/search")
    _assert_all_here_once(pulling.pulled(connection_id), sandbox)


@pytest.mark.parametrize(
    ("fault", "waiting_for"),
    [
        ({"kind": "status", "status": 429, "policy": "burst"}, "rate_limit"),
        ({"kind": "status", "status": 429, "policy": "daily"}, "daily_limit"),
        ({"kind": "status", "status": 477, "retry_after_s": 3600}, "migration"),
        ({"kind": "status", "status": 423, "times": 9}, "lock"),
        ({"kind": "status", "status": 502, "times": 9}, "hubspot_unreachable"),
        ({"kind": "cut_before", "times": 9}, "hubspot_unreachable"),
        ({"kind": "malformed", "body": "html", "times": 9}, "hubspot_unreachable"),
    ],
    ids=lambda part: part if isinstance(part, str) else "-".join(str(value) for value in part.values()),
)
def test_lasting_trouble_lets_a_pull_wait_and_go_on(
    connection_id: int,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],
    waiting_for: str,
) -> None:
    """B40: what was read stays, and the run says what it waits for and until when."""
    pulling.hasty_retries(monkeypatch)
    sandbox.fault(path=LISTS, method="GET", after=4, **fault)
    began = datetime.now(UTC)
    run = pulling.pulled(connection_id)
    assert (run.state, run.waiting_for, run.attempts) == ("running", waiting_for, 1)
    assert run.not_before is not None
    assert run.not_before > began + timedelta(seconds=1)
    assert run.waiting_since is not None
    assert run.counts == {"companies": {"created": 5}, "contacts": {"created": 2}}
    assert len(pulling.contacts()) == 2
    sandbox.clear_faults()
    run = pulling.wait_is_over(run.id)
    _assert_all_here_once(run, sandbox)
    assert (run.attempts, run.waiting_since) == (0, None)


def test_a_run_that_has_waited_a_day_for_nothing_gives_up(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.hasty_retries(monkeypatch)
    sandbox.fault("status", status=502, times=None, path=LISTS, method="GET")
    run = pulling.pulled(connection_id)
    pulling.change(run.id, waiting_since=datetime.now(UTC) - timedelta(hours=24), attempts=8)
    run = pulling.wait_is_over(run.id)
    assert (run.state, run.error, run.not_before) == ("failed", "waited_too_long", None)


def test_a_dead_token_fails_the_run_and_the_connection(connection_id: int, sandbox: SandboxServer) -> None:
    pulling.pulled(connection_id)
    sandbox.revoke_tokens()
    run = pulling.pulled(connection_id)
    connection = pulling.connection_of(connection_id)
    assert (run.state, run.error) == ("failed", "reconnect")
    assert (connection.state, connection.error) == ("failing", "reconnect")
    assert len(pulling.contacts()) == 5


def test_a_token_that_dies_in_the_middle_keeps_what_was_done(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.short_slices(monkeypatch)
    run_id = pulling.begun(connection_id)
    pulling.one_slice(run_id)
    sandbox.revoke_tokens()
    run = pulling.worked_off(run_id)
    assert (run.state, run.error, run.counts) == ("failed", "reconnect", {"companies": {"created": 2}})
    assert pulling.names(pulling.companies()) == ["Firm 0", "Firm 1"]
    sandbox.restore_tokens()
    pulling.connected()
    again = pulling.pulled(connection_id)
    assert again.counts["companies"] == {"unchanged": 2, "created": 3}


def test_missing_scopes_fail_the_run_with_their_names(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.settings(withheld_scopes=["crm.objects.contacts.read"])
    run = pulling.pulled(connection_id)
    assert (run.state, run.error) == ("failed", "missing_scopes")
    assert run.error_text
    assert pulling.connection_of(connection_id).state == "connected"


@pytest.mark.usefixtures("in_app")
def test_an_oauth_token_is_renewed_in_the_middle_of_a_pull(sandbox: SandboxServer) -> None:
    connection_id = connect.finish_oauth(current_services(), _granted_code(), user_id=None).id
    sandbox.fault("status", status=401, path=f"{LISTS}/contacts", method="GET", after=1)
    _assert_all_here_once(pulling.pulled(connection_id), sandbox)


def _granted_code() -> str:
    """What HubSpot's consent page sends a person back with."""
    url = connect.begin_oauth(current_services(), "state")
    form = read_page(requests.get(url, timeout=PATIENCE_S).text).form_values() | {"decision": "grant"}
    answer = requests.post(url, data=form, allow_redirects=False, timeout=PATIENCE_S)
    found = re.search(r"[?&]code=([^&]+)", answer.headers["Location"])
    assert found, answer.text
    return found[1]


@pytest.mark.every_database
def test_calls_are_counted_for_the_day_also_when_they_were_refused_or_led_to_a_wait(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B41: what the run says it used and what the day says are the same."""
    pulling.hasty_retries(monkeypatch)
    sandbox.fault(
        "status", path=LISTS, method="GET", after=4, status=429, policy="burst", retry_after_s=0, times=9
    )
    run = pulling.pulled(connection_id)
    assert (run.state, run.not_before is not None) == ("running", True)
    assert pulling.usage_of(connection_id) == (run.api_calls, run.api_calls - 10)
    sandbox.clear_faults()
    run = pulling.wait_is_over(run.id)
    assert run.state == "finished"
    assert pulling.usage_of(connection_id)[0] == run.api_calls


def test_a_refusal_is_counted_though_its_call_was_counted_before(connection_id: int) -> None:
    """The count is taken while another thread has made a call and not heard of it yet."""
    before = pulling.usage_of(connection_id)
    for usage in (Usage(1, 0), Usage(0, 1)):
        with writing() as session:
            add_usage(session, connection_id, datetime.now(UTC).date(), usage)
    assert pulling.usage_of(connection_id) == (before[0] + 1, before[1] + 1)
