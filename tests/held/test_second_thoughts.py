"""Held objects: many decided at once, decisions taken back, what was left out looked at again (B32, B35)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.applications.turns import take_turns
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.undoing import undo_of
from webapp.errors import RefusedError
from webapp.models import KeptApart, RemoteObject, Run
from webapp.usecases.connection import connect
from webapp.usecases.held import carry_out, decisions

pytestmark = pytest.mark.one_database


@pytest.fixture
def held_ones(connection_id: int, sandbox: SandboxServer) -> list[RemoteObject]:
    """Five contacts that look like one here each; they agree in name and phone, not in address."""
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    for number, name in enumerate(("Anna", "Bruno", "Clara", "David", "Emil")):
        phone = f"+49 30 123456{number}"
        make_contact(first_name=name, last_name="Kern", email=f"office{number}@other.de", phone=phone)
        values = {"firstname": name, "lastname": "Kern", "email": f"{name}@n.de".lower(), "phone": phone}
        sandbox.create("contacts", values, [firm])
    pulling.pulled(connection_id)
    found = pulling.left_out("contacts")
    assert [one.state for one in found] == ["held"] * 5
    return found


def _latest() -> Run:
    return pulling.all_rows(Run)[-1]


def _kept_apart() -> int:
    return len(pulling.all_rows(KeptApart))


@pytest.mark.every_database
def test_those_that_were_ticked_are_linked_by_one_run(
    held_ones: list[RemoteObject], administrators_pages: FlaskClient
) -> None:
    runs = len(pulling.all_rows(Run))
    chosen = [str(one.id) for one in held_ones[:3]]
    answer = administrators_pages.post(
        "/held/resolutions", data={"verb": "link", "which": "chosen", "id": chosen}
    )
    assert answer.location == f"/sync-log/{_latest().id}"
    page = administrators_pages.get("/held").text
    assert "3 decided." in page
    assert "Being carried out" in page
    run = pulling.worked_off(_latest().id)
    assert (run.kind, run.counts["contacts"]) == ("decisions", {"updated": 3})
    assert len(pulling.all_rows(Run)) == runs + 1
    assert {one.reason for one in pulling.entries(run.id)} == {"decided_link"}
    assert [one.id for one in pulling.left_out("contacts")] == [one.id for one in held_ones[3:]]


def test_a_search_by_name_leaves_only_those_ticked_to_be_decided_about(
    held_ones: list[RemoteObject], administrators_pages: FlaskClient
) -> None:
    """All that it finds are not counted, so that nobody could know about how many they decide."""
    page = read_page(administrators_pages.get("/held?q=Anna&type=contacts").text)
    form = page.one("form", id="several")
    assert [one["value"] for one in form.all("input", name="which")] == ["chosen"]
    sent = {**form.form_values(), "verb": "skip"}
    for given in (sent, {**sent, "which": "all"}):
        answer = administrators_pages.post("/held/resolutions", data=given)
        assert answer.location == "/held?type=contacts&q=Anna", "the list is as it was filtered"
    assert [one.state for one in pulling.left_out("contacts")] == ["held"] * len(held_ones)


def test_who_waits_for_a_decision_to_be_carried_out_can_look_how_it_stands(
    held_ones: list[RemoteObject], administrators_pages: FlaskClient
) -> None:
    held = held_ones[0].id
    administrators_pages.post(f"/held/{held}/resolution", data={"verb": "apart"})
    page = read_page(administrators_pages.get(f"/held?open={held}").text)
    assert "It is being carried out." in page.one("li", id=f"held-{held}").shown_text
    assert page.leads_to(f"/held?open={held}")


def test_only_administrators_decide_about_many_at_once(
    held_ones: list[RemoteObject], pages: FlaskClient
) -> None:
    """About one of them everybody does."""
    page = pages.get("/held").text
    assert "Decide about several at once" not in page
    assert "queue-tick" not in page
    ids = [str(one.id) for one in held_ones[:2]]
    for form in (
        {"verb": "skip", "id": ids},
        {"verb": "skip", "id": ids[:1]},
        {"verb": "skip", "which": "all"},
    ):
        assert pages.post("/held/resolutions", data=form).status_code == 403
    assert [one.state for one in pulling.left_out("contacts")] == ["held"] * len(held_ones)
    assert pages.post(f"/held/{ids[0]}/resolution", data={"verb": "skip"}).status_code == 303


@pytest.mark.every_database
def test_all_that_the_filter_shows_are_kept_apart_and_that_is_undone(
    connection_id: int, held_ones: list[RemoteObject], administrators_pages: FlaskClient
) -> None:
    """Undone, they are nobody's any more, and the next pull asks again."""
    form = {"verb": "apart", "which": "all", "type": "contacts", "reason": "doubtful_match"}
    administrators_pages.post("/held/resolutions", data=form)
    run = pulling.worked_off(_latest().id)
    assert run.counts["contacts"] == {"created": 5}
    assert _kept_apart() == 5
    undo_of(run.id)
    assert len(pulling.contacts()) == 5
    assert _kept_apart() == 0
    pulling.pulled(connection_id)
    assert [one.state for one in pulling.left_out("contacts")] == ["held"] * len(held_ones)


