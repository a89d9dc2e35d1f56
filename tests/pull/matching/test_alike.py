"""Nothing is left out for a likeness: a first pull brings what the rules admit, a second changes nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.samples import alike
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling


@pytest.mark.parametrize("seed", [1, 2])
def test_a_first_pull_of_a_portal_full_of_likenesses_brings_everything(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """B32: two objects in HubSpot are two records here, in whatever pages they come."""
    pulling.short_pages(monkeypatch, 20)
    portal = alike.fill(sandbox, seed, companies=40, contacts=120)
    first = pulling.pulled(connection_id)
    assert first.state == "finished"
    assert first.counts["companies"] == {"created": len(portal.companies)}
    assert {one.remote_id for one in pulling.links("companies")} == set(portal.companies)
    assert {one.remote_id for one in pulling.links("contacts")} == set(portal.contacts) - {
        *portal.without_company
    }
    left = {(one.remote_id, one.reason) for one in pulling.left_out()}
    assert left == {(number, "no_company") for number in portal.without_company}
    reasons = Counter(entry.reason for entry in pulling.entries(first.id))
    assert reasons["looks_like_another"] > 20, "the portal is as messy as it should be"


def test_a_second_pull_changes_no_outcome(connection_id: int, sandbox: SandboxServer) -> None:
    portal = alike.fill(sandbox, 3, companies=40, contacts=120)
    pulling.pulled(connection_id)
    before = {(one.object_type, one.remote_id): one.record_id for one in pulling.links()}
    second = pulling.pulled(connection_id)
    assert second.counts["companies"] == {"unchanged": len(portal.companies)}
    linked = len(portal.contacts) - len(portal.without_company)
    assert second.counts["contacts"]["unchanged"] == linked
    assert {entry.reason for entry in pulling.entries(second.id)} <= {"no_company"}
    assert {(one.object_type, one.remote_id): one.record_id for one in pulling.links()} == before
