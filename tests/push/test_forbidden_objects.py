"""Objects that the app's user may neither see nor edit fail alone, and pause nothing (B45, B49)."""

from __future__ import annotations

import pytest

from tests.support.applications.services import reading
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, pushed
from webapp.store.connection import connections, troubles

pytestmark = pytest.mark.one_database


@pytest.fixture
def people(with_key: int, sandbox: SandboxServer) -> list[str]:
    """Four contacts on both sides; their objects."""
    company = str(sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"])
    made = [
        str(
            sandbox.create("contacts", {"firstname": f"P{number}", "email": f"p{number}@acme.de"}, [company])[
                "id"
            ]
        )
        for number in range(4)
    ]
    pulling.pulled(with_key)
    return made


def _is_paused(connection_id: int) -> bool:
    with reading() as session:
        return troubles.lasting(connections.get(session, connection_id)) is not None


def test_one_that_may_not_be_read_is_not_sent_and_the_others_are(
    with_key: int, sandbox: SandboxServer, people: list[str]
) -> None:
    for contact in pulling.contacts():
        change_contact(contact.id, city="Ulm")
    sandbox.settings(forbidden_ids=[people[1]])
    run = pushed(with_key)
    assert (run.state, run.counts["contacts"]) == ("finished", {"updated": 3, "failed": 1})
    [entry] = [one for one in pulling.entries(run.id) if one.outcome == "failed"]
    assert (entry.remote_id, entry.reason) == (people[1], "unreadable_object")
    assert "permission" in (entry.detail or {})["error"]
    assert not _is_paused(with_key)
    sandbox.settings(forbidden_ids=[])
    assert pushed(with_key).counts["contacts"] == {"unchanged": 3, "updated": 1}
