"""Every call that writes to HubSpot is announced before it leaves, and told in a log afterwards (B46)."""

from __future__ import annotations

import json

import pytest

from tests.support.applications.services import current_services
from tests.support.applications.workers_in_turn import without_threads
from tests.support.faults.announced_first import NO_RECORDS, announced_first, write_methods
from tests.support.faults.search_lag import associate_plainly, checked, person_makes_acme
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.duplicates import list_pair
from tests.support.usecases.pushing import change_contact, pushed
from tests.support.usecases.undoing import undo_of
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.models import AnnouncedAssociation, AnnouncedCreate, AnnouncedUpdate, LogEntry, User
from webapp.usecases.duplicates import merge_run

pytestmark = pytest.mark.every_database


def _remote(kind: str, record_id: int) -> str:
    [found] = [one.remote_id for one in pulling.links(kind) if one.record_id == record_id]
    return found


def _made_changed_and_moved(connection_id: int, sandbox: SandboxServer) -> None:
    """And all of that undone: also a primary company where there was none."""
    sandbox.settings(first_company_becomes_primary=False)
    first = sandbox.create("companies", {"name": "First", "domain": "first.de"})["id"]
    pia = sandbox.create("contacts", {"firstname": "Pia", "email": "pia@first.de"}, [])["id"]
    associate_plainly(sandbox, (pia, first))
    pulling.pulled(connection_id)
    other = make_company(name="Other", domain="other.de")
    eva = make_contact(1, first_name="Eva", email="eva@first.de")
    make_contact(other.id, first_name="Max", email=None)
    pushed(connection_id)
    associate_plainly(sandbox, (pia, _remote("companies", other.id)))
    for number in (1, eva.id):
        change_contact(number, city="Ulm", company_id=other.id)
    undo_of(pushed(connection_id).id)


def _joined_and_reverted(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.settings(search_delay_s=3600)
    person_makes_acme(sandbox)
    acme = make_company(name="Acme", domain="acme.de")
    push = pushed(connection_id)
    associate_plainly(sandbox, (_remote("contacts", 2), _remote("companies", acme.id)))
    assert checked(sandbox).counts["companies"]["updated"] == 1
    undo_of(push.id, archives=True)


def _merged_in_hubspot(administrator: User) -> None:
    list_pair("companies", 1, 2)
    options = MergeDuplicatesOptions(records=(1, 2), stays=1, is_also_there=True)
    run = pulling.worked_off(merge_run.start(current_services(), options, user_id=administrator.id).run_id)
    assert [one.reason for one in pulling.entries(run.id)] == ["merged_both"]


def test_every_write_is_announced_before_it_leaves_and_told_afterwards(
    with_key: int, sandbox: SandboxServer, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new call of the client's that writes fails here until it is made in one of these stories."""
    without_threads(monkeypatch)
    with announced_first() as (made, written):
        _made_changed_and_moved(with_key, sandbox)
        _joined_and_reverted(with_key, sandbox)
        _merged_in_hubspot(administrator)
    assert made == write_methods() - NO_RECORDS
    logged = json.dumps([[one.remote_id, one.changes, one.detail] for one in pulling.all_rows(LogEntry)])
    # A key is that of a record whose object has an id of its own.
    assert not [one for one in written if one.isdigit() and f'"{one}"' not in logged]
    for table in (AnnouncedCreate, AnnouncedUpdate, AnnouncedAssociation):
        assert not pulling.all_rows(table)
