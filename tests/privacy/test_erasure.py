"""`flask privacy erase`: no table, queue or log holds anything of the person afterwards."""

from __future__ import annotations

import json
import threading
from itertools import count
from typing import Any

import pytest
from click.testing import Result
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select

from tests.support.applications.services import change_services, current_services, reading
from tests.support.faults import durable_steps
from tests.support.faults.kills import PowerCutError
from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.known_person import ADDRESS, VALUES, Known, signs_in, traces
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.deleting import deleted
from tests.support.usecases.undoing import undo_of
from webapp.errors import RefusedError
from webapp.models import AuditEntry, Base, Company, ErasedAddress, Erasure, LogEntry, RemoteObject, Run, User
from webapp.store.privacy import erased_addresses, finding, sweeping
from webapp.usecases.connection.keys import refuse_foreign_key
from webapp.usecases.duplicates import scan
from webapp.usecases.privacy import person as persons
from webapp.vault import Vault

# So long the other one has to come in between, or to be found waiting.
_OTHER_S = 1.0


@pytest.fixture
def known(connection_id: int, sandbox: SandboxServer, administrator: User) -> Known:
    return Known(connection_id, sandbox, administrator.id)


def _erase(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["privacy", "erase", *arguments], catch_exceptions=False)


def _redis_texts() -> str:
    client = current_services().redis
    found: list[Any] = []
    for key in client.scan_iter("*"):
        kind = client.type(key)
        found.append(key)
        if kind == b"string":
            found.append(client.get(key))
        elif kind == b"hash":
            found.append(client.hgetall(key))
        elif kind == b"list":
            found.append(client.lrange(key, 0, -1))
        elif kind == b"zset":
            found.append(client.zrange(key, 0, -1))
        elif kind == b"set":
            found.append(client.smembers(key))
        elif kind == b"stream":
            found.append(client.xrange(key))
    return str(found)


