"""HubSpot says that a contact exists already, and not which one: it becomes a match to verify (B34)."""

from __future__ import annotations

import pytest

from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import WRITES, announced, objects, pushed
from tests.support.usecases.undoing import undo_of

pytestmark = pytest.mark.one_database


@pytest.fixture
def firm(with_key: int) -> int:
    """A company on both sides, and a contact of it that is only here."""
    company = make_company(name="Acme", domain="acme.de")
    pushed(with_key)
    make_contact(company.id, first_name="Eva", email="eva@acme.de")
    return with_key


def test_one_that_was_made_all_the_same_is_ours_and_an_undo_leaves_none(
    firm: int, sandbox: SandboxServer
) -> None:
    sandbox.fault("status", status=409, path=WRITES["contacts"], effect="after", times=1)
    run = pushed(firm)
    assert (run.state, run.counts["contacts"].get("failed", 0)) == ("finished", 0)
    [made] = objects(sandbox, "contacts")
    assert pulling.link_of(str(made["id"])).state == "linked"
    assert announced() == []
    assert pushed(firm).counts["contacts"] == {"unchanged": 1}
    undo_of(run.id, archives=True)
    assert objects(sandbox, "contacts") == []


def test_one_that_is_nowhere_fails_with_what_hubspot_says(firm: int, sandbox: SandboxServer) -> None:
    sandbox.fault("status", status=409, path=WRITES["contacts"], times=None)
    run = pushed(firm)
    assert (run.state, run.counts["contacts"]) == ("finished", {"failed": 1})
    sandbox.clear_faults()
    assert pushed(firm).counts["contacts"] == {"created": 1}
    assert len(objects(sandbox, "contacts")) == 1
