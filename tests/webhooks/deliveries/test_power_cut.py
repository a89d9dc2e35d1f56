"""The power is cut at the moment of an answer, or of a call to HubSpot: what must not be lost is there (B44).

`test_power_loss.py` asks each commit whether it waits for the disk; these forget what nobody waited for.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.applications.app import application, make_settings, migrate
from tests.support.faults.power_cut import Device, Disk, Forgetful
from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.webhook_events import APP, SECRET
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, give_key
from webapp.settings import Settings


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database: on SQLite whatever else the tests run on."""
    folder = tmp_path_factory.mktemp("template")
    migrate(f"sqlite:///{folder / 'twinbook.db'}", folder)
    return folder / "twinbook.db"


@pytest.fixture(params=["forgetful", "device"])
def disk(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> Iterator[Disk]:
    """A disk with an empty database."""
    with ExitStack() as stack:
        disk: Disk
        if request.param == "forgetful":
            disk = Forgetful(tmp_path)
        else:
            try:
                disk = stack.enter_context(Device.mounted(tmp_path))
            except PermissionError as error:
                pytest.skip(f"no device of its own: {error}")
        shutil.copyfile(template, disk.database)
        yield disk


@pytest.fixture
def settings(tmp_path: Path, disk: Disk, sandbox: SandboxServer, redis_url: str) -> Settings:
    """Settings whose database, on the disk, holds what a pull of one company and one contact has brought."""
    sandbox.settings(search_delay_s=0)
    made = make_settings(
        tmp_path,
        f"sqlite:///{disk.database}",
        redis_url=redis_url,
        hubspot_api_url=sandbox.url,
        hubspot_app_url=sandbox.url,
        hubspot_client_id="client",
        hubspot_client_secret=SECRET,
        hubspot_app_id=str(APP),
    )
    with application(made) as app, app.app_context():
        connection_id = pulling.connected()
        give_key(sandbox, connection_id)
        company = str(sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"])
        sandbox.create("contacts", {"lastname": "Roth", "email": "eva@n.de", "phone": "1"}, [company])
        pulling.pulled(connection_id)
    return made


def _begin_push(settings: Settings) -> None:
    """Something to create and something to change, and a push that is about to do it."""
    with application(settings) as app, app.app_context():
        make_company(name="New", domain="new.de")
        make_contact(1, last_name="Later", email="later@n.de")
        change_contact(1, phone="+49 228 7")
        pulling.begun(1, "push")


def test_the_disk_forgets_what_nobody_waited_for(disk: Disk, settings: Settings) -> None:
    """Else the other tests here would prove nothing."""
    disk.run(settings, "write losable", "2")
    assert disk.written("SELECT phone FROM contacts") == [("2",)]
    assert disk.left("SELECT phone FROM contacts") == [("1",)]


def test_an_edit_that_was_called_saved_is_there_with_its_intent_to_be_sent(
    disk: Disk, settings: Settings
) -> None:
    disk.run(settings, "edit", "+49 228 7")
    assert disk.left("SELECT phone FROM contacts") == [("+49 228 7",)]
    assert disk.left("SELECT object_type, record_id FROM outbox_records") == [("contacts", 1)]
    assert len(disk.left("SELECT id FROM record_edits WHERE record_id = 1")) == 1


def test_a_webhook_event_that_was_acknowledged_is_there(disk: Disk, settings: Settings) -> None:
    disk.run(settings, "deliver", "4711")
    [(table,)] = disk.left("SELECT name FROM sqlite_master WHERE name LIKE 'inbox%' AND type = 'table'")
    assert disk.left(f"SELECT remote_id FROM {table}") == [("4711",)]  # noqa: S608 - our own table


@pytest.mark.parametrize(
    ("call", "kind"), [("companies/batch/upsert", "companies"), ("contacts/batch/create", "contacts")]
)
def test_what_is_made_in_hubspot_was_announced(disk: Disk, settings: Settings, call: str, kind: str) -> None:
    _begin_push(settings)
    disk.run(settings, "push", call)
    announced = disk.left("SELECT record_id, key FROM announced_creates WHERE object_type = :kind", kind=kind)
    assert announced == disk.left(f"SELECT id, uuid FROM {kind} WHERE id = 2")  # noqa: S608 - our own table


def test_what_is_changed_in_hubspot_was_announced_with_the_value_before(
    disk: Disk, settings: Settings
) -> None:
    _begin_push(settings)
    disk.run(settings, "push", "contacts/batch/update")
    [(changes,)] = disk.left("SELECT changes FROM announced_updates WHERE object_type = 'contacts'")
    assert json.loads(changes) == [["phone", "1", "+49 228 7"]]
