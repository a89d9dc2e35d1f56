"""A deletion meets runs that work on the same record: nothing is made of it any more, and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.applications.services import current_services, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.deleting import deleted, deleted_many
from tests.support.usecases.pushing import objects, pushed, pushed_record, requested_push
from webapp.domain.runs.options import DeleteOptions, ListFilter, PullRecordOptions
from webapp.errors import RefusedError
from webapp.models import AnnouncedAssociation, AnnouncedCreate, CreationCheck, Link, Run
from webapp.usecases.deletion import run as deletion_run
from webapp.usecases.push.finding.find import find
from webapp.usecases.runs import lifecycle, of_record


def _announce(connection_id: int, run_id: int, record_id: int, key: str, **values: Any) -> None:
    """A create of a contact that a run has announced, and whose answer nobody has written down."""
    given: dict[str, Any] = {"fence": 0, "changes": [["email", None, "eva@nord.de"]]} | values
    with writing() as session:
        session.add(
            AnnouncedCreate(
                connection_id=connection_id,
                object_type="contacts",
                record_id=record_id,
                key=key,
                run_id=run_id,
                announced_at=datetime.now(UTC),
                **given,
            )
        )


def test_what_is_being_sent_at_this_moment_is_not_deleted(connection_id: int) -> None:
    record = make_contact(make_company().id)
    run_id = pulling.begun(connection_id, "push")
    run = pulling.run_of(run_id)
    pulling.change(run_id, waiting_for=None)
    _announce(connection_id, run_id, record.id, record.uuid, fence=run.fence)
    with pytest.raises(RefusedError, match="record_being_sent"):
        deleted("contacts", record.id)
    assert [one.id for one in pulling.contacts()] == [record.id]
    assert "delete_record" not in {one.kind for one in pulling.all_rows(Run)}


def test_what_is_being_associated_or_joined_is_not_deleted(connection_id: int) -> None:
    associated, joined = (make_contact(make_company(domain=None).id) for _ in range(2))
    run_id = pulling.begun(connection_id, "push")
    pulling.change(run_id, waiting_for=None)
    now = datetime.now(UTC)
    of_run: dict[str, Any] = {"connection_id": connection_id, "object_type": "contacts", "run_id": run_id}
    with writing() as session:
        session.add(
            AnnouncedAssociation(
                record_id=associated.id, was_associated=False, announced_at=now, remote_id="51", **of_run
            )
        )
        check = {"announced_at": now, "not_before": now, "survivor_id": "77"}
        session.add(CreationCheck(record_id=joined.id, **check, **of_run))
    for record in (associated, joined):
        with pytest.raises(RefusedError, match="record_being_sent"):
            deleted("contacts", record.id)
    options = DeleteOptions(object_type="contacts", records=(associated.id,))
    started = deletion_run.start(current_services(), options, trigger="button", user_id=None)
    assert pulling.run_of(started.run_id).state == "queued", "bulk work waits for the push"
    lifecycle.cancel(current_services(), run_id)
    pulling.worked_off(started.run_id)
    assert [one.id for one in pulling.contacts()] == [joined.id]


def test_a_record_deleted_while_a_push_looks_it_up_is_made_nowhere(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = make_contact(make_company().id)

    def delete_meanwhile(*given: Any, **more: Any) -> Any:
        found = find(*given, **more)
        if pulling.contacts() and given[1].object_type == "contacts":
            deleted("contacts", record.id)
        return found

    monkeypatch.setattr("webapp.usecases.push.page.find", delete_meanwhile)
    run = pushed(connection_id)
    assert run.state == "finished"
    assert objects(sandbox, "contacts", "email") == []
    assert [one.object_type for one in pulling.all_rows(Link)] == ["companies"]


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_a_push_of_a_deleted_record_says_so(sandbox: SandboxServer) -> None:
    record = make_contact(make_company().id)
    started = requested_push("contacts", record.id)
    deleted("contacts", record.id)
    run = pulling.worked_off(started.run_id)
    assert (run.state, pulling.outcomes(run.id)) == ("finished", [(None, "skipped", "deleted_here")])
    assert objects(sandbox, "contacts", "email") == []


@pytest.mark.one_database
def test_a_pull_of_a_deleted_record_says_so(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.create("companies", {"name": "Nord", "domain": "nord.de"})
    pulling.pulled(connection_id)
    started = of_record.start(
        current_services(), PullRecordOptions(object_type="companies", record_id=1), user_id=None
    )
    deleted("companies", 1)
    run = pulling.worked_off(started.run_id)
    assert (run.state, pulling.outcomes(run.id)) == ("finished", [(None, "skipped", "deleted_here")])


@pytest.mark.one_database
def test_what_a_lost_answer_made_of_a_deleted_record_does_not_come_back(
    connection_id: int, sandbox: SandboxServer
) -> None:
    firm = str(sandbox.create("companies", {"name": "Nord", "domain": "nord.de"})["id"])
    pulling.pulled(connection_id)
    record = make_contact(1, email="eva@nord.de")
    push = pushed_record(connection_id, "companies", 1)
    [eva] = [link.remote_id for link in pulling.links("contacts")]
    with writing() as session:
        session.delete(session.get_one(Link, pulling.link_of(eva).id))
    _announce(connection_id, push.id, record.id, pulling.contact(record.id).uuid)
    deleted("contacts", record.id)
    run = pulling.pulled(connection_id)
    assert (eva, "skipped", "deleted_here") in pulling.outcomes(run.id)
    assert pulling.contacts() == []
    assert pulling.all_rows(AnnouncedCreate) == []
    assert pulling.connection_of(connection_id).restored_at is None, "it is no sign of an older backup"
    assert firm


@pytest.mark.usefixtures("connection_id")
def test_a_deletion_of_many_by_filter_means_what_was_there_and_can_be_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pulling.short_slices(monkeypatch)
    monkeypatch.setattr("webapp.usecases.deletion.run.PAGE_SIZE", 2)
    for number in range(5):
        make_company(name=f"Test {number}", domain=f"test{number}.de")
    make_company(name="Bleibt", domain="bleibt.de")
    options = DeleteOptions(object_type="companies", listed=ListFilter(search="test"))
    started = deletion_run.start(current_services(), options, trigger="button", user_id=None)
    make_company(name="Test later", domain="later.de")
    pulling.one_slice(started.run_id)
    assert len(pulling.companies()) == 5
    lifecycle.cancel(current_services(), started.run_id)
    run = pulling.run_of(started.run_id)
    assert (run.state, run.counts) == ("cancelled", {"companies": {"updated": 2}})
    started = deletion_run.start(current_services(), options, trigger="button", user_id=None)
    make_company(name="Test last", domain="last.de")
    pulling.worked_off(started.run_id)
    assert [one.name for one in pulling.companies()] == ["Bleibt", "Test last"]


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_a_record_deleted_twice_is_said_to_be_gone() -> None:
    firm = make_company()
    deleted("companies", firm.id)
    with pytest.raises(RefusedError, match="gone"):
        deleted("companies", firm.id)
    run = deleted_many(DeleteOptions(object_type="companies", records=(firm.id,)))
    assert [one.reason for one in pulling.entries(run.id)] == ["deleted_already"]
