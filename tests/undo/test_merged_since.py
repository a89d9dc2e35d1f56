"""What a killed push did with a record that was merged here since gets into its log all the same (B46)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.applications.services import current_services, writing
from tests.support.faults.kills import changes_of_a_killed_push, push_killed_when_sent
from tests.support.samples import shop
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import announced, objects
from tests.support.usecases.undoing import undo_of
from webapp.models import AnnouncedUpdate, Connection, LogEntry
from webapp.models.people.users import User
from webapp.usecases.records import merging
from webapp.usecases.runs import lifecycle

WINNER, LOSER = 2, 1


@pytest.fixture
def merge(connection_id: int, administrator: User) -> Callable[[], None]:
    """Merges one contact into another."""
    assert connection_id

    def merge() -> None:
        found = merging.preview(current_services(), "contacts", WINNER, LOSER)
        merging.merge(current_services(), "contacts", WINNER, LOSER, found.versions, user_id=administrator.id)

    return merge


def _entries(run_id: int, outcome: str) -> list[LogEntry]:
    return [one for one in pulling.entries(run_id) if (one.object_type, one.outcome) == ("contacts", outcome)]


@pytest.mark.parametrize(
    "has_key",
    [pytest.param(True, id="by key"), pytest.param(False, id="by address", marks=pytest.mark.one_database)],
)
@pytest.mark.parametrize("finder", ["pull", "undo"])
def test_what_was_made_of_the_record_is_logged_of_the_one_it_lives_on_as(
    connection_id: int, sandbox: SandboxServer, merge: Callable[[], None], finder: str, *, has_key: bool
) -> None:
    if not has_key:
        with writing() as session:
            session.get_one(Connection, connection_id).key_properties = {}
    pulling.pulled(connection_id)
    shop.fill(2, 4)
    run_id = push_killed_when_sent(connection_id)
    assert lifecycle.cancel(current_services(), run_id)
    made = {one["id"] for one in objects(sandbox, "contacts")}
    merge()
    if finder == "pull":
        pulling.pulled(connection_id)
        assert {one.remote_id for one in _entries(run_id, "created")} == made
    undo_of(run_id, archives=True)
    assert sorted(one.record_id or 0 for one in _entries(run_id, "created")) == [WINNER, WINNER, 3, 4]
    assert pulling.run_of(run_id).counts["contacts"] == {"created": 4}
    assert not announced()
    assert objects(sandbox, "contacts") == []


def test_what_was_changed_of_the_record_is_logged_of_the_one_it_lives_on_as(
    connection_id: int, sandbox: SandboxServer, merge: Callable[[], None]
) -> None:
    run_id = changes_of_a_killed_push(connection_id, 3)
    merge()
    pulling.pulled(connection_id)
    assert sorted(one.record_id or 0 for one in _entries(run_id, "updated")) == [WINNER, WINNER, 3]
    assert not pulling.all_rows(AnnouncedUpdate)
    undo_of(run_id)
    assert {one.get("city") for one in objects(sandbox, "contacts", "city")} == {None}
