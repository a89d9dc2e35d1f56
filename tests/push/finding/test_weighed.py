"""A push weighs what HubSpot has as a pull would, and leaves what a held object may be (B31 to B33)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from tests.support.applications.services import writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import held, objects, pushed, pushed_record, requested_push
from webapp.domain.runs.options import PushOptions
from webapp.models import ContactAddress, FrequencyCount
from webapp.store.matching import frequencies
from webapp.usecases.push.finding import company_search, further_domains

pytestmark = pytest.mark.one_database


@pytest.fixture
def birke(with_key: int, sandbox: SandboxServer) -> tuple[int, str]:
    """A company here, and an object that a pull holds since it may be the same."""
    sandbox.settings(search_delay_s=0)
    record = make_company(name="Birke Druckwerk", city="Ulm", domain=None)
    there = sandbox.create("companies", {"name": "Birke Druck", "city": "Ulm"})["id"]
    pulling.pulled(with_key)
    assert pulling.left_out_of(there, "companies").reason == "doubtful_match"
    return record.id, there


def _ends(run_id: int) -> list[tuple[str, str | None]]:
    return [(entry.outcome, entry.reason) for entry in pulling.entries(run_id)]


def test_a_record_that_a_held_object_may_be_is_held_by_a_push_too(
    with_key: int, sandbox: SandboxServer, birke: tuple[int, str]
) -> None:
    """Created once more it would be there twice on both sides, and the question gone."""
    for run in (pushed(with_key), pushed_record(with_key, "companies", birke[0])):
        assert _ends(run.id) == [("held", "candidate_of_held")]
    assert [one["name"] for one in objects(sandbox, "companies", "name")] == ["Birke Druck"]
    [found] = held()
    assert found.detail is not None
    [candidate] = found.detail["candidates"]
    assert (candidate["remote_id"], candidate["name"]) == (birke[1], "Birke Druck")
    assert candidate["properties"]["city"] == "Ulm"
    pulling.pulled(with_key)
    assert pulling.left_out_of(birke[1], "companies").state == "held"
    assert [one.id for one in held()] == [found.id], "the question is the same, and asked once"


def test_once_a_person_keeps_the_object_apart_the_record_is_pushed(
    with_key: int, sandbox: SandboxServer, birke: tuple[int, str]
) -> None:
    pushed(with_key)
    pulling.decided(pulling.left_out_of(birke[1], "companies").id, "apart")
    assert held() == []
    run = pushed(with_key)
    assert ("created", None) in _ends(run.id)
    names = [one["name"] for one in objects(sandbox, "companies", "name")]
    assert names == ["Birke Druck", "Birke Druckwerk"]
    assert len(pulling.links("companies")) == len(pulling.companies()) == 2


@pytest.mark.parametrize("is_pushed_before", [True, False], ids=["after a push", "before any"])
@pytest.mark.every_database
def test_to_skip_the_object_does_not_say_that_the_record_is_another_one(
    with_key: int, sandbox: SandboxServer, birke: tuple[int, str], *, is_pushed_before: bool
) -> None:
    """Made beside it the record would be in HubSpot twice, and the person was never asked about that."""
    if is_pushed_before:
        pushed(with_key)
    pulling.decided(pulling.left_out_of(birke[1], "companies").id, "skip")
    pulling.pulled(with_key)
    for run in (pushed(with_key), pushed_record(with_key, "companies", birke[0])):
        assert _ends(run.id) == [("held", "candidate_of_skipped")]
    assert len(objects(sandbox, "companies")) == 1


@pytest.mark.parametrize("verb", ["link", "create"])
def test_after_a_skip_a_person_still_decides_at_the_record(
    with_key: int, sandbox: SandboxServer, birke: tuple[int, str], verb: str
) -> None:
    """New in HubSpot, or linked to what was left out; the latter is then left out no more."""
    pulling.decided(pulling.left_out_of(birke[1], "companies").id, "skip")
    pushed(with_key)
    decision = {"verb": verb} | ({"remote_id": birke[1]} if verb == "link" else {})
    started = requested_push("companies", birke[0], decision=decision)
    pulling.worked_off(started.run_id)
    pulling.pulled(with_key)
    assert held() == []
    assert [one.state for one in pulling.left_out()] == ([] if verb == "link" else ["skipped"])
    assert len(objects(sandbox, "companies")) == (1 if verb == "link" else 2)
    assert len(pulling.companies()) == 1


def test_once_what_was_skipped_is_imported_the_record_waits_no_more(
    with_key: int, birke: tuple[int, str]
) -> None:
    found = pulling.left_out_of(birke[1], "companies")
    pulling.decided(found.id, "skip")
    pushed(with_key)
    pulling.decided(found.id, "import")
    assert held() == []
    assert len(pulling.companies()) == 2
    assert ("created", None) in _ends(pushed(with_key).id)


def test_once_a_person_links_the_object_nothing_waits_any_more(with_key: int, birke: tuple[int, str]) -> None:
    pushed(with_key)
    pulling.decided(pulling.left_out_of(birke[1], "companies").id, "link", birke[0])
    assert (held(), pulling.left_out()) == ([], [])
    assert pulling.link_of(birke[1], "companies").record_id == birke[0]


@pytest.mark.parametrize("verb", ["link", "create"])
@pytest.mark.every_database
def test_a_decision_at_the_record_is_one_about_the_object_as_well(
    with_key: int, sandbox: SandboxServer, birke: tuple[int, str], verb: str
) -> None:
    pushed(with_key)
    decision = {"verb": verb} | ({"remote_id": birke[1]} if verb == "link" else {})
    started = requested_push("companies", birke[0], decision=decision)
    pulling.worked_off(started.run_id)
    pulling.looked_again(with_key)
    assert (held(), pulling.left_out()) == ([], [])
    assert len(objects(sandbox, "companies")) == len(pulling.companies()) == (1 if verb == "link" else 2)


def test_a_contact_that_a_held_object_may_be_is_made_once_a_person_says_that_it_is_new(
    with_key: int, sandbox: SandboxServer
) -> None:
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    person = {"firstname": "Eva", "lastname": "Kern", "email": "eva@n.de", "phone": "+49301234567"}
    there = sandbox.create("contacts", person, [firm])["id"]
    record = make_contact(first_name="Eva", last_name="Kern", email="other@x.de", phone="030 1234567")
    pulling.pulled(with_key)
    assert pulling.left_out_of(there).state == "held"
    pushed(with_key)
    assert [one.reason for one in held()] == ["candidate_of_held"]
    started = requested_push("contacts", record.id, decision={"verb": "create"})
    pulling.worked_off(started.run_id)
    pulling.looked_again(with_key)
    assert (held(), pulling.left_out()) == ([], [])
    assert len(pulling.links("contacts")) == 2


def test_the_successor_of_a_deleted_object_is_linked_by_a_person_alone(
    with_key: int, sandbox: SandboxServer
) -> None:
    """A pull holds it, and so does the record's red button, where the person chooses it."""
    firm = {"name": "Nordlicht", "city": "Ulm", "domain": "n.de"}
    sandbox.settings(search_delay_s=0)
    first = sandbox.create("companies", firm)["id"]
    pulling.pulled(with_key)
    record = pulling.companies()[0]
    sandbox.archive("companies", first)
    pushed(with_key)
    successor = sandbox.create("companies", firm)["id"]
    pulling.pulled(with_key)
    left = pulling.left_out_of(successor, "companies")
    assert (left.state, left.reason) == ("held", "may_be_successor")
    pushed_record(with_key, "companies", record.id)
    assert [one.reason for one in held()] == ["candidate_of_held"]
    decision = {"verb": "link", "remote_id": successor}
    started = requested_push("companies", record.id, decision=decision)
    pulling.worked_off(started.run_id)
    assert pulling.link_of(successor, "companies").state == "linked"
    assert (held(), pulling.left_out(), len(pulling.companies())) == ([], [], 1)


