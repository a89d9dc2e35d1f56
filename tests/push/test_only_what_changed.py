"""What a Pull brought is not written back by the Push that follows (B48)."""

from __future__ import annotations

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.previews import previewed
from tests.support.usecases.pushing import give_key, primary_of, pushed
from tests.support.usecases.undoing import companies_of


def test_a_push_right_after_a_pull_writes_nothing(connection_id: int, sandbox: SandboxServer) -> None:
    """Also of contacts with companies of which none is the primary one: the pull chose the lowest."""
    sandbox.reset(companies=20, contacts=100)
    give_key(sandbox, connection_id)
    sandbox.settings(first_company_becomes_primary=False)
    pulling.pulled(connection_id)
    without_label = [
        link.remote_id
        for link in pulling.links("contacts")
        if companies_of(sandbox, link.remote_id) and primary_of(sandbox, link.remote_id) is None
    ]
    assert without_label
    before = sandbox.counts()["writes"]
    preview, run = previewed(connection_id, "push"), pushed(connection_id)
    assert preview.counts == run.counts
    assert set(run.counts["associations"]) == {"unchanged"}
    assert sandbox.counts()["writes"] == before
    assert [entry for entry in pulling.entries(run.id) if entry.changes] == []
