"""Pulling again: no duplicate, no change, no more statements for more records."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.databases.statements import statements
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Company, Contact
from webapp.usecases.pull import bulk as bulk_pull
from webapp.usecases.pull.with_companies import apply_with_companies


def test_a_second_pull_changes_nothing_and_says_nothing(connection_id: int, sandbox: SandboxServer) -> None:
    """B9."""
    sandbox.restore_defaults(companies=30, contacts=80)
    first = pulling.pulled(connection_id)
    before = _everything()
    second = pulling.pulled(connection_id)
    assert (first.state, second.state) == ("finished", "finished")
    assert _everything() == before
    assert first.counts["contacts"]["created"] > 40
    for object_type, outcomes in first.counts.items():
        linked = sum(outcomes.get(name, 0) for name in ("created", "updated"))
        assert second.counts[object_type].get("unchanged") == linked
        assert not {"created", "updated", "failed"} & set(second.counts[object_type])
    assert {entry.outcome for entry in pulling.entries(second.id)} <= {"skipped", "held"}
    assert {link.last_run_id for link in pulling.links()} == {second.id}
    assert {link.last_outcome for link in pulling.links()} == {"unchanged"}
    stamps = [link.pulled_at for link in pulling.links() if link.pulled_at]
    assert first.finished_at is not None
    assert min(stamps) > first.finished_at


@pytest.mark.one_database
def test_only_what_changed_there_changes_here(connection_id: int, sandbox: SandboxServer) -> None:
    made = [sandbox.create("companies", {"name": f"Firm {n}", "domain": f"f{n}.de"})["id"] for n in range(3)]
    pulling.pulled(connection_id)
    sandbox.update("companies", made[1], {"city": "Bremen"})
    run = pulling.pulled(connection_id)
    assert run.counts["companies"] == {"unchanged": 2, "updated": 1}
    (entry,) = pulling.entries(run.id)
    assert (entry.remote_id, entry.seq, entry.changes) == (made[1], 1, [["city", None, "Bremen"]])
    assert [company.version for company in pulling.companies()] == [1, 2, 1]


def test_a_page_costs_a_fixed_number_of_statements(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten records or a hundred, new or known."""
    counted: list[int] = []

    def counting(*page: Any, **how: Any) -> None:
        with statements() as recorded:
            apply_with_companies(*page, **how)
        # The call that read a page may have been counted with the page before.
        counted.append(sum("api_usage" not in statement for statement in recorded))

    monkeypatch.setattr(bulk_pull, "apply_with_companies", counting)
    for size in (10, 100):
        sandbox.reset(companies=0, contacts=0)
        pulling.forget_everything()
        for number in range(size):
            firm = {"name": f"Firm {number}", "domain": f"f{number}.de", "city": "Berlin"}
            firm_id = sandbox.create("companies", firm)["id"]
            person = {"firstname": f"P{number}", "lastname": "Kern", "email": f"p@f{number}.de"}
            sandbox.create("contacts", person | {"hs_additional_emails": f"q@f{number}.de"}, [firm_id])
        assert pulling.pulled(connection_id).counts["contacts"] == {"created": size}
        assert pulling.pulled(connection_id).counts["contacts"] == {"unchanged": size}
    few, many = counted[:4], counted[4:]
    assert few == many
    assert max(few) <= 25


def _everything() -> list[Any]:
    """All that a pull may write about records and objects, without its stamps."""
    records: list[Company | Contact] = [*pulling.companies(), *pulling.contacts()]
    seen = [
        (link.object_type, link.record_id, link.remote_id, link.local_seen, link.remote_seen)
        for link in pulling.links()
    ]
    unlinked = [
        (one.object_type, one.remote_id, one.state, one.reason, one.detail) for one in pulling.left_out()
    ]
    return [[(one.id, one.version, one.updated_at) for one in records], seen, unlinked]