def test_what_cannot_be_linked_so_is_left_and_told(
    connection_id: int, held_ones: list[RemoteObject], administrators_pages: FlaskClient
) -> None:
    """One has two candidates by now, the candidate of another was linked meanwhile, one was settled."""
    pulling.decided(held_ones[0].id, "link", 1)
    ids = [str(one.id) for one in held_ones[:2]]
    answer = administrators_pages.post(
        "/held/resolutions", data={"verb": "link", "id": ids}, follow_redirects=True
    )
    assert "1 decided. 1 left as they were" in answer.text
    pulling.worked_off(_latest().id)
    assert pulling.connection_of(connection_id).state == "connected"


def test_one_with_two_candidates_is_not_linked_with_the_others(
    connection_id: int, sandbox: SandboxServer, administrators_pages: FlaskClient
) -> None:
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    for number in range(2):
        make_contact(first_name="Eva", last_name="Kern", email=f"e{number}@other.de", phone="+49 30 1234567")
    values = {"firstname": "Eva", "lastname": "Kern", "email": "eva@n.de", "phone": "+49 30 1234567"}
    sandbox.create("contacts", values, [firm])
    pulling.pulled(connection_id)
    [found] = pulling.left_out("contacts")
    assert len((found.detail or {})["candidates"]) == 2
    form = {"verb": "link", "id": [str(found.id)]}
    answer = administrators_pages.post("/held/resolutions", data=form, follow_redirects=True)
    assert "0 decided. 1 left as they were" in answer.text
    assert pulling.left_out_of(found.remote_id).decision is None


@pytest.mark.usefixtures("sandbox")
def test_looked_at_again_the_rules_are_asked(connection_id: int, held_ones: list[RemoteObject]) -> None:
    found = held_ones[0]
    decisions.resolve(current_services(), found.id, "skip", None, None)
    condition = {"field": "email", "operator": "is", "value": "nobody@n.de"}
    pulling.add_rule(connection_id, "contacts", condition)
    decisions.resolve(current_services(), found.id, "again", None, None)
    carry_out.carry_out(current_services(), found.id)
    again = pulling.left_out_of(found.remote_id)
    assert (again.state, again.reason) == ("excluded", "rule_excluded")


def test_nothing_or_nonsense_decides_nothing(
    held_ones: list[RemoteObject], administrators_pages: FlaskClient
) -> None:
    assert administrators_pages.post("/held/resolutions", data={"verb": "merge"}).status_code == 400
    answer = administrators_pages.post("/held/resolutions", data={"verb": "skip"}, follow_redirects=True)
    assert "None was ticked" in answer.text
    administrators_pages.post("/held/resolutions", data={"verb": "skip", "id": ["x", "9999"]})
    assert [one.state for one in pulling.left_out("contacts")] == ["held"] * len(held_ones)


