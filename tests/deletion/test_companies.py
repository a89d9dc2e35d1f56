"""A company is not deleted from under its contacts: they go too, or get another company (B43, B55)."""

from __future__ import annotations

import pytest

from tests.support.applications.services import bound_jobs
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.deleting import deleted, deleted_many
from tests.support.usecases.pushing import primary_of
from tests.support.usecases.undoing import pairs_now, portal_now, records_now, undo_of
from webapp.domain.runs.options import DeleteOptions
from webapp.errors import RefusedError
from webapp.models import Run
from webapp.usecases.deletion import one as deletion_of_one

pytestmark = pytest.mark.one_database


def _two_firms(sandbox: SandboxServer, connection_id: int) -> tuple[str, str, str]:
    """Two companies, both linked; the first one's contact."""
    nord, sued = (
        str(sandbox.create("companies", {"name": name, "domain": f"{name.lower()}.de"})["id"])
        for name in ("Nordlicht", "Suedwind")
    )
    values = {"firstname": "Eva", "lastname": "Roth", "email": "eva@nordlicht.de"}
    eva = str(sandbox.create("contacts", values, [nord])["id"])
    pulling.pulled(connection_id)
    return nord, sued, eva


def test_without_a_word_about_its_contacts_a_company_stays(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _two_firms(sandbox, connection_id)
    before, runs = records_now(), len(pulling.all_rows(Run))
    with pytest.raises(RefusedError, match="company_has_contacts") as refused:
        deleted("companies", 1)
    assert refused.value.params == {"contacts": 1}
    assert (records_now(), len(pulling.all_rows(Run))) == (before, runs), "not even a run is left"


@pytest.mark.every_database
def test_its_contacts_go_with_it_and_come_back_with_it(connection_id: int, sandbox: SandboxServer) -> None:
    nord, _, eva = _two_firms(sandbox, connection_id)
    before, pairs, there = records_now(), pairs_now(), portal_now(sandbox)
    run = deleted("companies", 1, contacts="delete")
    assert run.counts == {"companies": {"updated": 1}, "contacts": {"updated": 1}}
    assert [one.name for one in pulling.companies()] == ["Suedwind"]
    assert pulling.contacts() == []
    pull = pulling.pulled(connection_id)
    assert {(nord, "skipped", "deleted_here"), (eva, "skipped", "deleted_here")} <= set(
        pulling.outcomes(pull.id)
    )
    preview = undo_of(run.id, is_preview=True)
    assert [entry.detail for entry in pulling.entries(preview.id)] == [None, None], "nothing would be left"
    undo_of(run.id)
    assert records_now() == before
    assert (pairs_now(), portal_now(sandbox)) == (pairs, there)


def test_a_new_contact_of_a_deleted_company_stays_out(connection_id: int, sandbox: SandboxServer) -> None:
    nord, _, _ = _two_firms(sandbox, connection_id)
    deleted("companies", 1, contacts="delete")
    ada = str(sandbox.create("contacts", {"firstname": "Ada", "email": "ada@nordlicht.de"}, [nord])["id"])
    pulling.pulled(connection_id)
    assert pulling.contacts() == []
    assert pulling.left_out_of(ada).reason == "company_left_out"


@pytest.mark.every_database
def test_its_contacts_get_another_company_which_hubspot_is_sent(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _, sued, eva = _two_firms(sandbox, connection_id)
    before, pairs = records_now(), pairs_now()
    run = deleted("companies", 1, contacts="move", company_id=2)
    assert pulling.contact(1).company_id == 2
    assert [(one.outcome, one.reason) for one in pulling.entries(run.id)] == [
        ("updated", "company_given"),
        ("updated", "deleted_here"),
    ]
    bound_jobs().begin_auto_push(connection_id)
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert primary_of(sandbox, eva) == sued
    undo_of(run.id)
    assert records_now() == before
    assert pairs_now() == pairs


def test_contacts_are_moved_to_a_company_that_is_here_and_stays(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _two_firms(sandbox, connection_id)
    with pytest.raises(RefusedError, match="company_goes_too"):
        deleted("companies", 1, contacts="move", company_id=1)
    with pytest.raises(RefusedError, match="no_such_company"):
        deleted("companies", 1, contacts="move", company_id=99)
    assert len(pulling.companies()) == 2


@pytest.mark.every_database
def test_a_run_deletes_many_companies_with_their_contacts(connection_id: int, sandbox: SandboxServer) -> None:
    _two_firms(sandbox, connection_id)
    options = DeleteOptions(object_type="companies", records=(1, 2, 77), contacts="delete")
    before = records_now()
    preview = deleted_many(options, is_preview=True)
    run = deleted_many(options)
    assert (
        preview.counts
        == run.counts
        == {
            "companies": {"updated": 2, "skipped": 1},
            "contacts": {"updated": 1},
        }
    )
    assert [(one.reason, one.name) for one in pulling.entries(preview.id)] == [
        (one.reason, one.name) for one in pulling.entries(run.id)
    ]
    assert (run.state, records_now()["companies"]) == ("finished", [])
    undo_of(run.id)
    assert records_now() == before


def test_a_run_leaves_companies_with_contacts_unless_somebody_says_more(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _two_firms(sandbox, connection_id)
    run = deleted_many(DeleteOptions(object_type="companies", records=(1, 2)))
    assert {(one.record_id, one.reason) for one in pulling.entries(run.id)} == {
        (1, "has_contacts"),
        (2, "deleted_here"),
    }
    assert [one.id for one in pulling.companies()] == [1]


@pytest.mark.usefixtures("connection_id")
def test_very_many_contacts_are_for_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion_of_one, "MOST_AT_ONCE", 2)
    monkeypatch.setattr("webapp.domain.deletion.plan.MOST_AT_ONCE", 2)
    firm = make_company()
    for number in range(3):
        make_contact(firm.id, email=f"{number}@nordlicht-verlag.de")
    with pytest.raises(RefusedError, match="too_many_contacts"):
        deleted("companies", firm.id, contacts="delete")
    assert len(pulling.contacts()) == 3
    deleted_many(DeleteOptions(object_type="companies", records=(firm.id,), contacts="delete"))
    assert (pulling.companies(), pulling.contacts()) == ([], [])
