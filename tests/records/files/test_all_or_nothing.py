"""A file is checked as a whole before any of it is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.usecases.record_files import import_text, run_records
from webapp.errors import RefusedError
from webapp.models import Company, Contact, RecordEdit
from webapp.store.records import records
from webapp.usecases.records.files import import_at_once, import_result
from webapp.usecases.records.files.storing import StoredRows

pytestmark = pytest.mark.one_database

_NINE_HUNDRED = "name,employees\n" + "".join(f"Firm {number},1\n" for number in range(2, 900))


def _count(app: Flask, table: type[Company | Contact] = Company) -> int:
    with app.app_context(), reading() as session:
        return session.query(table).count()


@pytest.mark.every_database
def test_a_file_that_fails_in_row_900_has_stored_nothing(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_at_once, "ROWS_AT_ONCE", 100)
    code, printed = import_text(app, tmp_path, "companies", _NINE_HUNDRED + "Firm 900,many\n")
    assert (code, printed["created"], printed["failed"], printed["stored"]) == (1, 0, 1, False)
    [error] = printed["errors"]
    assert (error["row"], error["values"]) == (900, {"employees": "many"})
    assert "whole number" in error["errors"]["employees"]
    assert _count(app) == 0


@pytest.mark.parametrize("tail", [b"\xff\n", b'"open\n', b'"a"b\n', b"x" * 1_000_001])
def test_nor_has_one_that_cannot_be_read_to_its_end(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tail: bytes
) -> None:
    monkeypatch.setattr(import_at_once, "ROWS_AT_ONCE", 100)
    content = (_NINE_HUNDRED + "Müller,1\nGrün,2\n").encode() + tail
    code, printed = import_text(app, tmp_path, "companies", content)
    assert (code, printed["error"]) == (1, "unreadable")
    assert _count(app) == 0


def test_the_rows_without_errors_can_be_chosen(app: Flask, tmp_path: Path) -> None:
    text = _NINE_HUNDRED + "Firm 900,many\n"
    code, printed = import_text(app, tmp_path, "companies", text, "--skip-bad-rows")
    assert (code, printed["created"], printed["failed"], printed["stored"]) == (1, 898, 1, True)
    assert _count(app) == 898


def test_every_error_is_listed_at_once(app: Flask, tmp_path: Path) -> None:
    text = "name,employees,phone\nA,many,call me\n,,\n,1,\nB,2,+49 30 123456\nC,-1,\n"
    _, printed = import_text(app, tmp_path, "companies", text)
    assert [(error["row"], set(error["errors"])) for error in printed["errors"]] == [
        (2, {"employees", "phone"}),
        (4, {"name"}),
        (6, {"employees"}),
    ]


def test_errors_without_end_are_counted_and_some_listed(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_result, "MOST_LISTED", 2)
    path = tmp_path / "file.csv"
    path.write_text("name,employees\n" + f"A,{'x' * 500}\n" * 5)
    printed = json.loads(run_records(app, "import", "companies", str(path), "--json").stdout)
    assert (printed["failed"], len(printed["errors"])) == (5, 2)
    assert len(printed["errors"][0]["values"]["employees"]) == 81
    result = run_records(app, "import", "companies", str(path))
    assert "The first 2 rows with errors are listed." in result.stdout


def test_a_check_says_of_every_row_what_it_would_do_and_stores_nothing(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        make_company(name="Acme", domain="acme.de", city="Ulm")
    text = "name,domain,city\nAcme,acme.de,Kiel\nAcme,,\nNew,new.de,\nBad,no domain,\n"
    code, printed = import_text(app, tmp_path, "companies", text, "--check")
    assert (code, printed["created"], printed["updated"], printed["failed"]) == (1, 2, 1, 1)
    assert [(row["row"], row["outcome"], row["id"]) for row in printed["rows"]] == [
        (2, "updated", 1),
        (3, "created", None),
        (4, "created", None),
        (5, "failed", None),
    ]
    assert printed["rows"][0]["changes"] == [["city", "Ulm", "Kiel"]]
    shown = run_records(app, "import", "companies", str(tmp_path / "file.csv"), "--check").stdout
    assert "row 2: would change record 1: city “Ulm” → “Kiel”" in shown
    assert "row 5: has an error" in shown
    assert "nothing was stored" in shown
    with app.app_context(), reading() as session:
        assert [row.city for row in session.query(Company)] == ["Ulm"]
        assert session.query(RecordEdit).count() == 0


def test_a_check_foretells_the_import(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        make_company(name="Acme", domain="acme.de", city="Ulm")
    text = "name,domain,city\nAcme,acme.de,Kiel\nNew,new.de,\nAlso,,\n"
    names = ("created", "updated", "unchanged", "already", "failed")
    foretold = import_text(app, tmp_path, "companies", text, "--check")[1]
    done = import_text(app, tmp_path, "companies", text)[1]
    assert [foretold[name] for name in names] == [done[name] for name in names] == [2, 1, 0, 0, 0]


@pytest.mark.every_database
def test_what_is_changed_here_during_an_import_is_planned_once_more(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit between plan and transaction is kept where the file says nothing of its field."""
    path = tmp_path / "file.csv"
    path.write_text("domain,city\nacme.de,Kiel\n")
    with app.app_context():
        company = make_company(name="Acme", domain="acme.de", city="Ulm")
        real = import_at_once._written
        calls: list[int] = []

        def edited_before(*args: object) -> StoredRows:
            if not calls:
                calls.append(1)
                with writing() as session:
                    row = records.get(session, "companies", company.id)
                    assert row is not None
                    values = records.values_of("companies", row) | {"street": "Hafen 1"}
                    assert records.change(session, "companies", row.id, row.version, values)
            return real(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(import_at_once, "_written", edited_before)
        result = import_at_once.import_csv(current_services(), "companies", path)
        assert result.counts()["updated"] == 1
        with reading() as session:
            [row] = session.query(Company)
            assert (row.city, row.street) == ("Kiel", "Hafen 1")


@pytest.mark.every_database
def test_a_company_that_goes_during_an_import_stops_it(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.csv"
    with app.app_context():
        company = make_company()
        make_contact(company.id, email="a@a.de")
        path.write_text(f"last_name,company_id\nHaas,{company.id}\nIto,{company.id}\n")
        real = import_at_once._plans
        calls = []

        def gone_meanwhile(*args: object) -> object:
            calls.append(1)
            if len(calls) == 2:
                with writing() as session:
                    session.query(Contact).delete()
                    session.query(Company).delete()
            return real(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(import_at_once, "_plans", gone_meanwhile)
        with pytest.raises(RefusedError) as refused:
            import_at_once.import_csv(current_services(), "contacts", path)
        assert refused.value.reason == "book_changed"
    assert _count(app, Contact) == 0


def test_a_file_that_changes_while_it_is_read_is_not_stored(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.csv"
    path.write_text("name\nAcme\n")
    real = import_at_once._survey

    def changed(*args: object) -> bool:
        answer = real(*args)  # type: ignore[arg-type]
        path.write_text("name\nEvil\n")
        return answer

    monkeypatch.setattr(import_at_once, "_survey", changed)
    with app.app_context(), pytest.raises(RefusedError) as refused:
        import_at_once.import_csv(current_services(), "companies", path)
    assert refused.value.reason == "file_changed"
    assert _count(app) == 0
