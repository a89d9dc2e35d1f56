"""While a run is setting primary companies, others leave these to it, and no entry is lost (B46, B47)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.applications.services import current_services, reading, writing
from tests.support.faults.kills import finished_in_the_end
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, primary_of, pushed, pushed_record
from tests.support.usecases.undoing import undo_of
from webapp.domain.runs.options import PullRecordOptions
from webapp.hubspot.calls.associations import AssociationCalls
from webapp.models import AnnouncedAssociation, Run
from webapp.store.links import generations
from webapp.store.push import announced_writes
from webapp.usecases.push import associations
from webapp.usecases.runs import of_record


@pytest.fixture
def firms(with_key: int, sandbox: SandboxServer) -> dict[str, str]:
    """Three companies of HubSpot's, which are here as well; their objects by name."""
    made = {
        name: str(sandbox.create("companies", {"name": name, "domain": f"{name}.de"})["id"])
        for name in ("old", "new", "third")
    }
    assert with_key
    return made


@pytest.fixture
def contact(with_key: int, firms: dict[str, str], sandbox: SandboxServer) -> str:
    """A contact that has the new company here, and the old one in HubSpot."""
    made = str(sandbox.create("contacts", {"email": "eva@x.de"}, [firms["old"]])["id"])
    pulling.pulled(with_key)
    _move_to(firms["new"])
    return made


def _move_to(company: str) -> None:
    change_contact(1, company_id=pulling.link_of(company, "companies").record_id)


def _just_before_the_call(patch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """Do something once a primary company is announced, and before HubSpot has heard of it."""
    real, left = AssociationCalls.associate_primary, [work]

    def associate_primary(self: Any, pairs: Any) -> Any:
        if left:
            left.pop()()
        return real(self, pairs)

    patch.setattr(AssociationCalls, "associate_primary", associate_primary)


def _once_compared(patch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """Do something once a push has compared companies, and before it has written what is agreed on."""
    real, left = associations._decided, [work]

    def decided(*args: Any, **how: Any) -> Any:
        found = real(*args, **how)
        if left:
            left.pop()()
        return found

    patch.setattr(associations, "_decided", decided)


def _pulled_record() -> None:
    of_record.start(current_services(), PullRecordOptions(object_type="contacts", record_id=1), user_id=None)
    run = pulling.worked_off(max(one.id for one in pulling.all_rows(Run)))
    assert (run.kind, run.state) == ("pull_record", "finished")


def _associated(run_id: int) -> list[Any]:
    return [one.changes for one in pulling.entries(run_id) if one.reason == "associated"]


@pytest.mark.usefixtures("contact")
def test_a_pull_beside_it_leaves_the_company_to_the_push(
    with_key: int, firms: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _just_before_the_call(monkeypatch, _pulled_record)
    pushed(with_key)
    company = pulling.link_of(firms["new"], "companies").record_id
    assert pulling.contacts()[0].company_id == company
    [link] = pulling.links("contacts")
    assert (link.local_seen["company_id"], link.remote_seen["company_id"]) == (company, firms["new"])


def test_another_push_waits_and_each_tells_in_its_own_log(
    with_key: int,
    contact: str,
    firms: dict[str, str],
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others: list[Run] = []

    def push_the_third() -> None:
        _move_to(firms["third"])
        others.append(pushed_record(with_key, "contacts", 1))
        assert (others[0].state, primary_of(sandbox, contact)) == ("running", firms["old"])

    _just_before_the_call(monkeypatch, push_the_third)
    run = pushed(with_key)
    assert _associated(run.id) == [[["primary_company", firms["old"], firms["new"]]]]
    other = finished_in_the_end(pulling.wait_is_over(others[0].id))
    assert _associated(other.id) == [[["primary_company", firms["new"], firms["third"]]]]
    assert pulling.all_rows(AnnouncedAssociation) == []
    undo_of(other.id)
    undo_of(run.id)
    assert primary_of(sandbox, contact) == firms["old"]


@pytest.mark.usefixtures("contact")
def test_what_is_being_associated_is_known_while_its_slice_is_at_work(
    with_key: int, firms: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert firms
    seen: list[dict[int, frozenset[str]]] = []

    def look() -> None:
        [run] = pulling.all_rows(Run, kind="push")
        for but_of_run, fence in ((None, run.fence), (run.id, run.fence), (None, run.fence + 1)):
            pulling.change(run.id, fence=fence)
            with reading() as session:
                known = announced_writes.in_flight(session, with_key, "contacts", [1], but_of_run=but_of_run)
                properties = announced_writes.in_flight(
                    session,
                    with_key,
                    "contacts",
                    [1],
                    but_of_run=but_of_run,
                    kinds=announced_writes.PROPERTIES,
                )
            pulling.change(run.id, fence=run.fence)
            seen.append(known)
            assert properties == {}

    _just_before_the_call(monkeypatch, look)
    pushed(with_key)
    assert seen == [{1: frozenset({"company_id"})}, {}, {}]


def test_what_a_pull_beside_it_has_agreed_on_is_not_forgotten(
    with_key: int, contact: str, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pull() -> None:
        sandbox.update("contacts", contact, {"firstname": "Ewa"})
        _pulled_record()

    _just_before_the_call(monkeypatch, pull)
    pushed(with_key)
    [link] = pulling.links("contacts")
    assert (link.local_seen["first_name"], link.remote_seen["first_name"]) == ("Ewa", "Ewa")


@pytest.mark.parametrize("is_sent", [True, False], ids=["by a push", "by a pull"])
def test_a_company_that_came_since_the_comparison_is_not_undone_in_the_base(
    with_key: int,
    contact: str,
    firms: dict[str, str],
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_sent: bool,
) -> None:
    """Both sides had the new company when they were compared; now they have the third."""
    sandbox.update("contacts", contact, {}, [firms["new"]])

    def change() -> None:
        if is_sent:
            _move_to(firms["third"])
            pushed_record(with_key, "contacts", 1)
        else:
            sandbox.update("contacts", contact, {}, [firms["third"]])
            _pulled_record()

    _once_compared(monkeypatch, change)
    pushed(with_key)
    company = pulling.link_of(firms["third"], "companies").record_id
    assert (pulling.contacts()[0].company_id, primary_of(sandbox, contact)) == (company, firms["third"])
    [link] = pulling.links("contacts")
    assert (link.local_seen["company_id"], link.remote_seen["company_id"]) == (company, firms["third"])


def test_what_another_run_is_about_to_write_is_not_agreed_on_before(
    with_key: int,
    contact: str,
    firms: dict[str, str],
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox.update("contacts", contact, {}, [firms["new"]])

    def announce() -> None:
        with writing() as session:
            generations.raise_for(session, with_key, "contacts", [1])

    _once_compared(monkeypatch, announce)
    pushed(with_key)
    assert pulling.links("contacts")[0].remote_seen["company_id"] == firms["old"]
    pushed(with_key)
    assert pulling.links("contacts")[0].remote_seen["company_id"] == firms["new"]
