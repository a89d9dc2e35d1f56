"""What was not imported: several looked at again, or imported after all, at once (B32, B35)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import current_services, reading, writing
from tests.support.pages.page import Element, read_page
from tests.support.samples.factories import make_company, make_remote_object
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.undoing import undo_of
from webapp.models import Run
from webapp.store.held import decisions as stored
from webapp.usecases.held import decisions

pytestmark = pytest.mark.one_database

ADDRESS = "/held/not-imported/resolutions"


@pytest.fixture
def left_out(connection_id: int, sandbox: SandboxServer) -> list[int]:
    """Six that are in HubSpot, each left out in another way: Ada to Fay."""
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    make_company(name="Nordlicht", domain="n.de")
    ways = (
        *(("Ada", "unlinked", "no_company"), ("Ben", "excluded", "rule_excluded")),
        *(("Cleo", "skipped", "doubtful_match"), ("Dora", "ignored", "undone")),
        *(("Emil", "ignored", "deleted_here"), ("Fay", "ignored", "person_erased")),
    )
    pulling.pulled(connection_id)
    numbers = []
    for name, state, reason in ways:
        values = {"firstname": name, "lastname": "Roth", "email": f"{name}@n.de".lower()}
        remote_id = sandbox.create("contacts", values, [firm])["id"]
        row = make_remote_object(
            connection_id, remote_id, state=state, reason=reason, display_name=f"{name} Roth"
        )
        numbers.append(row.id)
    return numbers


def _worked_off() -> Run:
    return pulling.worked_off(pulling.all_rows(Run)[-1].id)


def _here() -> list[str]:
    return pulling.names(pulling.contacts())


def _form(html: str) -> Element:
    return read_page(html).one("form", id="several")


def test_what_can_be_decided_with_others_is_ticked_and_counted(
    left_out: list[int], administrators_pages: FlaskClient
) -> None:
    """What was deleted or erased here has no box, and is no part of all."""
    html = administrators_pages.get("/held/not-imported").text
    boxes = read_page(html).all("input", type="checkbox", form="several")
    assert [int(one["value"]) for one in boxes] == left_out[:4]
    assert "All 4" in _form(html).shown_text
    assert [one["value"] for one in _form(html).all("button", name="verb")] == ["again", "import"]
    of_reason = _form(administrators_pages.get("/held/not-imported?reason=undone").text).shown_text
    assert "All 1 that the filter shows" in of_reason
    alone = administrators_pages.get("/held/not-imported?reason=deleted_here").text
    assert "Emil Roth" in alone
    assert not read_page(alone).has("form", id="several")


@pytest.mark.every_database
def test_those_that_were_ticked_are_looked_at_again_by_one_run_and_that_is_undone(
    left_out: list[int], administrators_pages: FlaskClient
) -> None:
    runs = len(pulling.all_rows(Run))
    form = {"verb": "again", "which": "chosen", "id": [str(one) for one in left_out[:3]]}
    answer = administrators_pages.post(ADDRESS, data=form)
    run = _worked_off()
    assert answer.location == f"/sync-log/{run.id}"
    assert (run.kind, run.counts["contacts"]) == ("decisions", {"created": 3})
    assert len(pulling.all_rows(Run)) == runs + 1
    assert _here() == ["Ada", "Ben", "Cleo"]
    assert "3 decided." in administrators_pages.get("/held/not-imported").text
    undo_of(run.id)
    assert _here() == []


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("verb", "here", "message"),
    [
        (
            "again",
            ["Ada", "Ben", "Cleo"],
            "3 decided. 1 left as they were: already decided or settled, or taken out by an undo",
        ),
        (
            "import",
            ["Cleo", "Dora"],
            "2 decided. 2 left as they were: already decided or settled, or neither skipped",
        ),
    ],
)
def test_of_all_that_are_shown_those_are_decided_that_it_goes_for(
    left_out: list[int], administrators_pages: FlaskClient, verb: str, here: list[str], message: str
) -> None:
    assert left_out
    form = {"verb": verb, "which": "all"}
    assert administrators_pages.post(ADDRESS, data=form).status_code == 303
    assert message in administrators_pages.get("/held/not-imported").text
    _worked_off()
    assert _here() == here


def test_all_is_all_of_the_filter(left_out: list[int], administrators_pages: FlaskClient) -> None:
    assert left_out
    form = {"verb": "again", "which": "all", "type": "contacts", "reason": "rule_excluded"}
    administrators_pages.post(ADDRESS, data=form)
    _worked_off()
    assert _here() == ["Ben"]


def test_what_one_press_goes_for_comes_before_what_it_leaves(
    left_out: list[int], administrators_pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are of others, a press is not used up by these."""
    assert left_out
    monkeypatch.setattr("webapp.web.held.decide._MOST_AT_ONCE", 2)
    administrators_pages.post(ADDRESS, data={"verb": "import", "which": "all"})
    _worked_off()
    assert _here() == ["Cleo", "Dora"]


