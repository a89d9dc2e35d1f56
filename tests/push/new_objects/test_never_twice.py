"""Lost answers, killed workers, an emptied Redis: whatever happens on the way, each object is made once."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.support.applications.services import current_services
from tests.support.faults.kills import PowerCutError, finished_in_the_end, killed_after
from tests.support.samples import shop
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import WRITES, change_contact, objects
from webapp.models import AnnouncedUpdate
from webapp.store.push import announcing
from webapp.store.push import apply as push_apply
from webapp.store.push import associations as push_associations
from webapp.usecases.push import reading as push_reading

# Two pages and three, each with something of every kind.
_COMPANIES, _CONTACTS = 10, 21


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_reading, "PAGE_SIZES", {"companies": 7, "contacts": 7})


@pytest.mark.parametrize("wrote", sorted(WRITES))
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "cut_after"},
        pytest.param({"kind": "cut_before"}, marks=pytest.mark.one_database),
        pytest.param({"kind": "status", "status": 502, "effect": "after"}, marks=pytest.mark.one_database),
        pytest.param({"kind": "malformed", "effect": "after"}, marks=pytest.mark.one_database),
    ],
    ids=["cut after", "cut before", "502 after", "malformed"],
)
def test_an_answer_that_is_lost_after_the_write_makes_nothing_twice(
    with_key: int,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],
    wrote: str,
) -> None:
    pulling.hasty_retries(monkeypatch)
    shop.fill(_COMPANIES, _CONTACTS)
    for after in (0, 2):
        sandbox.fault(method="POST", path=WRITES[wrote], after=after, **fault)
    run = pulling.worked_off(pulling.begun(with_key, "push"))
    run = finished_in_the_end(run)
    assert run.counts["companies"] == {"created": _COMPANIES}
    assert run.counts["contacts"] == {"created": _CONTACTS}
    shop.assert_whole(sandbox)


def test_what_hubspot_held_before_a_change_is_told_though_the_worker_was_killed(
    with_key: int, sandbox: SandboxServer
) -> None:
    """HubSpot has taken the changes, and the log that keeps the prior values was not written."""
    shop.fill(2, 4)
    pulling.worked_off(pulling.begun(with_key, "push"))
    for number in range(1, 5):
        change_contact(number, first_name=f"New {number}")
    run_id = pulling.begun(with_key, "push")
    # The companies, which have not changed, are written first.
    with killed_after(push_apply, "write_results", 2), pytest.raises(PowerCutError):
        pulling.worked_off(run_id)
    assert objects(sandbox, "contacts", "firstname")[0]["firstname"] == "New 1"
    run = finished_in_the_end(pulling.worked_off(run_id))
    assert run.counts["contacts"] == {"updated": 4}
    logged = {entry.record_id: entry.changes for entry in pulling.entries(run.id)}
    assert logged == {n: [["first_name", f"First{n - 1}", f"New {n}"]] for n in range(1, 5)}
    assert not pulling.all_rows(AnnouncedUpdate)


class Kill(NamedTuple):
    """Where a worker is killed: in which function of the store, at which call of it, and with what else."""

    place: str
    call: int
    with_redis: bool = False


_MODULES = {"announce": announcing, "write_results": push_apply, "write": push_associations}
_KILLS = [
    Kill(place, call, with_redis)
    for place, calls in (("announce", (1, 2, 4)), ("write_results", (1, 2, 4)), ("write", (1,)))
    for call in calls
    for with_redis in (False, True)
]
# What is lost with Redis, and what the portal makes by itself, is not the database's.
_CASES = [
    pytest.param(
        kill,
        makes_companies,
        id=f"{kill.place} {kill.call} {kill.with_redis} {makes_companies}",
        marks=[pytest.mark.one_database] if kill.with_redis or makes_companies else [],
    )
    for kill in _KILLS
    for makes_companies in ((False,) if kill.with_redis else (False, True))
]


@pytest.mark.parametrize(("kill", "makes_companies"), _CASES)
def test_a_worker_killed_around_its_writes_makes_nothing_twice(
    with_key: int,
    sandbox: SandboxServer,
    kill: Kill,
    *,
    makes_companies: bool,
) -> None:
    """The calls to HubSpot took effect, and what says so here was never committed."""
    sandbox.settings(auto_company=makes_companies, auto_company_delay_s=0)
    shop.fill(_COMPANIES, _CONTACTS)
    run_id = pulling.begun(with_key, "push")
    with killed_after(_MODULES[kill.place], kill.place, kill.call), pytest.raises(PowerCutError):
        pulling.worked_off(run_id)
    if kill.with_redis:
        current_services().redis.flushall()
    run = finished_in_the_end(pulling.worked_off(run_id))
    assert {kind: sum(run.counts[kind].values()) for kind in ("companies", "contacts")} == {
        "companies": _COMPANIES,
        "contacts": _CONTACTS,
    }
    shop.assert_whole(sandbox, makes_companies=makes_companies)
