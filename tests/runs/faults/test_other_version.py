"""During an update old and new workers take turns: each leaves alone what only the other can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_company, make_run
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import importing, pulling
from tests.support.usecases.duplicates import list_pair
from webapp.domain.runs.options import ChangeOptions, DeleteOptions, MergeDuplicatesOptions, UndoOptions
from webapp.models import Run, User
from webapp.usecases.changes import run as changes_run
from webapp.usecases.deletion import run as deletion_run
from webapp.usecases.duplicates import scan
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.records.files import import_run
from webapp.usecases.runs import lifecycle

pytestmark = pytest.mark.one_database

_FURTHER = {"a_field_of_a_newer_version": [1, {"x": None}]}


@pytest.fixture
def book(connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> int:
    """A book that was pulled, of which every slice does one page."""
    portal.settings(latency_ms=0)
    pulling.pulled(connection_id)
    pulling.short_slices(monkeypatch)
    for module, size in ((changes_run, 20), (deletion_run, 20)):
        monkeypatch.setattr(module, "PAGE_SIZE", size)
    monkeypatch.setattr(import_run, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(scan, "RECORDS_AT_ONCE", 20)
    return connection_id


def _begun(kind: str, connection_id: int) -> int:
    if kind == "reconcile":
        return begin_reconcile.start(current_services(), trigger="button", user_id=None, is_full=True).run_id
    if kind == "find_duplicates":
        return scan.start(current_services(), trigger="button", user_id=None).run_id
    if kind == "merge_duplicates":
        first, *others = (one.id for one in pulling.companies())
        for other in others[:3]:
            list_pair("companies", first, other)
        return pulling.begun(connection_id, kind, options=MergeDuplicatesOptions())
    if kind == "import":
        import_id = importing.checked("companies", "name\nNew one\nNew two\n")
        return import_run.start(current_services(), import_id, user_id=None, is_preview=False).run_id
    options: Any = {
        "change": ChangeOptions(object_type="contacts", verb="deactivate", newest_id=10_000),
        "delete": DeleteOptions(object_type="contacts", newest_id=10_000),
        "undo": UndoOptions(run_id=1, run_kind="pull"),
    }.get(kind)
    return pulling.begun(connection_id, kind, options=options)


_KINDS = "pull push reconcile find_duplicates merge_duplicates import change delete undo"


@pytest.mark.parametrize("kind", _KINDS.split())
def test_a_run_goes_on_behind_a_page_of_a_newer_version(book: int, kind: str) -> None:
    """Its checkpoint has a field more; what this version does not know it leaves out."""
    run_id = _begun(kind, book)
    run = pulling.one_slice(run_id)
    assert (run.state, bool(run.checkpoint)) == ("running", True)
    pulling.change(run_id, checkpoint={**run.checkpoint, **_FURTHER})
    run = pulling.worked_off(run_id)
    assert (run.state, run.error_text) == ("finished", None)


def test_a_checkpoint_that_this_version_cannot_read_waits_for_one_that_can(book: int) -> None:
    run_id = _begun("pull", book)
    before = pulling.one_slice(run_id)
    pulling.change(run_id, checkpoint={**before.checkpoint, "object_type": "deals"})
    run = pulling.worked_off(run_id)
    assert (run.state, run.waiting_for, run.counts) == ("running", "other_version", before.counts)
    pulling.change(run_id, checkpoint=before.checkpoint)
    assert pulling.wait_is_over(run_id).state == "finished"


def test_what_a_run_of_another_version_is_asked_is_not_guessed(book: int) -> None:
    """By the options that it can read it would give every contact no status at all."""
    active = [one.id for one in pulling.contacts() if one.is_active]
    run_id = _begun("change", book)
    pulling.change(run_id, options={"object_type": "contacts", "verb": "recolour", "newest_id": 10_000})
    run = pulling.worked_off(run_id)
    assert (run.state, run.waiting_for) == ("running", "other_version")
    assert [one.id for one in pulling.contacts() if one.is_active] == active
    assert pulling.entries(run_id) == []


def test_a_run_of_a_kind_that_this_version_does_not_know_holds_no_other_up(
    connection_id: int, portal: SandboxServer
) -> None:
    """The sweep comes to it first, and has to come to the others all the same."""
    portal.settings(latency_ms=0)
    foreign = make_run(connection_id, kind="enrich", trigger="button", state="running", options={"depth": 3})
    make_company(name="Acme")
    run_id = pulling.begun(connection_id)
    lost = pulling.run_of(run_id).fence
    for one in (foreign.id, run_id):
        pulling.change(one, touched_at=foreign.created_at)
    current_services().redis.flushall()
    lifecycle.sweep(current_services())
    assert pulling.run_of(run_id).fence > lost
    assert pulling.worked_off(run_id).state == "finished"
    waiting = pulling.worked_off(foreign.id)
    assert (waiting.state, waiting.waiting_for) == ("running", "other_version")


def test_pages_show_a_run_of_a_kind_that_this_version_does_not_know(
    connection_id: int, logged_in: Callable[[User], FlaskClient], administrator: User
) -> None:
    run = make_run(
        connection_id, kind="enrich", trigger="button", state="running", waiting_for="other_version"
    )
    client = logged_in(administrator)
    for address in ("/", "/sync-log", f"/sync-log/{run.id}", "/integrations/hubspot", "/contacts"):
        assert client.get(address).status_code == 200, address
    page = client.get(f"/sync-log/{run.id}").text
    assert "the version of Twinbook that has begun it" in page
    lifecycle.cancel(current_services(), run.id)
    assert pulling.run_of(run.id).state == "cancelled"


def test_a_preview_that_cannot_be_read_is_not_run_as_if_it_had_been_about_everything(
    book: int, logged_in: Callable[[User], FlaskClient], administrator: User
) -> None:
    """What it was about alone is not known."""
    preview = make_run(
        book, kind="push", trigger="button", state="finished", is_preview=True, options={"fields": "all"}
    )
    answer = logged_in(administrator).post(f"/sync-log/{preview.id}/preview")
    assert answer.status_code == 409, answer.text
    assert not [run for run in pulling.all_rows(Run, kind="push") if not run.is_preview]