@pytest.mark.every_database
def test_a_decision_is_taken_back_until_it_is_carried_out(
    held_ones: list[RemoteObject], pages: FlaskClient
) -> None:
    first, second, third = held_ones[:3]
    answer = pages.post(
        f"/held/{first.id}/resolution", data={"verb": "apart"}, headers={"HX-Request": "true"}
    )
    assert f"/held/{first.id}/withdrawal" in answer.text
    assert _kept_apart() == 1
    taken = pages.post(f"/held/{first.id}/withdrawal", follow_redirects=True)
    assert "Taken back" in taken.text
    assert (_kept_apart(), pulling.left_out_of(first.remote_id).decision) == (0, None)
    decisions.resolve(current_services(), second.id, "skip", None, None)
    pages.post(f"/held/{second.id}/withdrawal")
    assert pulling.left_out_of(second.remote_id).state == "held"
    pulling.decided(third.id, "link", 3)
    too_late = pages.post(f"/held/{third.id}/withdrawal", follow_redirects=True)
    assert "already been carried out" in too_late.text
    assert pulling.link_of(third.remote_id).record_id == 3


def test_what_was_left_out_is_looked_at_as_a_pull_would(
    connection_id: int, sandbox: SandboxServer, held_ones: list[RemoteObject], pages: FlaskClient
) -> None:
    """Skipped, undone, or without company: whatever a person had said about it is forgotten."""
    skipped = held_ones[0]
    decisions.resolve(current_services(), skipped.id, "skip", None, None)
    pages.post(f"/held/{skipped.id}/resolution", data={"verb": "again"})
    carry_out.carry_out(current_services(), skipped.id)
    assert pulling.left_out_of(skipped.remote_id).state == "held"
    alone = sandbox.create("contacts", {"firstname": "Zoe", "email": "zoe@n.de"})["id"]
    pulling.pulled(connection_id)
    found = pulling.left_out_of(alone)
    assert found.reason == "no_company"
    sandbox.update("contacts", alone, {}, companies=[pulling.links("companies")[0].remote_id])
    pages.post(f"/held/{found.id}/resolution", data={"verb": "again"})
    carry_out.carry_out(current_services(), found.id)
    assert pulling.contact(pulling.link_of(alone).record_id).company_id == 1
    removed = undo_of(pulling.link_of(alone).last_run_id or 0)
    assert removed.state == "finished"
    found = pulling.left_out_of(alone)
    assert (found.state, found.reason) == ("ignored", "undone")
    pages.post(f"/held/{found.id}/resolution", data={"verb": "again"})
    carry_out.carry_out(current_services(), found.id)
    assert pulling.link_of(alone).state == "linked"


