"""What a pull answers itself is answered when it ends: a second one changes no outcome."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.samples import alike
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Run

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


@pytest.mark.one_database
@pytest.mark.parametrize("seed", [4, 6])
def test_so_it_is_where_more_records_share_a_key_than_it_brings(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """One that was beyond the forty is found once some of them are linked; of how many it is one may differ."""
    pulling.short_pages(monkeypatch, 10)
    alike.fill(sandbox, seed, companies=50, contacts=150)
    alike.fill_book(seed + 100, companies=20, contacts=220)
    first = _outcomes(pulling.pulled(connection_id))
    left = {key: end for key, (end, _) in first.items() if end in ("held", "skipped")}
    second = _outcomes(pulling.pulled(connection_id))
    assert {key: end for key, (end, _) in second.items()} == left


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