def test_one_mailbox_of_two_people_is_a_question(with_key: int, sandbox: SandboxServer) -> None:
    sandbox.create("contacts", {"firstname": "Ida", "lastname": "Roth", "email": "info@x-firm.de"})
    make_contact(make_company().id, first_name="Eva", last_name="Kern", email="info@x-firm.de")
    pushed(with_key)
    [found] = held()
    assert found.reason == "doubtful_at_hubspot"
    assert [one["lastname"] for one in objects(sandbox, "contacts", "lastname")] == ["Roth"]


def test_a_company_of_the_same_name_in_another_town_is_another_one(
    with_key: int, sandbox: SandboxServer
) -> None:
    sandbox.settings(search_delay_s=0)
    sandbox.create("companies", {"name": "Nordlicht", "city": "Bremen"})
    make_company(name="Nordlicht", domain=None, city="Ulm")
    assert pushed(with_key).counts["companies"] == {"created": 1}


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside another search"])
def test_a_company_is_found_by_a_further_domain_whoever_shares_the_search(
    with_key: int, sandbox: SandboxServer, *, beside: bool
) -> None:
    sandbox.settings(search_delay_s=0)
    there = {"name": "Acme", "domain": "acme.com", "hs_additional_domains": "acme.net;acme.de"}
    made = sandbox.create("companies", there)["id"]
    record = make_company(name="Acme", domain="acme.de")
    if beside:
        make_company(name="Somebody Else", domain="else.de", city="Kiel")
    pushed(with_key)
    assert pulling.link_of(made, "companies").record_id == record.id


