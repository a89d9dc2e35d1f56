"""A value that breaks a look-up which many records share fails the record that has it alone (B49)."""

from __future__ import annotations

import pytest

from tests.support.applications.services import writing
from tests.support.samples.factories import NOW, make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company, objects, pushed
from webapp.models import Company, FailingRecord

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("character", ['"', "\\", "\u2028", "💥"])
def test_a_company_whose_name_cannot_be_searched_for_fails_alone(
    with_key: int, sandbox: SandboxServer, character: str
) -> None:
    sandbox.settings(refused_text=character)
    for number in range(9):
        name = f"The {character}Best{character} Firm" if number == 4 else f"Firm {number}"
        make_company(name=name, domain=None)
    run = pushed(with_key)
    assert run.counts["companies"] == {"created": 8, "failed": 1}
    [entry] = [one for one in pulling.entries(run.id) if one.outcome == "failed"]
    assert (entry.record_id, entry.reason) == (5, "lookup_refused")
    assert "could not be read" in (entry.detail or {})["error"]
    assert len(objects(sandbox, "companies")) == 8
    [failing] = pulling.all_rows(FailingRecord)
    assert (failing.record_id, failing.reason) == (5, "lookup_refused")
    change_company(5, name="The Best Firm")
    assert pushed(with_key).counts["companies"] == {"unchanged": 8, "created": 1}
    assert not pulling.all_rows(FailingRecord)


# A name as long as this can only stand in a SQLite database: PostgreSQL holds no more than 300 characters.
@pytest.mark.sqlite
def test_a_name_too_long_for_a_search_fails_alone(with_key: int, sandbox: SandboxServer) -> None:
    make_company(name="Acme", domain=None)
    with writing() as session:
        session.add(Company(uuid="u-long", name="x" * 3_100, created_at=NOW, updated_at=NOW, sort_key="x"))
    run = pushed(with_key)
    assert run.counts["companies"] == {"created": 1, "failed": 1}
    assert len(objects(sandbox, "companies")) == 1


def test_an_address_that_cannot_be_looked_up_fails_alone(with_key: int, sandbox: SandboxServer) -> None:
    sandbox.settings(refused_text="!")
    company = make_company()
    for number in range(9):
        email = "p!4@nordlicht-verlag.de" if number == 4 else f"p{number}@nordlicht-verlag.de"
        make_contact(company.id, first_name=f"P{number}", email=email)
    run = pushed(with_key)
    assert run.counts["contacts"] == {"created": 8, "failed": 1}
    reasons = {one.record_id: one.reason for one in pulling.entries(run.id) if one.outcome == "failed"}
    assert reasons == {5: "lookup_refused"}


def test_what_every_record_meets_is_no_records_fault(with_key: int, sandbox: SandboxServer) -> None:
    """All names are refused: then it is the call, and the run says so instead of failing each record."""
    sandbox.settings(refused_text="firm ")
    for number in range(30):
        make_company(name=f"Firm {number}", domain=None)
    before = sandbox.counts()["calls"]
    run = pushed(with_key)
    assert (run.state, run.error) == ("failed", "refused")
    assert sandbox.counts()["calls"] - before < 40


@pytest.mark.parametrize("oddity", ["number", "date", "shape"])
def test_a_linked_object_that_cannot_be_read_is_not_written_and_keeps_no_other(
    with_key: int, sandbox: SandboxServer, oddity: str
) -> None:
    for number in range(4):
        make_company(name=f"Firm {number}", domain=f"firm{number}.de")
    pushed(with_key)
    for number in range(4):
        change_company(number + 1, city="Bonn")
    sandbox.fault("odd", path="*/companies/batch/read", oddity=oddity)
    run = pushed(with_key)
    assert run.counts["companies"] == {"updated": 3, "failed": 1}
    assert [one.reason for one in pulling.entries(run.id) if one.outcome == "failed"] == ["unreadable_object"]
    again = pushed(with_key)
    assert again.counts["companies"] == {"unchanged": 3, "updated": 1}


@pytest.mark.every_database
def test_an_answer_to_a_write_that_cannot_be_read_makes_nothing_twice(
    with_key: int, sandbox: SandboxServer
) -> None:
    for number in range(4):
        make_company(name=f"Firm {number}", domain=f"firm{number}.de")
    sandbox.fault("odd", path="*/companies/batch/upsert", oddity="date")
    run = pushed(with_key)
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 4})
    assert len(objects(sandbox, "companies")) == 4
