"""A batch that is silent about an object does not prove that it is gone: an undo reads it alone (B46)."""

from __future__ import annotations

import pytest

from tests.support.samples import shop
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, objects, pushed
from tests.support.usecases.undoing import undo_of

pytestmark = pytest.mark.one_database

_READ = "*/contacts/batch/read"


def test_what_a_push_made_is_archived_all_the_same(connection_id: int, sandbox: SandboxServer) -> None:
    shop.fill(1, 3)
    run = pushed(connection_id)
    sandbox.fault("odd", path=_READ, oddity="empty_page")
    undo = undo_of(run.id, archives=True)
    assert undo.counts["contacts"] == {"updated": 3}
    assert [one["hits"] for one in sandbox.faults()] == [1]
    assert objects(sandbox, "contacts") == []


def test_what_a_push_changed_is_put_back_all_the_same(connection_id: int, sandbox: SandboxServer) -> None:
    shop.fill(1, 1)
    pushed(connection_id)
    before = objects(sandbox, "contacts", "city")
    change_contact(pulling.contacts()[0].id, city="Ulm")
    run = pushed(connection_id)
    sandbox.fault("odd", path=_READ, oddity="empty_page")
    undo_of(run.id)
    assert objects(sandbox, "contacts", "city") == before


@pytest.mark.parametrize("is_restored", [False, True])
def test_what_is_gone_stays_gone(connection_id: int, sandbox: SandboxServer, *, is_restored: bool) -> None:
    shop.fill(1, 2)
    run = pushed(connection_id)
    gone = pulling.links("contacts")[0].remote_id
    sandbox.archive("contacts", gone)
    if is_restored:
        sandbox.restore("contacts", gone)
    undo = undo_of(run.id, archives=True)
    expected = {"updated": 2} if is_restored else {"updated": 1, "skipped": 1}
    assert undo.counts["contacts"] == expected