@pytest.mark.parametrize("most", [200, 1], ids=["few have several", "more than are listed"])
def test_a_company_is_found_by_a_further_domain_when_many_are_searched_for(
    with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Which companies have further domains is asked once, and not with each search."""
    monkeypatch.setattr(company_search, "LONGEST_VALUES", 20)
    monkeypatch.setattr(further_domains, "MOST", most)
    sandbox.settings(search_delay_s=0)
    made = {}
    for number in range(3):
        there = {"name": f"Firm {number}", "domain": f"firm-{number}.com"}
        there |= {"hs_additional_domains": f"firm-{number}.net;firm-{number}.de"}
        record = make_company(name=f"Firm {number}", domain=f"firm-{number}.de")
        made[sandbox.create("companies", there)["id"]] = record.id
    since = len(sandbox.log())
    pushed(with_key)
    assert {remote_id: pulling.link_of(remote_id, "companies").record_id for remote_id in made} == made
    searches = [one for one in sandbox.log()[since:] if one["path"].endswith("companies/search")]
    assert len(searches) == (4 if most == 200 else 7)


def test_a_contact_is_found_by_a_further_address_of_its_own(with_key: int, sandbox: SandboxServer) -> None:
    """B31: any of the contact's addresses, on both sides."""
    there = sandbox.create("contacts", {"firstname": "Eva", "lastname": "Kern", "email": "eva@old.de"})["id"]
    record = make_contact(make_company().id, first_name="Eva", last_name="Kern", email="eva@new.de")
    with writing() as session:
        session.add(ContactAddress(contact_id=record.id, email_key="eva@old.de"))
    pushed(with_key)
    assert pulling.link_of(there).record_id == record.id
    assert len(objects(sandbox, "contacts")) == 1


@pytest.fixture
def chain(with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> int:
    """A book that counts as large, in which many companies have one name, and an object of that name."""
    monkeypatch.setattr(frequencies, "SMALLEST_BOOK", 10)
    sandbox.settings(search_delay_s=0)
    for number in range(15):
        make_company(name="Quartier Neun", domain=None, street=f"Ringweg {number}", city=f"Town {number}")
    sandbox.create("companies", {"name": "Quartier Neun"})
    return with_key


def test_a_name_that_many_share_here_is_no_question_on_a_push(chain: int) -> None:
    """As on a pull; by the shipped lists alone every one of them would be held."""
    run = pushed(chain)
    assert run.counts["companies"] == {"created": 15}
    assert run.options["frequencies"] > 0


@pytest.mark.every_database
def test_a_push_keeps_to_the_count_of_its_preview(chain: int) -> None:
    preview = pulling.worked_off(pulling.begun(chain, "push", is_preview=True))
    with writing() as session:
        session.execute(update(FrequencyCount).values(counted_at=datetime.now(UTC) - timedelta(days=2)))
    run = pulling.worked_off(pulling.begun(chain, "push", options=PushOptions(preview_id=preview.id)))
    assert run.options["frequencies"] == preview.options["frequencies"]
    assert preview.counts["companies"] == run.counts["companies"] == {"created": 15}
    later = pushed(chain)
    assert later.options["frequencies"] > run.options["frequencies"]
