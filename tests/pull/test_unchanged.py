"""What a pull finds unchanged is kept in stretches; every link still tells when it was pulled last (B37)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from tests.support.applications.services import reading, writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Link, UnchangedLinks
from webapp.store.links import unchanged
from webapp.store.records import records

_FIRMS = 20


def _firms(sandbox: SandboxServer) -> list[str]:
    return [
        sandbox.create("companies", {"name": f"Firm {number}", "domain": f"f{number}.de"})["id"]
        for number in range(_FIRMS)
    ]


def _rows() -> list[tuple[Any, ...]]:
    return [
        tuple(getattr(link, column.key) for column in Link.__table__.c) for link in pulling.all_rows(Link)
    ]


def test_a_pull_that_finds_nothing_new_writes_no_link(connection_id: int, sandbox: SandboxServer) -> None:
    _firms(sandbox)
    pulling.pulled(connection_id)
    before = _rows()
    run = pulling.pulled(connection_id)
    assert run.counts["companies"] == {"unchanged": _FIRMS}
    assert _rows() == before
    (kept,) = pulling.all_rows(UnchangedLinks)
    assert (kept.run_id, kept.last_link_id - kept.first_link_id + 1) == (run.id, _FIRMS)
    with reading() as session:
        link = records.link_of(session, connection_id, "companies", pulling.companies()[3].id)
    assert link is not None
    assert (link.last_run_id, link.last_outcome, link.pulled_at) == (run.id, "unchanged", kept.at)


def test_what_came_later_to_a_link_counts(connection_id: int, sandbox: SandboxServer) -> None:
    made = _firms(sandbox)
    pulling.pulled(connection_id)
    pulling.pulled(connection_id)
    (kept,) = pulling.all_rows(UnchangedLinks)
    with writing() as session:
        later = {"pushed_at": kept.at + timedelta(seconds=1), "last_outcome": "failed", "last_run_id": 77}
        session.execute(update(Link).where(Link.remote_id == made[0]).values(later))
    sent, other = (pulling.link_of(one, "companies") for one in made[:2])
    assert (sent.last_run_id, sent.last_outcome) == (77, "failed")
    assert other.last_outcome == "unchanged"


def test_the_latest_pull_takes_the_place_of_earlier_ones(connection_id: int, sandbox: SandboxServer) -> None:
    made = _firms(sandbox)
    pulling.pulled(connection_id)
    second = pulling.pulled(connection_id)
    sandbox.update("companies", made[10], {"city": "Bremen"})
    third = pulling.pulled(connection_id)
    found = {one.first_link_id: one.run_id for one in pulling.all_rows(UnchangedLinks)}
    assert sorted(found.values()) == [second.id, third.id, third.id]
    changed = pulling.link_of(made[10], "companies")
    assert found[changed.id] == second.id, "it is all that is left of the second pull"
    assert (changed.last_run_id, changed.last_outcome) == (third.id, "updated")
    assert {pulling.link_of(one, "companies").last_run_id for one in made} == {third.id}


def test_few_links_that_do_not_follow_one_another_are_written_themselves(connection_id: int) -> None:
    with writing() as session:
        for number in range(1, 40):
            session.add(
                Link(
                    connection_id=connection_id,
                    object_type="companies",
                    record_id=number,
                    remote_id=str(number),
                    state="linked",
                    local_seen={},
                    remote_seen={},
                    linked_at=pulling.connection_of(connection_id).connected_at,
                )
            )
    ids = [link.id for link in pulling.all_rows(Link)]
    some = [*ids[:3], *ids[10:30]]
    now = pulling.connection_of(connection_id).connected_at
    with writing() as session:
        unchanged.record(session, connection_id, "companies", some, run_id=5, now=now)
    (kept,) = pulling.all_rows(UnchangedLinks)
    assert (kept.first_link_id, kept.last_link_id) == (ids[10], ids[29])
    assert [link.id for link in pulling.all_rows(Link) if link.last_run_id == 5] == ids[:3]
    assert [link.id for link in pulling.links() if link.last_run_id == 5] == some
