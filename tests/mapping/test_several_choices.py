"""Properties of several choices: their order means nothing, and an option that is gone keeps nothing back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.samples.factories import make_company
from tests.support.samples.mapped_fields import map_field
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit_record
from tests.support.usecases.pushing import change_company, pushed
from tests.support.usecases.undoing import undo_of
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.records.fields import Field
from webapp.models import Company, FailingRecord, Run
from webapp.usecases.mapping import definitions
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
def with_wine(connection_id: int) -> int:
    """The same, with a third option mapped."""
    field = Field("custom.hobbies", "Hobbies", "choices", 5_000, ("Golf", "Music", "Wine"))
    item = FieldMap("custom.hobbies", "hobbies", options=_MAPPED | {"Wine": "go"})
    map_field(connection_id, "companies", field, item)
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


def _sent_by_itself(number: int) -> Run:
    bound_jobs().begin_auto_push(number)
    return pulling.worked_off(pulling.all_rows(Run, kind="auto_push")[-1].id)


def _chosen_there(sandbox: SandboxServer, company: str) -> set[str]:
    return set(sandbox.get("companies", company)["properties"]["hobbies"].split(";"))


def _pulled_then_without_music(number: int, sandbox: SandboxServer, held: str, *, is_known: bool) -> str:
    """A linked company, after HubSpot has stopped to offer music: whether that is known here, or not yet."""
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "hobbies": held})
    pulling.pulled(number)
    sandbox.redefine("companies", "hobbies", options=_offered("golf", "chess", "go"))
    if is_known:
        definitions.refresh(current_services(), number)
    return str(made["id"])


@pytest.mark.every_database
@pytest.mark.parametrize("is_known", [True, False])
def test_a_mapped_option_that_is_gone_is_named_and_keeps_no_other_back(
    with_wine: int, sandbox: SandboxServer, *, is_known: bool
) -> None:
    """B49: whoever notices first that the option is gone, Twinbook or HubSpot."""
    company = _pulled_then_without_music(with_wine, sandbox, "golf;chess", is_known=is_known)
    edit_record("companies", 1, **{"custom.hobbies": "Golf;Music;Wine", "city": "Ulm"})
    run = _sent_by_itself(with_wine)
    assert _chosen_there(sandbox, company) == {"golf", "go", "chess"}
    assert sandbox.get("companies", company)["properties"]["city"] == "Ulm"
    [entry] = pulling.entries(run.id)
    named = {"field": "custom.hobbies", "reason": "option_gone_there", "value": "Music"}
    assert (entry.outcome, entry.reason) == ("updated", "property_unfit")
    assert entry.detail == {"fields": [named], "property": "hobbies"}
    assert [one.reason for one in pulling.all_rows(FailingRecord)] == ["property_unfit"]
    assert _counted(pulling.pulled(with_wine)) == {"unchanged": 1}
    assert _counted(pushed(with_wine)) == {"skipped": 1}, "it is not forgotten that music was chosen"
    sandbox.redefine("companies", "hobbies", options=_offered("golf", "music", "chess", "go"))
    definitions.refresh(current_services(), with_wine)
    assert _counted(_sent_by_itself(with_wine)) == {"updated": 2}, "in the same hour's run"
    assert _chosen_there(sandbox, company) == {"golf", "music", "go", "chess"}
    assert not pulling.all_rows(FailingRecord)


def test_what_hubspot_lost_since_the_last_sync_is_no_edit_here(
    with_wine: int, sandbox: SandboxServer
) -> None:
    company = _pulled_then_without_music(with_wine, sandbox, "golf;music", is_known=True)
    sandbox.update("companies", company, {"hobbies": "golf"})
    edit_record("companies", 1, city="Ulm")
    for run in (_sent_by_itself(with_wine), pushed(with_wine), pushed(with_wine)):
        assert not [one for one in pulling.entries(run.id) if one.reason or one.detail]
    assert pulling.company(1).custom == {"hobbies": "Golf;Music"}


@pytest.mark.parametrize("is_known", [True, False])
def test_the_last_of_our_options_that_is_gone_empties_nothing(
    with_wine: int, sandbox: SandboxServer, *, is_known: bool
) -> None:
    company = _pulled_then_without_music(with_wine, sandbox, "golf;chess", is_known=is_known)
    edit_record("companies", 1, **{"custom.hobbies": "Music"})
    [entry] = pulling.entries(_sent_by_itself(with_wine).id)
    expected = ("skipped", "property_unfit") if is_known else ("failed", "refused_by_hubspot")
    assert (entry.outcome, entry.reason) == expected
    assert _chosen_there(sandbox, company) == {"golf", "chess"}


def test_a_single_option_and_a_stage_that_are_gone_are_named(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """A record is not called unchanged though its edit cannot be sent."""
    levels = _offered("gold", "tin")
    sandbox.define("companies", "level", type="enumeration", fieldType="select", options=levels)
    field = Field("custom.level", "Level", "choice", 100, ("Best", "Least"))
    item = FieldMap("custom.level", "level", options={"Best": "gold", "Least": "tin"})
    map_field(connection_id, "companies", field, item)
    held = {"name": "Acme", "domain": "acme.de", "level": "gold", "lifecyclestage": "lead"}
    company = sandbox.create("companies", held)["id"]
    pulling.pulled(connection_id)
    sandbox.redefine("companies", "level", options=_offered("gold"))
    sandbox.redefine("companies", "lifecyclestage", options=_offered("lead", "customer"))
    definitions.refresh(current_services(), connection_id)
    edit_record("companies", 1, **{"custom.level": "Least", "status": "Prospect"})
    preview = pulling.worked_off(pulling.begun(connection_id, "push", is_preview=True))
    for run in (preview, pushed(connection_id)):
        [entry] = pulling.entries(run.id)
        assert (entry.outcome, entry.reason) == ("skipped", "property_unfit")
        left = {one["field"]: (one["reason"], one["value"]) for one in (entry.detail or {})["fields"]}
        assert left == {
            "custom.level": ("option_gone_there", "Least"),
            "status": ("option_gone_there", "Prospect"),
        }
    there = sandbox.get("companies", company)["properties"]
    assert (there["level"], there["lifecyclestage"]) == ("gold", "lead")


def test_an_undo_names_the_mapped_option_that_it_cannot_put_back(
    with_wine: int, sandbox: SandboxServer
) -> None:
    held = {"name": "Acme", "domain": "acme.de", "hobbies": "golf;music;chess"}
    company = sandbox.create("companies", held)["id"]
    pulling.pulled(with_wine)
    change_company(1, custom={"hobbies": "Wine"}, city="Ulm")
    run = pushed(with_wine)
    sandbox.redefine("companies", "hobbies", options=_offered("golf", "chess", "go"))
    [entry] = pulling.entries(undo_of(run.id).id)
    named = [(one["reason"], one["value"]) for one in (entry.detail or {})["fields"]]
    assert (entry.reason, named) == ("undone_less_refused", [("option_gone_there", "Music")])
    assert _chosen_there(sandbox, company) == {"golf", "chess"}
    assert not sandbox.get("companies", company)["properties"].get("city")


def test_options_with_blanks_around_them_are_the_same_on_both_sides(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """HubSpot makes an option's name of what a person typed, blanks included, and takes it only so."""
    golf, chess = ("golf ", "chess\u00a0")
    options = [{"label": one.strip(), "value": one} for one in (golf, chess, "music")]
    sandbox.redefine("companies", "hobbies", options=options)
    sandbox.define("companies", "level", type="enumeration", fieldType="select", options=options)
    item = FieldMap("custom.hobbies", "hobbies", options=_MAPPED | {"Golf": golf})
    map_field(connection_id, "companies", _OURS, item)
    field = Field("custom.level", "Level", "choice", 100, ("Best",))
    map_field(connection_id, "companies", field, FieldMap("custom.level", "level", options={"Best": golf}))
    held = {"name": "Acme", "domain": "acme.de", "hobbies": f"{golf};{chess}", "level": golf}
    company = sandbox.create("companies", held)["id"]
    pulling.pulled(connection_id)
    assert pulling.company(1).custom == {"hobbies": "Golf", "level": "Best"}
    assert _counted(pushed(connection_id)) == {"unchanged": 1}
    edit_record("companies", 1, **{"custom.hobbies": "Golf;Music"})
    run = pushed(connection_id)
    assert sandbox.get("companies", company)["properties"]["hobbies"] == f"{golf};music;{chess}"
    for again in (pushed(connection_id), pulling.pulled(connection_id)):
        assert _counted(again) == {"unchanged": 1}
    sandbox.redefine("companies", "hobbies", options=options[:2])
    edit_record("companies", 1, **{"custom.hobbies": "Music"})
    assert _counted(undo_of(run.id)) == {"updated": 1}
    assert sandbox.get("companies", company)["properties"]["hobbies"] == f"{golf};{chess}"


def test_what_both_sides_hold_is_not_named_though_the_option_is_gone(
    with_wine: int, sandbox: SandboxServer
) -> None:
    """A stage that HubSpot has under another name, and an option that it keeps in old values."""
    sandbox.settings(search_delay_s=0)
    held = {"name": "Acme", "domain": "acme.de", "hobbies": "golf;music"}
    sandbox.create("companies", held | {"lifecyclestage": "salesqualifiedlead"})
    make_company(name="Acme", domain="acme.de", status="Prospect", custom={"hobbies": "Golf;Music"})
    sandbox.redefine("companies", "hobbies", options=_offered("golf", "chess", "go"))
    sandbox.redefine("companies", "lifecyclestage", options=_offered("lead", "salesqualifiedlead"))
    definitions.refresh(current_services(), with_wine)
    run = pushed(with_wine)
    [entry] = pulling.entries(run.id)
    assert (entry.outcome, entry.reason, entry.detail) == ("updated", "matched", None)
