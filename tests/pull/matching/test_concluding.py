"""What a pull answers itself is answered when it ends: a second one changes no outcome."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples import alike
from tests.support.samples.factories import NOW, make_company, make_run
from tests.support.samples.side_by_side import at_each_list
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.matching.candidates import MOST_OF_A_KEY, Candidate, CandidateIndex
from webapp.domain.matching.keys import Keys
from webapp.domain.runs.endings import count_of, ending_named
from webapp.hubspot.objects import Page
from webapp.models import LogEntry, Run
from webapp.store.connection import connections
from webapp.store.home import standing
from webapp.store.pull import answered
from webapp.store.runs.runs import named_counts
from webapp.usecases.runs import lifecycle

Outcomes = dict[tuple[str, str | None], tuple[str, str | None]]


def _outcomes(run: Run) -> Outcomes:
    """How each object ended, of which the log has one entry, as it is counted."""
    entries = pulling.entries(run.id)
    found = {(one.object_type, one.remote_id): (one.outcome, one.reason) for one in entries}
    assert len(found) == len(entries), "the log says of each object once how it ended"
    for kind in ("companies", "contacts"):
        counted = Counter(one.outcome for one in entries if one.object_type == kind)
        assert counted == {name: n for name, n in run.counts.get(kind, {}).items() if name != "unchanged"}
    return found


def _ends(found: Outcomes) -> Outcomes:
    """Without what a new record looks like, which the record that it meets in its own page may still tell."""
    return {key: (end, None if end == "created" else reason) for key, (end, reason) in found.items()}


def _links() -> set[tuple[str, str, int]]:
    return {(one.object_type, one.remote_id, one.record_id) for one in pulling.links()}


@pytest.mark.one_database
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_second_pull_into_a_book_of_few_names_changes_no_outcome(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Many records here may be many objects there, and the answers lie on later pages."""
    pulling.short_pages(monkeypatch, 10)
    alike.fill(sandbox, seed, companies=50, contacts=150)
    alike.fill_book(seed + 100, companies=20, contacts=60)
    with monkeypatch.context() as patch:
        pulling.short_slices(patch)
        foreseen = _outcomes(pulling.worked_off(pulling.begun(connection_id, is_preview=True)))
    first = _outcomes(pulling.pulled(connection_id))
    assert _ends(first) == _ends(foreseen)
    kinds = Counter(first.values())
    assert kinds["held", "several_candidates"] > 10, kinds
    assert kinds["updated", "matched"] > 10, kinds
    left, links = {key: end for key, end in first.items() if end[0] in ("held", "skipped")}, _links()
    assert _outcomes(pulling.pulled(connection_id)) == left
    assert _links() == links


def _held(session: Session, run_id: int) -> answered.Held:
    """The held contacts of a run that are looked at again."""
    last_match = answered.last_match(session, run_id, "contacts")
    return answered.held_after(session, run_id, "contacts", 0, 10, last_match=last_match)


def test_a_record_linked_further_on_answers_a_question_about_very_many(connection_id: int) -> None:
    """Which record was linked does not matter there: another one may have taken its place among the forty."""
    run = make_run(connection_id)
    asks = {"candidates": [{"record_id": 7, "evidence": ["same_phone"], "points": 14}]}
    with writing() as session:
        for seq, detail in enumerate((asks, asks | {"crowded": True}), start=1):
            session.add(_entry(run.id, seq, remote_id=f"90{seq}", outcome="held", detail=detail))
        session.add(_entry(run.id, 3, record_id=8, remote_id="903", outcome="updated", reason="matched"))
        session.add(_entry(run.id, 4, remote_id="904", outcome="held", detail=asks | {"crowded": True}))
    with reading() as session:
        assert _held(session, run.id) == answered.Held(4, {"902": 2})


def test_one_left_out_for_want_of_a_company_may_be_a_record_that_took_its_place_among_the_forty(
    connection_id: int,
) -> None:
    run = make_run(connection_id)
    left_out: dict[str, Any] = {"outcome": "skipped", "reason": "waiting_for_company"}
    with writing() as session:
        for seq, detail in enumerate(({"company": "7"}, {"company": "7", "crowded": True}, None), start=1):
            session.add(_entry(run.id, seq, remote_id=f"90{seq}", detail=detail, **left_out))
        session.add(_entry(run.id, 4, record_id=8, remote_id="904", outcome="updated", reason="matched"))
        session.add(_entry(run.id, 5, remote_id="905", detail={"crowded": True}, **left_out))
    with reading() as session:
        held = _held(session, run.id)
    assert held == answered.Held(5, {"902": 2}, frozenset({2}))


def test_an_index_is_crowded_where_a_key_brought_as_many_as_it_may() -> None:
    index, known = CandidateIndex(), Keys(object_type="contacts", phone="+494841551207")
    for number in range(1, MOST_OF_A_KEY):
        index.add(Candidate(number, known))
    assert not index.is_crowded(known)
    index.add(Candidate(MOST_OF_A_KEY, known))
    assert index.is_crowded(known)
    index.add(Candidate(MOST_OF_A_KEY + 1, known))
    assert max(index.like(known)) == MOST_OF_A_KEY, "one that another object's key has brought is not met"
    assert not index.is_crowded(Keys(object_type="contacts", phone="+494841551208"))