def test_no_trace_is_left_anywhere(known: Known, in_app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    known.goes_through_everything()
    before = traces()
    assert len(before) > 12, before
    done = _erase(in_app, ADDRESS, "--yes", "--json")
    assert (done.exit_code, json.loads(done.stdout)["erased"]) == (0, True)
    assert traces() == {}
    assert signs_in(_redis_texts()) == []
    printed = capfd.readouterr()
    assert signs_in(done.stdout + done.stderr + printed.out + printed.err) == []


def test_one_whose_key_was_lost_goes_on_when_the_address_is_erased_again(in_app: Flask) -> None:
    make_contact(email=ADDRESS)
    number = persons.begin(current_services(), ADDRESS)
    change_services(in_app, vault=Vault((Fernet.generate_key().decode(),)))
    persons.go_on_forgotten(current_services())
    with reading() as session:
        assert session.get_one(Erasure, number).finished_at is None
    assert persons.erase(current_services(), ADDRESS).id == number
    with reading() as session:
        assert session.get_one(Erasure, number).sealed is None


@pytest.mark.one_database
def test_others_keep_theirs(known: Known, in_app: Flask) -> None:
    known.goes_through_everything()
    assert _erase(in_app, ADDRESS, "--yes").exit_code == 0
    assert [one.first_name for one in pulling.contacts()] == ["Max"]
    assert pulling.link_of(known.other_id).state == "linked"
    assert [one.name for one in pulling.companies()] == ["Birkenwerk"]
    assert any(entry.name == "Max Bleibt" for entry in pulling.all_rows(LogEntry))


@pytest.mark.one_database
def test_without_a_yes_it_only_says_what_it_would_do(known: Known, in_app: Flask) -> None:
    before = traces()
    answer = _erase(in_app, ADDRESS)
    assert answer.exit_code == 0
    assert "Nothing was erased. Repeat it with --yes" in answer.stdout
    assert known.remote_id in answer.stdout
    assert traces() == before


@pytest.mark.one_database
def test_the_record_of_it_holds_nobody(known: Known, in_app: Flask) -> None:
    assert _erase(in_app, str(known.record_id), "--yes").exit_code == 0
    [erasure] = pulling.all_rows(Erasure)
    assert (erasure.sealed, erasure.finished_at is not None) == (None, True)
    assert erasure.counts["record"] >= 1
    [erased] = pulling.all_rows(ErasedAddress)
    assert "@" not in erased.digest
    assert len(erased.digest) == 64
    assert [one.action for one in pulling.all_rows(AuditEntry)][-1] == "person_erased"


@pytest.mark.one_database
def test_no_pull_brings_them_back_until_somebody_asks(known: Known, in_app: Flask) -> None:
    assert _erase(in_app, ADDRESS, "--yes").exit_code == 0
    run = pulling.pulled(known.connection_id)
    [entry] = [one for one in pulling.entries(run.id) if one.remote_id == known.remote_id]
    assert (entry.outcome, entry.reason, entry.name) == ("skipped", "person_erased", "(erased)")
    assert traces() == {}
    [stone] = pulling.left_out("contacts")
    pulling.decided(stone.id, "import")
    pulling.pulled(known.connection_id)
    assert pulling.link_of(known.remote_id).state == "linked"


@pytest.mark.one_database
def test_nor_does_another_object_with_their_address(
    known: Known, sandbox: SandboxServer, in_app: Flask
) -> None:
    assert _erase(in_app, ADDRESS, "--yes").exit_code == 0
    sandbox.erase("contacts", known.remote_id)
    again = str(sandbox.create("contacts", dict(VALUES), [known.firm])["id"])
    for _ in range(2):
        run = pulling.pulled(known.connection_id)
        [entry] = [one for one in pulling.entries(run.id) if one.remote_id == again]
        assert entry.reason == "person_erased"
    assert traces() == {}
    assert again in [one.remote_id for one in pulling.left_out("contacts")]


@pytest.mark.one_database
def test_no_undo_brings_them_back_and_it_says_why(known: Known, in_app: Flask) -> None:
    pull = next(run for run in pulling.all_rows(Run) if run.kind == "pull" and not run.is_preview)
    gone = deleted("contacts", known.record_id)
    assert _erase(in_app, ADDRESS, "--yes").exit_code == 0
    for run_id in (gone.id, pull.id):
        undo = undo_of(run_id)
        own = [one for one in pulling.entries(undo.id) if one.object_type == "contacts"]
        assert "undo_erased" in [one.reason for one in own if one.record_id == known.record_id]
    assert traces() == {}
    assert known.record_id not in [one.id for one in pulling.contacts()]


def test_one_who_was_deleted_here_long_ago_is_found_by_the_log(known: Known, in_app: Flask) -> None:
    deleted("contacts", known.record_id)
    assert traces()
    assert _erase(in_app, ADDRESS, "--yes").exit_code == 0
    assert traces() == {}


def test_cut_off_it_goes_on_by_itself(known: Known) -> None:
    known.goes_through_everything()
    number = persons.begin(current_services(), ADDRESS)
    assert traces()
    persons.go_on_forgotten(current_services())
    assert traces() == {}
    assert persons.erase(current_services(), ADDRESS).id == number


def test_of_two_who_erase_the_same_person_at_once_the_second_gets_the_erasure_of_the_first(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    known.goes_through_everything()
    real, begun_by_other = finding.find, list[int]()

    def find(session: Any, identity: Any) -> Any:
        found = real(session, identity)
        if not begun_by_other:
            begun_by_other.append(0)
            begun_by_other[0] = persons.begin(current_services(), ADDRESS)
        return found

    monkeypatch.setattr(finding, "find", find)
    assert [persons.begin(current_services(), ADDRESS)] == begun_by_other
    [erasure] = pulling.all_rows(Erasure)
    assert erasure.counts["links"] == 1
    assert len(pulling.all_rows(AuditEntry, action="person_erased")) == 1


def test_of_two_in_two_processes_the_second_waits_until_the_first_has_begun(
    known: Known, in_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    known.goes_through_everything()
    real, begun = erased_addresses.latest, list[int]()

    def begin_too() -> None:
        with in_app.app_context():
            begun.append(persons.begin(current_services(), ADDRESS))

    other = threading.Thread(target=begin_too)

    def latest(*given: Any) -> int | None:
        found = real(*given)
        if threading.current_thread() is not other and not other.ident:
            other.start()
            other.join(_OTHER_S)
        return found

    monkeypatch.setattr(erased_addresses, "latest", latest)
    begun.append(persons.begin(current_services(), ADDRESS))
    other.join()
    [erasure] = pulling.all_rows(Erasure)
    assert begun == [erasure.id, erasure.id]
    assert len(pulling.all_rows(AuditEntry, action="person_erased")) == 1


def test_killed_behind_each_of_its_steps_it_is_finished_when_repeated(known: Known, in_app: Flask) -> None:
    """Each time it comes a step further; what it has begun is on record, and at its end nothing is left."""
    known.goes_through_everything()
    # The proof of the key is none of its steps.
    refuse_foreign_key(current_services())
    mentions = persons.look_up(current_services(), ADDRESS).counts["mentions"]
    kills, ended = 0, False
    while not ended:
        kills += 1
        ended = _erased_until_step(in_app, kills)
        [erasure] = pulling.all_rows(Erasure)
        assert (erasure.finished_at is None) == bool(erasure.sealed)
        assert erasure.finished_at is None or not traces()
    assert kills > 3
    assert traces() == {}
    assert erasure.counts["mentions"] == mentions


def _erased_until_step(app: Flask, last: int) -> bool:
    """Repeat the command, and kill it behind a step; whether it has come to its end before."""
    steps = count(1)

    def reach(_name: str) -> None:
        if next(steps) == last:
            raise PowerCutError

    with pytest.MonkeyPatch.context() as patch:
        durable_steps.install(durable_steps.Hooks(reach), patch.setattr)
        try:
            done = _erase(app, ADDRESS, "--yes")
        except PowerCutError:
            return False
    return done.exit_code == 0


@pytest.mark.usefixtures("connection_id")
def test_whose_address_another_contact_has_is_erased_by_number_alone() -> None:
    firm = make_company()
    both = [make_contact(firm.id, first_name=name, email="buero@nord.de").id for name in ("Eva", "Max")]
    persons.erase(current_services(), str(both[0]))
    [left] = pulling.contacts()
    assert (left.first_name, left.email) == ("Max", "buero@nord.de")
    assert pulling.all_rows(ErasedAddress) == []


@pytest.mark.usefixtures("connection_id")
def test_what_people_wrote_into_another_record_stays_and_is_named(in_app: Flask) -> None:
    firm = make_company(description="Ask Eva, eva@nord.de")
    make_contact(firm.id, first_name="Eva", email="eva@nord.de")
    done = json.loads(_erase(in_app, "eva@nord.de", "--yes", "--json").stdout)
    assert done["left"] == {"records": 1}
    with reading() as session:
        assert session.scalars(select(Company.description)).one() == "Ask Eva, eva@nord.de"


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize("typed", ["", "nobody", "0", "99999999999999999999", "-1", "١٢"])
def test_what_is_neither_an_address_nor_a_number_is_refused(typed: str, in_app: Flask) -> None:
    refused = _erase(in_app, "--json", "--yes", "--", typed)
    assert (refused.exit_code, json.loads(refused.stdout)["error"]) == (1, "neither_address_nor_number")


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_nobody_is_erased_whom_nobody_knows() -> None:
    with pytest.raises(RefusedError, match="nothing_kept"):
        persons.erase(current_services(), "nobody@example.com")


@pytest.mark.usefixtures("connection_id")
def test_the_log_of_a_scan_names_nobody_beside_the_record_that_they_resembled() -> None:
    firm = make_company()
    both: dict[str, str] = {"first_name": "Eva", "phone": "+49 431 5558342"}
    stays = make_contact(firm.id, **both, last_name="Roth", email="eva@nord.de")
    goes = make_contact(firm.id, **both, last_name="Rothe", email="rothe@nord.de")
    started = scan.start(current_services(), trigger="button", user_id=None)
    [entry] = pulling.entries(pulling.worked_off(started.run_id).id)
    assert (entry.record_id, (entry.detail or {})["resembles"]) == (stays.id, "Eva Rothe")
    persons.erase(current_services(), str(goes.id))
    [entry] = pulling.entries(started.run_id)
    assert (entry.name, (entry.detail or {})["resembles"]) == ("Eva Roth", "(erased)")


def test_every_table_is_gone_through_or_left_for_a_reason() -> None:
    left = sweeping.RECORDS | sweeping.SETTINGS | sweeping.ACCOUNTS | sweeping.WITHOUT_PEOPLE
    names = {table.name for table in Base.metadata.sorted_tables}
    assert left <= names
    assert "log_entries" in sweeping.swept()
    assert not left & set(sweeping.swept())


@pytest.mark.one_database
@pytest.mark.usefixtures("known")
def test_the_tombstone_holds_a_number_alone(in_app: Flask) -> None:
    assert _erase(in_app, ADDRESS, "--yes").exit_code == 0
    [stone] = pulling.all_rows(RemoteObject)
    assert (stone.display_name, stone.properties, stone.email_key) == ("(erased)", {}, None)
