"""What failed is listed by cause and tried again: one, all of a cause, all of a run (B37, B40)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, objects, primary_of, pushed
from webapp.domain.webhooks.events import read_events
from webapp.hubspot.calls.associations import AssociationAnswer, AssociationCalls
from webapp.models import FailingRecord, Run, User
from webapp.store.records import merges
from webapp.store.webhooks import inbox
from webapp.usecases.runs import lifecycle

LogIn = Callable[[User], FlaskClient]


def _failing() -> list[tuple[str, str, str, str]]:
    return [
        (one.object_type, one.key, one.direction, one.property) for one in pulling.all_rows(FailingRecord)
    ]


def _latest() -> Run:
    return pulling.all_rows(Run)[-1]


def _some_that_fail(connection_id: int) -> Run:
    """A push of a company with five contacts, of which two have bad addresses."""
    make_company(name="Acme", domain="acme.de")
    for number in range(5):
        email = f"no address {number}" if number < 2 else f"p{number}@acme.de"
        make_contact(1, first_name=f"P{number}", email=email)
    return pushed(connection_id)


def test_what_fails_is_listed_by_cause_until_it_goes_through(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    run = _some_that_fail(connection_id)
    assert _failing() == [("contacts", "1", "out", "email"), ("contacts", "2", "out", "email")]
    page = pages.get("/held/failing").text
    assert "HubSpot refused some of its fields; all others were sent." in page
    assert read_page(page).shown_text.count("Email (email)") == 1, "said once"
    assert "The property is Email (email)." in read_page(page).shown_text
    assert "Try these 2 again" in page
    detail = pages.get("/held/failing?reason=fields_refused&property=email&type=contacts").text
    assert "no address" in detail
    assert detail.count("Try again") >= 2
    change_contact(1, email="p0@acme.de")
    answer = pages.post(
        "/held/failing/retry", data={"reason": "fields_refused", "property": "email", "type": "contacts"}
    )
    assert answer.location == f"/sync-log/{_latest().id}"
    again = pulling.worked_off(_latest().id)
    assert (again.kind, again.counts["contacts"]) == ("push", {"updated": 1, "failed": 1})
    assert again.counts.get("companies", {}) == {}, "nothing but what had failed"
    assert _failing() == [("contacts", "2", "out", "email")]
    [link] = [one for one in pulling.links("contacts") if one.record_id == 1]
    assert primary_of(sandbox, link.remote_id) == pulling.links("companies")[0].remote_id
    assert "what had failed" in pages.get(answer.location).text
    assert run.id != again.id


def test_one_alone_and_all_of_a_run(connection_id: int, sandbox: SandboxServer, pages: FlaskClient) -> None:
    run = _some_that_fail(connection_id)
    for number in (1, 2):
        change_contact(number, email=f"p{number}@acme.com")
    first, _second = pulling.all_rows(FailingRecord)
    pages.post("/held/failing/retry", data={"id": str(first.id)})
    pulling.worked_off(_latest().id)
    assert [key for _, key, *_ in _failing()] == ["2"]
    assert "Retry what failed" in pages.get(f"/sync-log/{run.id}").text
    pages.post("/held/failing/retry", data={"run_id": str(run.id)})
    pulling.worked_off(_latest().id)
    assert _failing() == []
    assert len(objects(sandbox, "contacts")) == 5
    assert "Retry what failed" not in pages.get(f"/sync-log/{run.id}").text
    assert "Nothing fails." in pages.get("/held/failing").text
    refused = pages.post("/held/failing/retry", data={"run_id": str(run.id)})
    assert refused.status_code == 409
    assert "None of this fails any more" in refused.text


@pytest.mark.one_database
def test_any_other_end_settles_it(connection_id: int) -> None:
    """Whoever pushes: the record that has gone through is not failing any more; nor is one merged away."""
    _some_that_fail(connection_id)
    change_contact(1, email="p0@acme.de")
    pushed(connection_id)
    assert [key for _, key, *_ in _failing()] == ["2"]
    with writing() as session:
        merges.forget_record(session, "contacts", 2)
    assert _failing() == []


@pytest.mark.one_database
def test_hubspots_message_about_what_was_sent_in_part_leaves_it_failing(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    """HubSpot tells of edits there: that says nothing of the field which it has refused."""
    pulling.pulled(connection_id)
    _some_that_fail(connection_id)
    assert [key for _, key, *_ in _failing()] == ["1", "2"]
    [link] = [one for one in pulling.links("contacts") if one.record_id == 1]
    sandbox.update("contacts", link.remote_id, {"city": "Ulm"})
    events = read_events(
        [webhook_event("contact.propertyChange", link.remote_id, propertyName="city", propertyValue="Ulm")]
    ).events
    with writing() as session:
        inbox.add(session, [(connection_id, one) for one in events], datetime.now(UTC))
    refreshed = pulling.looked_again(connection_id)
    assert refreshed is not None
    assert refreshed.counts["contacts"] == {"updated": 1}
    assert [key for _, key, *_ in _failing()] == ["1", "2"]
    panel = read_page(pages.get("/contacts/1").text).one("section", id="sync-panel").shown_text
    assert "Failing HubSpot refused some of its fields" in panel
    change_contact(1, email="p0@acme.de")
    pushed(connection_id)
    assert [key for _, key, *_ in _failing()] == ["2"]


@pytest.mark.one_database
def test_an_object_that_could_not_be_taken_is_looked_at_again(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    pulling.pulled(connection_id)
    sandbox.update("companies", made, {"city": "Bonn"})

    def failing(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("webapp.domain.pull.facts.read_incoming", failing)
        run = pulling.pulled(connection_id)
    assert run.counts["companies"] == {"failed": 1}
    assert [direction for _, _, direction, _ in _failing()] == ["in"]
    answer = pages.post("/held/failing/retry", data={"run_id": str(run.id)}, follow_redirects=True)
    assert "1 record is read from HubSpot again in a moment" in answer.text
    bound_jobs().begin_refresh(connection_id)
    pulling.worked_off([one for one in pulling.all_rows(Run) if one.kind == "refresh"][-1].id)
    assert _failing() == []
    assert pulling.company(1).city == "Bonn"


@pytest.mark.one_database
def test_an_association_that_hubspot_refused_is_tried_again(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HubSpot's answer leaves it out, which the portal does not do of itself."""
    firms = [sandbox.create("companies", {"name": name, "domain": f"{name}.de"})["id"] for name in ("a", "b")]
    contact = sandbox.create("contacts", {"email": "x@a.de"}, [firms[0]])["id"]
    pulling.pulled(connection_id)
    change_contact(1, company_id=2)
    with monkeypatch.context() as patch:
        patch.setattr(
            AssociationCalls,
            "associate_primary",
            lambda _, pairs: AssociationAnswer(done=[], missing=list(pairs), errors=[]),
        )
        run = pushed(connection_id)
    assert run.counts["associations"] == {"failed": 1}
    assert _failing() == [("contacts", "a1", "out", "")]
    pages.post("/held/failing/retry", data={"run_id": str(run.id)})
    again = pulling.worked_off(_latest().id)
    assert again.counts["associations"] == {"updated": 1}
    assert primary_of(sandbox, contact) == firms[1]
    assert _failing() == []


@pytest.mark.one_database
def test_nothing_is_tried_by_members_or_for_words_that_mean_nothing(
    connection_id: int, pages: FlaskClient, logged_in: LogIn, member: User
) -> None:
    _some_that_fail(connection_id)
    for form in ({"reason": "nonsense"}, {"id": "x"}, {"id": "9" * 40}, {"run_id": "-1"}):
        assert pages.post("/held/failing/retry", data=form).status_code == 409
    client_of_member = logged_in(member)
    assert client_of_member.post("/held/failing/retry").status_code == 403
    assert "Try these" not in client_of_member.get("/held/failing").text
    assert "Nothing fails" not in pages.get("/held/failing?reason=nonsense").text


@pytest.mark.one_database
def test_previews_note_nothing(connection_id: int) -> None:
    make_contact(make_company(name="Acme", domain="acme.de").id, email="no address")
    started = lifecycle.start(
        current_services(),
        "push",
        connection_id=connection_id,
        trigger="button",
        started_by_id=None,
        is_preview=True,
    )
    preview = pulling.worked_off(started.run_id)
    assert preview.counts["contacts"] == {"created": 1}
    assert _failing() == []
