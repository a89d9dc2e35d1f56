"""One odd entry in an answer about associations keeps no other contact from its company (B49)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import WRITES, change_contact, primary_of, pushed
from tests.support.usecases.undoing import undo_of
from webapp.domain.runs.options import PullRecordOptions
from webapp.models import AnnouncedAssociation, FailingRecord, Run
from webapp.usecases.runs import of_record

pytestmark = pytest.mark.one_database

READ = "*/associations/*/batch/read"
CONTACTS = 4


@pytest.fixture
def moved(with_key: int, sandbox: SandboxServer) -> list[str]:
    """Contacts of one company in HubSpot, which another one has here; their objects."""
    old, new = (
        str(sandbox.create("companies", {"name": name, "domain": f"{name}.de"})["id"])
        for name in ("old", "new")
    )
    made = [
        str(sandbox.create("contacts", {"email": f"eva{number}@x.de"}, [old])["id"])
        for number in range(CONTACTS)
    ]
    pulling.pulled(with_key)
    for contact in pulling.contacts():
        change_contact(contact.id, company_id=pulling.link_of(new, "companies").record_id)
    return made


def _primaries(sandbox: SandboxServer, moved: list[str]) -> list[str]:
    names = {link.remote_id: link.record_id for link in pulling.links("companies")}
    primaries = [primary_of(sandbox, one) for one in moved]
    return [sandbox.get("companies", str(one))["properties"]["name"] for one in primaries if one in names]


def _ended(run: Run) -> list[tuple[Any, ...]]:
    return sorted((entry.outcome, entry.reason) for entry in pulling.entries(run.id))


def test_a_contact_whose_companies_cannot_be_read_fails_alone(
    with_key: int, moved: list[str], sandbox: SandboxServer
) -> None:
    sandbox.fault("odd", path=READ, oddity="far_end", times=1)
    run = pushed(with_key)
    assert run.state == "finished"
    assert run.counts["associations"] == {"updated": 3, "failed": 1}
    assert sorted(_primaries(sandbox, moved)) == ["new", "new", "new", "old"]
    assert _ended(run)[0] == ("failed", "association_unreadable")
    [failing] = pulling.all_rows(FailingRecord)
    assert (failing.reason, failing.key) == ("association_unreadable", f"a{failing.record_id}")
    assert pushed(with_key).counts["associations"] == {"unchanged": 3, "updated": 1}
    assert _primaries(sandbox, moved) == ["new"] * CONTACTS
    assert not pulling.all_rows(FailingRecord)


def test_an_entry_that_names_no_contact_is_about_whoever_has_none(
    with_key: int, moved: list[str], sandbox: SandboxServer
) -> None:
    """Else a contact would be taken to have no company, and its former one be told to be none."""
    sandbox.fault("odd", path=READ, oddity="near_end", times=1)
    run = pushed(with_key)
    assert run.counts["associations"] == {"updated": 3, "failed": 1}
    assert sorted(_primaries(sandbox, moved)) == ["new", "new", "new", "old"]


@pytest.mark.parametrize("oddity", ["near_end", "far_end", "empty_page"])
def test_an_odd_answer_to_a_write_is_looked_up_and_all_are_logged(
    with_key: int, moved: list[str], sandbox: SandboxServer, oddity: str
) -> None:
    sandbox.fault("odd", path=WRITES["associations"], oddity=oddity, times=1)
    run = pushed(with_key)
    assert run.state == "finished"
    assert run.counts["associations"] == {"updated": CONTACTS}
    assert len([one for one in pulling.entries(run.id) if one.reason == "associated"]) == CONTACTS
    assert pulling.all_rows(AnnouncedAssociation) == []
    undo_of(run.id)
    assert _primaries(sandbox, moved) == ["old"] * CONTACTS


@pytest.mark.every_database
def test_what_was_announced_of_a_contact_that_cannot_be_read_stays_announced(
    with_key: int, moved: list[str], sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.hasty_retries(monkeypatch)
    sandbox.fault("cut_after", path=WRITES["associations"], times=None)
    lost = pushed(with_key)
    sandbox.clear_faults()
    sandbox.fault("odd", path=READ, oddity="far_end", times=1)
    run = pulling.wait_is_over(lost.id)
    assert _primaries(sandbox, moved) == ["new"] * CONTACTS
    run = pulling.worked_off(run.id)
    associated = [one for one in pulling.entries(run.id) if one.reason == "associated"]
    assert len(associated) == CONTACTS
    assert run.counts["associations"]["updated"] == CONTACTS
    assert pulling.all_rows(AnnouncedAssociation) == []


def test_an_undo_leaves_the_contact_whose_companies_cannot_be_read(
    with_key: int, moved: list[str], sandbox: SandboxServer
) -> None:
    run = pushed(with_key)
    sandbox.fault("odd", path=READ, oddity="far_end", times=1)
    undo_run = undo_of(run.id)
    assert undo_run.state == "finished"
    assert ("skipped", "unreadable_object") in _ended(undo_run)
    assert sorted(_primaries(sandbox, moved)) == ["new", "old", "old", "old"]


def test_a_pull_of_a_contact_whose_companies_cannot_be_read_says_so(
    with_key: int, moved: list[str], sandbox: SandboxServer
) -> None:
    assert with_key
    assert moved
    sandbox.fault("odd", path=READ, oddity="far_end", times=1)
    of_record.start(current_services(), PullRecordOptions(object_type="contacts", record_id=1), user_id=None)
    run = pulling.worked_off(max(one.id for one in pulling.all_rows(Run)))
    assert (run.state, _ended(run)) == ("finished", [("failed", "unreadable_object")])


def _leave_out(sandbox: SandboxServer, contact: str, times: int) -> None:
    sandbox.fault("part", path=READ, text=f'"{contact}"', times=times)


def test_a_company_that_an_answer_leaves_out_is_asked_for_again_before_another_is_set(
    with_key: int, moved: list[str], sandbox: SandboxServer
) -> None:
    """What was there before stands in the log, so that an undo brings it back."""
    _leave_out(sandbox, moved[1], 1)
    run = pushed(with_key)
    assert run.counts["associations"] == {"updated": 4}
    assert {tuple((one.changes or [])[0][:2]) for one in pulling.entries(run.id)} == {
        ("primary_company", primary_id)
        for primary_id in [one.remote_id for one in pulling.links("companies")][:1]
    }
    _leave_out(sandbox, moved[2], 1)
    undo_of(run.id)
    assert _primaries(sandbox, moved) == ["old"] * CONTACTS


def test_contacts_that_are_listed_without_their_companies_have_them_all_the_same(
    with_key: int, sandbox: SandboxServer
) -> None:
    company = str(sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"])
    for number in range(3):
        sandbox.create("contacts", {"email": f"eva{number}@acme.de"}, [company])
    sandbox.fault("odd", method="GET", path="*/contacts", oddity="unassociated", times=None)
    assert pulling.pulled(with_key).counts["contacts"] == {"created": 3}
