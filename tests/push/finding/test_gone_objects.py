"""Objects that are gone are proved by few calls, and what was proved is not forgotten at a limit (B45)."""

from __future__ import annotations

import pytest

from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import objects, pushed
from webapp.domain.runs.outcomes import SKIPPED
from webapp.models import Link
from webapp.usecases.push import bulk

GONE = 250
"""More than two batches hold."""
ERASED = 30
"""Of which batches prove nothing."""


def _calls(sandbox: SandboxServer) -> int:
    return int(sandbox.counts()["calls"])


def _linked(connection_id: int, sandbox: SandboxServer, count: int) -> list[str]:
    """The pushed objects of a number of contacts, and of one more."""
    company = make_company()
    for number in range(count + 1):
        make_contact(company.id, first_name=f"P{number}", email=f"p{number}@nordlicht-verlag.de")
    pushed(connection_id)
    return [str(one["id"]) for one in objects(sandbox, "contacts")]


def _states() -> list[str]:
    return [link.state for link in pulling.all_rows(Link, object_type="contacts")]


def _skipped(run_id: int) -> list[int]:
    return sorted(
        entry.record_id or 0
        for entry in pulling.entries(run_id)
        if (entry.outcome, entry.reason) == (SKIPPED, "gone_in_hubspot")
    )


def test_a_push_of_250_deleted_objects_ends_with_a_few_calls(with_key: int, sandbox: SandboxServer) -> None:
    numbers = _linked(with_key, sandbox, GONE)
    for number in numbers[:GONE]:
        sandbox.archive("contacts", number)
    before = _calls(sandbox)
    run = pushed(with_key)
    assert run.state == "finished"
    assert run.counts["contacts"] == {"skipped": GONE, "unchanged": 1}
    assert _states().count("gone") == GONE
    assert _calls(sandbox) - before <= 20


@pytest.mark.one_database
def test_a_merged_object_among_deleted_ones_is_no_deleted_one(with_key: int, sandbox: SandboxServer) -> None:
    numbers = _linked(with_key, sandbox, 3)
    sandbox.archive("contacts", numbers[0])
    survivor = sandbox.create("contacts", {"email": "other@nordlicht-verlag.de"})["id"]
    merged = sandbox.merge("contacts", str(survivor), numbers[1])["id"]
    run = pushed(with_key)
    assert _skipped(run.id) == [1]
    assert pulling.link_of(str(merged)).record_id == 2


@pytest.mark.one_database
def test_what_was_proved_before_the_call_limit_is_not_forgotten(
    with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CALL_PATIENCE_S", 5.0)
    numbers = _linked(with_key, sandbox, ERASED)
    last = next(link.remote_id for link in pulling.links("contacts") if link.record_id == ERASED + 1)
    for number in numbers:
        if number != last:
            sandbox.erase("contacts", number)
    before = _calls(sandbox)
    # The batches pass, and of the single reads the first twelve.
    sandbox.fault("status", status=429, method="GET", path="/crm/objects/*/contacts/*", after=12, times=9)
    run = pushed(with_key)
    assert (run.state, run.waiting_for) == ("running", "rate_limit")
    proved = _skipped(run.id)
    assert 10 <= len(proved) <= 12
    sandbox.clear_faults()
    run = pulling.wait_is_over(run.id)
    assert run.state == "finished"
    assert _skipped(run.id) == list(range(1, ERASED + 1))
    reads = [one for one in sandbox.log() if one["method"] == "GET" and "/contacts/21" in one["path"]]
    assert len(reads) <= ERASED + 10
    assert _calls(sandbox) - before <= 2 * ERASED
