"""Properties of several choices: their order means nothing, and an option that is gone keeps nothing back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.samples.mapped_fields import map_field
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit_record
from tests.support.usecases.pushing import change_company, pushed
from tests.support.usecases.undoing import undo_of
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.records.fields import Field
from webapp.models import Company, FailingRecord, Run
from webapp.usecases.reconcile import begin as begin_reconcile

pytestmark = pytest.mark.one_database

_OURS = Field("custom.hobbies", "Hobbies", "choices", 5_000, ("Golf", "Music"))
_MAPPED = {"Golf": "golf", "Music": "music"}


def _offered(*names: str) -> list[dict[str, Any]]:
    return [{"label": name.capitalize(), "value": name} for name in names]


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - the application is used
    """A portal whose companies have several hobbies, two of which are mapped."""
    number = pulling.connected()
    many = {
        "type": "enumeration",
        "fieldType": "checkbox",
        "options": _offered("golf", "music", "chess", "go"),
    }
    sandbox.define("companies", "hobbies", **many)
    return number


@pytest.fixture
def mapped(connection_id: int) -> int:
    """The same, mapped option by option."""
    item = FieldMap("custom.hobbies", "hobbies", options=_MAPPED)
    map_field(connection_id, "companies", _OURS, item)
    return connection_id


@pytest.fixture
def as_text(connection_id: int) -> int:
    """The same, brought into a field of text."""
    item = FieldMap("custom.hobbies", "hobbies", direction="in")
    map_field(connection_id, "companies", Field("custom.hobbies", "Hobbies", "text", 200), item)
    return connection_id


def _counted(run: Run) -> dict[str, int]:
    assert run.state == "finished", run.error_text
    counts: dict[str, int] = run.counts["companies"]
    return counts


def _reconciled() -> Run:
    started = begin_reconcile.start(current_services(), trigger="button", user_id=None, is_full=True)
    return pulling.worked_off(started.run_id)


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize("how", ["mapped", "as_text"])
def test_another_order_is_no_change(request: pytest.FixtureRequest, sandbox: SandboxServer, how: str) -> None:
    """Neither in a Pull, a Push and their previews nor in a comparison."""
    number = request.getfixturevalue(how)
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "hobbies": "golf;music;chess"})
    pulling.pulled(number)
    pushed(number)
    held = pulling.company(1).custom
    sandbox.update("companies", made["id"], {"hobbies": "chess;music;golf"})
    for kind in ("pull", "push"):
        preview = pulling.worked_off(pulling.begun(number, kind, is_preview=True))
        assert _counted(preview) == {"unchanged": 1}, kind
    run = _reconciled()
    assert not {"updated", "created"} & run.counts.get("companies", {}).keys()
    assert _counted(pulling.pulled(number)) == {"unchanged": 1}
    assert _counted(pushed(number)) == {"unchanged": 1}
    assert sandbox.get("companies", made["id"])["properties"]["hobbies"] == "chess;music;golf"
    assert pulling.company(1).custom == held
    sandbox.update("companies", made["id"], {"hobbies": "music"})
    assert _counted(pulling.pulled(number)) == {"updated": 1}


def test_another_order_here_is_no_change_either(mapped: int, sandbox: SandboxServer) -> None:
    """As an administrator leaves it behind who orders the options of a field anew."""
    held = {"name": "Acme", "domain": "acme.de", "hobbies": "golf;music"}
    company = sandbox.create("companies", held)["id"]
    pulling.pulled(mapped)
    with writing() as session:
        session.get_one(Company, 1).custom = {"hobbies": "Music;Golf"}
    assert _counted(pushed(mapped)) == {"unchanged": 1}
    assert _counted(pulling.pulled(mapped)) == {"unchanged": 1}
    assert sandbox.get("companies", company)["properties"]["hobbies"] == "golf;music"


def _edited_though_chess_is_gone(number: int, sandbox: SandboxServer) -> tuple[str, Run]:
    held = {"name": "Acme", "domain": "acme.de", "hobbies": "golf;chess;go"}
    company = sandbox.create("companies", held)["id"]
    pulling.pulled(number)
    sandbox.redefine("companies", "hobbies", options=_offered("golf", "music", "go"))
    edit_record("companies", 1, **{"custom.hobbies": "Golf;Music", "city": "Ulm"})
    bound_jobs().begin_auto_push(number)
    return company, pulling.worked_off(pulling.all_rows(Run, kind="auto_push")[-1].id)


def test_an_edit_is_sent_though_the_object_holds_an_option_that_is_gone(
    mapped: int, sandbox: SandboxServer
) -> None:
    """B49: the option is mapped to nothing here, so that nobody here could take it away."""
    company, run = _edited_though_chess_is_gone(mapped, sandbox)
    assert _counted(run) == {"updated": 1}
    there = sandbox.get("companies", company)["properties"]
    assert (set(there["hobbies"].split(";")), there["city"]) == ({"golf", "music", "go"}, "Ulm")
    assert not pulling.all_rows(FailingRecord)
    assert [one.reason for one in pulling.entries(run.id)] == [None]
    assert _counted(pushed(mapped)) == {"unchanged": 1}


def test_an_undo_puts_the_mapped_options_back_though_another_is_gone(
    mapped: int, sandbox: SandboxServer
) -> None:
    held = {"name": "Acme", "domain": "acme.de", "hobbies": "golf;chess;go"}
    company = sandbox.create("companies", held)["id"]
    pulling.pulled(mapped)
    change_company(1, custom={"hobbies": "Golf;Music"})
    run = pushed(mapped)
    sandbox.redefine("companies", "hobbies", options=_offered("golf", "music", "go"))
    undo = undo_of(run.id)
    assert _counted(undo) == {"updated": 1}
    assert set(sandbox.get("companies", company)["properties"]["hobbies"].split(";")) == {"golf", "go"}