def _entry(run_id: int, seq: int, **values: Any) -> LogEntry:
    return LogEntry(run_id=run_id, seq=seq, at=NOW, object_type="contacts", name="Nele Thoms", **values)


@pytest.fixture
def firms(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, str]:
    """A company that may be a record, a contact of it, and on a later page the company that it surely is."""
    pulling.short_pages(monkeypatch, 1)
    make_company(name="Harnisch Orgelbau", city="Pirna", domain="harnisch-orgel.de")
    asks = sandbox.create("companies", {"name": "Harnisch Orgelbau"})["id"]
    sure = sandbox.create("companies", {"name": "Harnisch", "domain": "harnisch-orgel.de", "city": "Pirna"})[
        "id"
    ]
    person = sandbox.create("contacts", {"firstname": "Ute", "email": "ute@harnisch-orgel.de"}, [asks])["id"]
    return asks, sure, person


@pytest.mark.parametrize("is_preview", [True, False])
def test_an_object_that_a_later_page_answers_is_told_of_once(
    connection_id: int, monkeypatch: pytest.MonkeyPatch, firms: tuple[str, str, str], *, is_preview: bool
) -> None:
    asks, sure, person = firms
    pulling.short_slices(monkeypatch)
    run = pulling.worked_off(pulling.begun(connection_id, is_preview=is_preview))
    assert run.counts == {"companies": {"updated": 1, "created": 1}, "contacts": {"created": 1}}
    assert _outcomes(run) == {
        ("companies", sure): ("updated", "matched"),
        ("companies", asks): ("created", None),
        ("contacts", person): ("created", None),
    }
    if not is_preview:
        assert pulling.left_out() == []


def _needing_people(run_id: int) -> int:
    """How many companies the table of a run says that it has left to people."""
    held = ending_named("pull", "held")
    assert held is not None
    return count_of(named_counts(pulling.run_of(run_id))["companies"], held)


def _to_decide() -> int:
    """How many objects the menu says that a person has to decide about."""
    with reading() as session:
        return standing.read(session).held_objects


@pytest.fixture
def rivals(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two companies on two pages, of which either is certainly a record; the second is more alike."""
    pulling.short_pages(monkeypatch, 1)
    make_company(name="Harnisch Orgelbau", city="Pirna", domain="harnisch-orgel.de", phone="03501 112233")
    given = {"name": "Harnisch Orgelbau", "domain": "harnisch-orgel.de"}
    less = sandbox.create("companies", given)["id"]
    more = sandbox.create("companies", {**given, "city": "Pirna", "phone": "03501 112233"})["id"]
    return less, more


@pytest.mark.parametrize("is_preview", [True, False])
def test_of_two_that_certainly_are_one_record_the_likelier_is_linked(
    connection_id: int, rivals: tuple[str, str], *, is_preview: bool
) -> None:
    less, more = rivals
    run = pulling.worked_off(pulling.begun(connection_id, is_preview=is_preview))
    assert _ends(_outcomes(run)) == {
        ("companies", more): ("updated", "matched"),
        ("companies", less): ("created", None),
    }


def test_an_object_that_is_gone_before_it_is_linked_leaves_the_record_to_another(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, rivals: tuple[str, str]
) -> None:
    less, more = rivals

    def act(_kind: str, _after: str | None, page: Page) -> None:
        if [one.id for one in page.results] == [more]:
            sandbox.archive("companies", more)

    at_each_list(monkeypatch, act)
    pulling.pulled(connection_id)
    assert [link.remote_id for link in pulling.links()] == [less]


def test_what_waits_to_be_linked_comes_in_though_the_pull_is_cancelled(
    connection_id: int, monkeypatch: pytest.MonkeyPatch, rivals: tuple[str, str]
) -> None:
    with writing() as session:
        connections.record_first_pull(session, connection_id, watermark=NOW, now=NOW)
    pulling.short_slices(monkeypatch)
    run_id = pulling.begun(connection_id)
    while not pulling.entries(run_id):
        pulling.one_slice(run_id)
    assert [(one.outcome, one.reason) for one in pulling.entries(run_id)] == [("held", "undecided")]
    assert (_needing_people(run_id), _to_decide()) == (0, 0), "nobody is asked what the pull decides itself"
    lifecycle.cancel(current_services(), run_id)
    assert [one.reason for one in pulling.entries(run_id)] == ["doubtful_match"]
    assert (_needing_people(run_id), _to_decide()) == (1, 1)
    pulling.looked_again(connection_id)
    assert [link.remote_id for link in pulling.links()] == [rivals[0]]
    assert pulling.left_out() == []


def test_a_first_pull_that_is_cancelled_leaves_nothing_to_look_at(
    connection_id: int, monkeypatch: pytest.MonkeyPatch, rivals: tuple[str, str]
) -> None:
    """No refresh would come before another Pull, which decides about everything."""
    pulling.short_slices(monkeypatch)
    run_id = pulling.begun(connection_id)
    while not pulling.entries(run_id):
        pulling.one_slice(run_id)
    lifecycle.cancel(current_services(), run_id)
    assert pulling.looked_again(connection_id) is None
    assert _to_decide() == 1
    pulling.pulled(connection_id)
    assert [link.remote_id for link in pulling.links() if link.last_outcome == "updated"] == [rivals[1]]
    assert _to_decide() == 0
