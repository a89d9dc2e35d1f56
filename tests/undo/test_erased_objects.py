"""An undo of a push whose objects were erased: what was proved is not forgotten at the limit (B45)."""

from __future__ import annotations

import pytest

from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import objects, pushed
from tests.support.usecases.undoing import undo_of
from webapp.domain.runs.outcomes import SKIPPED

pytestmark = pytest.mark.one_database

_ERASED, _READ_AT_ONCE = 40, 12


def _let_few_reads_pass(sandbox: SandboxServer) -> None:
    """Of the single reads, before the limit is reached once more."""
    sandbox.clear_faults()
    path = "/crm/objects/*/contacts/*"
    sandbox.fault("status", status=429, method="GET", path=path, after=_READ_AT_ONCE, times=9)


@pytest.mark.parametrize("is_preview", [False, True])
def test_it_comes_to_its_end_though_the_limit_interrupts_it(
    connection_id: int, sandbox: SandboxServer, *, is_preview: bool
) -> None:
    company = make_company()
    for number in range(_ERASED):
        make_contact(company.id, first_name=f"P{number}", email=f"p{number}@nordlicht-verlag.de")
    push = pushed(connection_id)
    for one in objects(sandbox, "contacts"):
        sandbox.erase("contacts", one["id"])
    _let_few_reads_pass(sandbox)
    run = undo_of(push.id, archives=True, is_preview=is_preview)
    assert (run.state, run.waiting_for, run.counts) == (
        *("running", "rate_limit"),
        {"contacts": {SKIPPED: _READ_AT_ONCE}},
    )
    for _ in range(_ERASED // _READ_AT_ONCE):
        _let_few_reads_pass(sandbox)
        run = pulling.wait_is_over(run.id)
    assert run.state == "finished"
    assert run.counts["contacts"] == {SKIPPED: _ERASED}
    logged = [one.record_id or 0 for one in pulling.entries(run.id) if one.reason == "gone_in_hubspot"]
    assert sorted(logged) == list(range(1, _ERASED + 1))
