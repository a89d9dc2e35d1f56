"""An import that was cut off goes on when it is repeated; one that was not stores nothing twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Barrier, get_ident
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.support.applications.services import current_services, reading
from tests.support.clocks.patience import PATIENCE_S
from tests.support.faults import kills
from tests.support.usecases.record_files import import_text, run_records
from webapp.domain.records.files.stored_rows import added_to, holds
from webapp.models import Company, Contact
from webapp.usecases.records.files import import_at_once, storing
from webapp.usecases.records.files.storing import StoredRows

_FIVE = "name\n" + "".join(f"Firm {number}\n" for number in range(5))


def _names(app: Flask) -> list[str]:
    with app.app_context(), reading() as session:
        return [str(row.name) for row in session.query(Company).order_by(Company.id)]


def _printed(app: Flask, tmp_path: Path, text: str, kind: str = "companies", *options: str) -> dict[str, Any]:
    return import_text(app, tmp_path, kind, text, *options)[1]


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_a_killed_import_goes_on_when_it_is_repeated(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    monkeypatch.setattr(import_at_once, "ROWS_AT_ONCE", 2)
    path = tmp_path / "file.csv"
    path.write_text(_FIVE)
    with (
        app.app_context(),
        kills.killed_after(import_at_once, "_store", batches),
        pytest.raises(kills.PowerCutError),
    ):
        import_at_once.import_csv(current_services(), "companies", path)
    stored = min(5, batches * 2)
    assert len(_names(app)) == stored
    printed = _printed(app, tmp_path, _FIVE)
    assert (printed["created"], printed["already"]) == (5 - stored, stored)
    assert _names(app) == [f"Firm {number}" for number in range(5)]


def test_of_a_file_in_one_transaction_a_kill_leaves_nothing(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(_FIVE)
    with app.app_context(), kills.killed_after(storing, "write", 1), pytest.raises(kills.PowerCutError):
        import_at_once.import_csv(current_services(), "companies", path)
    assert _names(app) == []
    assert _printed(app, tmp_path, _FIVE)["created"] == 5


@pytest.mark.parametrize("text", [_FIVE, "name,domain\nA,a.de\nB,b.de\n"])
def test_two_imports_of_one_file_at_the_same_time_store_it_once(
    app: Flask, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    both_have_planned = Barrier(2, timeout=PATIENCE_S)
    real = import_at_once._written
    waited: set[int] = set()

    def when_both_have_planned(*args: Any) -> StoredRows:
        if get_ident() not in waited:
            waited.add(get_ident())
            both_have_planned.wait()
        return real(*args)

    def imported() -> int:
        with app.app_context():
            return import_at_once.import_csv(current_services(), "companies", path).counts()["created"]

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(import_at_once, "_written", when_both_have_planned)
        first, second = pool.submit(imported), pool.submit(imported)
        assert sorted([first.result(), second.result()]) == [0, text.count("\n") - 1]
    assert len(_names(app)) == text.count("\n") - 1


def test_a_file_that_is_imported_twice_is_stored_once(app: Flask, tmp_path: Path) -> None:
    assert _printed(app, tmp_path, _FIVE)["created"] == 5
    printed = _printed(app, tmp_path, _FIVE)
    assert (printed["created"], printed["already"]) == (0, 5)
    result = run_records(app, "import", "companies", str(tmp_path / "file.csv"))
    assert "left alone: 5" in result.stdout
    assert len(_names(app)) == 5


@pytest.mark.one_database
def test_two_equal_rows_of_one_file_are_two_records(app: Flask, tmp_path: Path) -> None:
    text = "name\nFirm\nFirm\n"
    assert _printed(app, tmp_path, text)["created"] == 2
    assert _printed(app, tmp_path, text)["already"] == 2


@pytest.mark.one_database
def test_rows_that_were_left_out_are_tried_again(app: Flask, tmp_path: Path) -> None:
    """A contact whose company came only afterwards is stored by the next try, and no other one again."""
    text = "last_name,company_domain\nHaas,a.de\nIto,b.de\n"
    _printed(app, tmp_path, "name,domain\nA,a.de\n")
    first = _printed(app, tmp_path, text, "contacts", "--skip-bad-rows")
    assert (first["created"], first["failed"]) == (1, 1)
    _printed(app, tmp_path, "name,domain\nB,b.de\n")
    second = _printed(app, tmp_path, text, "contacts")
    assert (second["created"], second["already"], second["failed"]) == (1, 1, 0)
    with app.app_context(), reading() as session:
        assert [row.last_name for row in session.query(Contact).order_by(Contact.id)] == ["Haas", "Ito"]


@pytest.mark.one_database
def test_a_changed_file_is_another_one(app: Flask, tmp_path: Path) -> None:
    _printed(app, tmp_path, _FIVE)
    assert _printed(app, tmp_path, _FIVE + "Firm 6\n")["created"] == 6


@pytest.mark.one_database
def test_who_wants_the_rows_once_more_says_so(app: Flask, tmp_path: Path) -> None:
    _printed(app, tmp_path, _FIVE)
    result = run_records(app, "import", "companies", str(tmp_path / "file.csv"), "--again")
    assert "created: 5" in result.stdout
    assert len(_names(app)) == 10


@given(st.lists(st.lists(st.integers(1, 40), max_size=8), max_size=6))
def test_ranges_hold_what_was_put_into_them(batches: list[list[int]]) -> None:
    ranges: list[list[int]] = []
    for numbers in batches:
        ranges = added_to(ranges, numbers)
    everything = {number for numbers in batches for number in numbers}
    assert {number for number in range(1, 41) if holds(ranges, number)} == everything
    assert all(one[1] + 1 < other[0] for one, other in pairwise(ranges))