def test_a_contact_without_company_is_given_one_and_imported(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    alone = sandbox.create("contacts", {"firstname": "Zoe", "email": "zoe@n.de"})["id"]
    company = make_company(name="Ours", domain="ours.de")
    pulling.pulled(connection_id)
    found = pulling.left_out_of(alone)
    assert f"/held/{found.id}/company" in pages.get("/held/not-imported").text
    page = pages.get(f"/held/{found.id}/company?company_search=our").text
    assert read_page(page).has("input", name="company_id", value=str(company.id))
    form = {"verb": "import", "needs_company": "yes"}
    for more, text in (({}, "Choose a company first"), ({"company_id": "999"}, "is not here any more")):
        answer = pages.post(f"/held/{found.id}/resolution", data={**form, "company_search": "our", **more})
        assert (answer.status_code, text in answer.text) == (422, True)
        assert read_page(answer.text).has("input", name="company_id", value=str(company.id)), "still found"
        assert pulling.left_out_of(alone).decision is None
    pages.post(f"/held/{found.id}/resolution", data={**form, "company_id": str(company.id)})
    carry_out.carry_out(current_services(), found.id)
    contact = pulling.contact(pulling.link_of(alone).record_id)
    assert (contact.first_name, contact.company_id) == ("Zoe", company.id)
    assert pulling.pulled(connection_id).counts["contacts"] == {"unchanged": 1}
    assert pulling.contact(contact.id).company_id == company.id


@pytest.mark.every_database
def test_a_run_of_decisions_goes_on_where_it_was_cut_off(
    held_ones: list[RemoteObject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carry_out, "BATCH_SIZE", 2)
    pulling.short_slices(monkeypatch)
    done = decisions.resolve_several(current_services(), [one.id for one in held_ones], "apart", None)
    assert (done.decided, done.left) == (5, 0)
    pulling.one_slice(done.run_id or 0)
    assert len(pulling.contacts()) == 7
    carry_out.carry_out_forgotten(current_services())
    run = pulling.worked_off(done.run_id or 0)
    assert run.counts["contacts"] == {"created": 5}


@pytest.mark.every_database
def test_a_decision_that_was_cut_off_is_carried_out_by_its_own_run(
    held_ones: list[RemoteObject], monkeypatch: pytest.MonkeyPatch
) -> None:
    """B14: the one job that carries a decision out ends between the run's row and what it was to write."""

    def cut_off(*_: object, **__: object) -> None:
        raise RuntimeError("the worker ends here")

    decisions.resolve(current_services(), held_ones[0].id, "apart", None, None)
    with monkeypatch.context() as patch:
        patch.setattr(carry_out, "apply_page", cut_off)
        with pytest.raises(RuntimeError, match="ends here"):
            carry_out.carry_out(current_services(), held_ones[0].id)
    run = _latest()
    assert (run.kind, run.state) == ("decisions", "running")
    run = pulling.wait_is_over(run.id)
    assert (run.state, run.counts["contacts"]) == ("finished", {"created": 1})
    assert _latest().id == run.id


@pytest.mark.every_database
def test_decisions_that_are_refused_are_tried_less_and_less_often_by_one_run(
    connection_id: int, sandbox: SandboxServer, held_ones: list[RemoteObject]
) -> None:
    """B45: a job each every minute would never end."""
    sandbox.settings(withheld_scopes=["crm.objects.contacts.read"])
    for found in held_ones[:2]:
        decisions.resolve(current_services(), found.id, "apart", None, None)
    current_services().redis.flushall()
    before = len(pulling.all_rows(Run))
    take_turns(10)
    run = _latest()
    assert (run.kind, run.trigger, run.state, run.waiting_for) == (
        *("decisions", "schedule", "running"),
        "missing_scopes",
    )
    assert (run.attempts, len(pulling.all_rows(Run))) == (1, before + 1)
    sandbox.settings(withheld_scopes=[])
    connect.test(current_services(), connection_id)
    take_turns(2)
    run = pulling.run_of(run.id)
    assert (run.state, run.counts["contacts"]) == ("finished", {"created": 2})


def test_decisions_wait_while_the_connection_does_not_work(
    sandbox: SandboxServer, held_ones: list[RemoteObject], connection_id: int
) -> None:
    sandbox.revoke_tokens()
    with pytest.raises(RefusedError):
        connect.test(current_services(), connection_id)
    decisions.resolve(current_services(), held_ones[0].id, "apart", None, None)
    current_services().redis.flushall()
    before = len(pulling.all_rows(Run))
    take_turns(5)
    assert len(pulling.all_rows(Run)) == before
    assert pulling.left_out_of(held_ones[0].remote_id).decision is not None


def test_what_is_settled_is_not_decided_about(held_ones: list[RemoteObject]) -> None:
    pulling.decided(held_ones[0].id, "link", 1)
    with pytest.raises(RefusedError, match=r"^already_settled$"):
        decisions.resolve(current_services(), held_ones[0].id, "again", None, None)