@pytest.mark.every_database
def test_what_was_removed_on_purpose_or_settled_meanwhile_is_left_and_told(
    connection_id: int, left_out: list[int], administrators_pages: FlaskClient
) -> None:
    """One is imported alone after the page was read, and one is being carried out."""
    ada, ben, cleo, *_, emil, fay = left_out
    pulling.decided(cleo, "import")
    decisions.resolve(current_services(), ben, "again", None, None)
    form = {"verb": "import", "id": [str(one) for one in (ada, ben, cleo, emil, fay)]}
    answer = administrators_pages.post(ADDRESS, data=form)
    assert answer.location == "/held/not-imported"
    page = administrators_pages.get(answer.location).text
    assert "0 decided. 5 left as they were" in page
    assert _here() == ["Cleo"]
    found = {one.id: (one.state, one.reason) for one in pulling.left_out("contacts")}
    assert (found[ada], found[emil]) == (("unlinked", "no_company"), ("ignored", "deleted_here"))
    assert pulling.connection_of(connection_id).state == "connected"


@pytest.mark.every_database
def test_a_state_that_changes_between_the_look_and_the_write_is_not_overruled(left_out: list[int]) -> None:
    with writing() as session:
        kept = stored.decide(session, left_out[0], {"verb": "again"}, None, state="held", among=("waiting",))
    assert not kept
    with reading() as session:
        found = stored.get(session, left_out[0])
        assert found is not None
        assert (found.state, found.decision) == ("unlinked", None)


def test_what_is_held_is_not_decided_about_as_what_was_left_out(
    connection_id: int, administrators_pages: FlaskClient
) -> None:
    held = make_remote_object(connection_id, "901")
    for verb in ("again", "import"):
        administrators_pages.post(ADDRESS, data={"verb": verb, "id": [str(held.id)]})
        assert pulling.left_out_of("901").decision is None
    assert administrators_pages.post(ADDRESS, data={"verb": "skip", "id": [str(held.id)]}).status_code == 400


def test_a_search_by_name_leaves_only_those_ticked(
    left_out: list[int], administrators_pages: FlaskClient
) -> None:
    form = _form(administrators_pages.get("/held/not-imported?q=Ada&type=contacts").text)
    assert [one["value"] for one in form.all("input", name="which")] == ["chosen"]
    sent = {**form.form_values(), "verb": "again", "which": "all"}
    answer = administrators_pages.post(ADDRESS, data=sent)
    assert answer.location == "/held/not-imported?type=contacts&q=Ada", "the list is as it was filtered"
    assert len(pulling.left_out("contacts")) == len(left_out)


def test_only_administrators_decide_about_many_that_were_left_out(
    left_out: list[int], pages: FlaskClient
) -> None:
    html = pages.get("/held/not-imported").text
    assert not read_page(html).has("form", id="several")
    assert not read_page(html).has("input", form="several")
    for form in ({"which": "all"}, {"id": str(left_out[0])}):
        assert pages.post(ADDRESS, data={"verb": "again", **form}).status_code == 403
    assert all(one.decision is None for one in pulling.left_out("contacts"))
