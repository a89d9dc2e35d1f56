"""What else knows of a record that is deleted: questions, privacy, other portals, the clearing of the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.samples.factories import (
    make_company,
    make_connection,
    make_contact,
    make_link,
    make_remote_object,
)
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.deleting import deleted, deleted_many
from tests.support.usecases.duplicates import ids_listed, list_pair
from tests.support.usecases.undoing import undo_of
from webapp.domain.runs.options import DeleteOptions, ListFilter
from webapp.domain.webhooks.events import read_events
from webapp.errors import RefusedError
from webapp.models import (
    Connection,
    HeldRecord,
    KeptApart,
    LogEntry,
    MergedRecord,
    PrivacyDeletion,
    RecordEdit,
    RemoteObject,
    Run,
    User,
)
from webapp.store.duplicates import pairs
from webapp.store.webhooks import inbox
from webapp.usecases.privacy import erase
from webapp.usecases.runs import retention

LogIn = Callable[[User], FlaskClient]


def _eva(sandbox: SandboxServer, connection_id: int) -> str:
    firm = str(sandbox.create("companies", {"name": "Nord", "domain": "nord.de"})["id"])
    values = {"firstname": "Eva", "lastname": "Roth", "email": "eva@nord.de"}
    eva = str(sandbox.create("contacts", values, [firm])["id"])
    pulling.pulled(connection_id)
    return eva


def _erased_in_hubspot(sandbox: SandboxServer, connection_id: int, remote_id: str) -> None:
    sandbox.erase("contacts", remote_id)
    events = read_events([webhook_event("contact.privacyDeletion", remote_id)]).events
    with writing() as session:
        inbox.add(session, [(connection_id, one) for one in events], datetime.now(UTC))
    bound_jobs().begin_refresh(connection_id)
    pulling.worked_off(pulling.all_rows(Run)[-1].id)


@pytest.mark.one_database
def test_a_question_whose_candidate_is_deleted_is_answered_by_itself(
    connection_id: int, sandbox: SandboxServer, administrator: User, logged_in: LogIn
) -> None:
    for _ in range(2):
        make_company(name="Birke Druck", domain="birke.de")
    birke = str(sandbox.create("companies", {"name": "Birke Druck", "domain": "birke.de"})["id"])
    pulling.pulled(connection_id)
    [held] = pulling.left_out("companies")
    assert held.state == "held"
    deleted("companies", 1)
    assert "One of the candidates has since been deleted here." in logged_in(administrator).get("/held").text
    pulling.looked_again(connection_id)
    assert pulling.link_of(birke, "companies").record_id == 2
    assert pulling.left_out() == []


def test_what_waits_for_it_goes_and_what_people_decided_comes_back(connection_id: int) -> None:
    record = make_contact(make_company().id)
    with writing() as session:
        now = datetime.now(UTC)
        of_record = {"connection_id": connection_id, "object_type": "contacts", "record_id": record.id}
        session.add(KeptApart(**of_record, remote_id="77", decided_at=now))
        session.add(HeldRecord(**of_record, reason="several_at_hubspot", held_at=now, run_id=1))
    run = deleted("contacts", record.id)
    assert (pulling.all_rows(KeptApart), pulling.all_rows(HeldRecord)) == ([], [])
    undo_of(run.id)
    assert [(one.record_id, one.remote_id) for one in pulling.all_rows(KeptApart)] == [(record.id, "77")]


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize("together", [False, True])
def test_possible_duplicates_come_back_as_they_were_decided(*, together: bool) -> None:
    """Also where both of a pair were deleted by one run."""
    one, other, third = (make_company(name=f"Nord {place}", domain=None).id for place in range(3))
    list_pair("companies", one, other)
    list_pair("companies", one, third, evidence=("same_name",))
    with writing() as session:
        pairs.keep_apart(session, "companies", [(one, third)], user_id=None)
    numbers = (one, other) if together else (one,)
    run = deleted_many(DeleteOptions(object_type="companies", records=numbers))
    assert ids_listed() == []
    undo_of(run.id)
    assert ids_listed("open") == [(one, other)]
    assert ids_listed("not_the_same") == [(one, third)]
    run = deleted("companies", one)
    deleted("companies", other)
    undo_of(run.id)
    assert ids_listed() == [(one, third)], "of a record that is gone there is nothing to ask"


def test_an_inactive_record_comes_back_inactive_and_merged_numbers_lead_to_it(
    connection_id: int, administrator: User, logged_in: LogIn
) -> None:
    record = make_contact(make_company().id, is_active=False)
    with writing() as session:
        session.add(
            MergedRecord(
                object_type="contacts", loser_id=99, winner_id=record.id, merged_at=datetime.now(UTC)
            )
        )
    run = deleted("contacts", record.id)
    pages = logged_in(administrator)
    assert pages.get("/contacts/99", follow_redirects=True).status_code == 410
    undo_of(run.id)
    assert not pulling.contact(record.id).is_active
    assert pages.get("/contacts/99", follow_redirects=True).status_code == 200
    assert connection_id


@pytest.mark.one_database
def test_links_to_other_portals_go_and_come_back_as_well(connection_id: int) -> None:
    firm = make_company()
    other = make_connection(state="disconnected").id
    make_link(connection_id, "companies", firm.id, "51")
    make_link(other, "companies", firm.id, "81")
    run = deleted("companies", firm.id)
    assert {(one.connection_id, one.remote_id, one.reason) for one in pulling.all_rows(RemoteObject)} == {
        (connection_id, "51", "deleted_here"),
        (other, "81", "deleted_here"),
    }
    undo_of(run.id)
    assert {(one.connection_id, one.remote_id) for one in pulling.links()} == {
        (connection_id, "51"),
        (other, "81"),
    }
    assert pulling.all_rows(RemoteObject) == []


@pytest.mark.one_database
def test_a_person_deleted_for_privacy_is_not_linked_again_by_an_undo(
    connection_id: int, sandbox: SandboxServer
) -> None:
    eva = _eva(sandbox, connection_id)
    run = deleted("contacts", 1)
    _erased_in_hubspot(sandbox, connection_id, eva)
    undo_of(run.id)
    assert pulling.contact(1).first_name == "Eva"
    assert pulling.link_of(eva).state == "refused"


@pytest.mark.one_database
def test_the_traces_of_a_deleted_person_are_erased(
    connection_id: int, sandbox: SandboxServer, administrator: User
) -> None:
    eva = _eva(sandbox, connection_id)
    make_remote_object(connection_id, "4711", display_name="Max")
    pull = pulling.all_rows(Run)[-1]
    run = deleted("contacts", 1)
    _erased_in_hubspot(sandbox, connection_id, eva)
    [deletion] = pulling.all_rows(PrivacyDeletion)
    assert deletion.record_id == 1
    erase.decide_deletion(current_services(), deletion.id, user_id=administrator.id, erases=True)
    texts = str(
        [vars(row) for table in (LogEntry, RecordEdit, RemoteObject) for row in pulling.all_rows(table)]
    )
    assert "Eva" not in texts
    assert "Max" in texts
    assert "Nord" in str([entry.name for entry in pulling.entries(pull.id)]), "others keep their names"
    undo = undo_of(run.id)
    assert pulling.outcomes(undo.id) == [(eva, "skipped", "undo_not_here")]


@pytest.mark.one_database
@pytest.mark.parametrize("state", ["failing", "disconnected"])
def test_neither_a_deletion_nor_its_undo_needs_a_connection_that_works(
    connection_id: int, state: str
) -> None:
    firms = [make_company(name=f"Test {number}", domain=f"t{number}.de") for number in range(3)]
    with writing() as session:
        row = session.get_one(Connection, connection_id)
        row.state, row.access_token = state, None
    one = deleted("companies", firms[0].id)
    many = deleted_many(DeleteOptions(object_type="companies", records=(firms[1].id, firms[2].id)))
    assert (many.state, pulling.companies()) == ("finished", [])
    assert [undo_of(run.id).state for run in (many, one)] == ["finished", "finished"]
    assert len(pulling.companies()) == 3


def test_a_filter_means_what_the_list_shows_also_while_nothing_is_connected(connection_id: int) -> None:
    linked, other = make_company(name="Nord"), make_company(name="Sued", domain="s.de")
    make_link(connection_id, "companies", linked.id, "51")
    options = DeleteOptions(object_type="companies", listed=ListFilter(standing="linked"))
    with writing() as session:
        session.get_one(Connection, connection_id).state = "disconnected"
    with pytest.raises(RefusedError, match="nothing_chosen"):
        deleted_many(options)
    with writing() as session:
        session.get_one(Connection, connection_id).state = "connected"
    deleted_many(options)
    assert [one.id for one in pulling.companies()] == [other.id]


def test_with_the_log_the_edits_of_deleted_records_are_cleared_away(connection_id: int) -> None:
    firm, other = make_company(), make_company(name="Bleibt", domain="b.de")
    with writing() as session:
        for number in (firm.id, other.id):
            session.add(
                RecordEdit(
                    object_type="companies",
                    record_id=number,
                    at=datetime.now(UTC),
                    origin="person",
                    changes=[["city", None, "Ulm"]],
                )
            )
    run = deleted("companies", firm.id)
    long_ago = datetime.now(UTC) - timedelta(days=100)
    pulling.change(run.id, finished_at=long_ago)
    retention.clear_old(current_services())
    assert [one.record_id for one in pulling.all_rows(RecordEdit)] == [other.id]
    assert run.id not in {one.id for one in pulling.all_rows(Run)}
    assert connection_id
