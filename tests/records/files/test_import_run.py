"""An uploaded file is checked and imported by runs: what each row would do, what is stored, the way back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.applications.services import current_services, reading, writing
from tests.support.faults import kills
from tests.support.samples.factories import make_company, make_connection, make_contact, make_link
from tests.support.usecases import pulling
from tests.support.usecases.deleting import deleted
from tests.support.usecases.importing import (
    check_again,
    checked,
    chosen,
    import_of,
    imported,
    rows_of,
    uploaded,
)
from tests.support.usecases.undoing import undo_of
from webapp.domain.records.fields import ObjectType
from webapp.errors import RefusedError
from webapp.models import (
    CsvImport,
    CsvImportPart,
    CsvImportRow,
    CsvImportToken,
    FailingRecord,
    PossibleDuplicate,
    RecordEdit,
    ScanKey,
)
from webapp.store.records import history
from webapp.store.records.files import kept_files, planned_rows
from webapp.usecases.records import editing
from webapp.usecases.records.files import checking, import_run, likeness, storing, uploading
from webapp.usecases.runs import lifecycle

_FIVE = "name\n" + "".join(f"Firm {number}\n" for number in range(5))


@pytest.fixture(autouse=True)
def connection_id(in_app: Flask) -> int:  # noqa: ARG001 - the tables are those of its database
    """A portal that is connected, and that nobody speaks with."""
    return make_connection().id


def _outcomes(import_id: int) -> list[tuple[int, str, int | None]]:
    return [(row.number, row.outcome, row.record_id) for row in rows_of(import_id)]


def _plans(import_id: int) -> list[str]:
    return [row.outcome for row in rows_of(import_id)]


def test_a_check_says_of_every_row_what_it_would_do_and_stores_none() -> None:
    first = make_company(name="Nord", domain="nord.de", city="Kiel")
    same = make_company(name="Süd", domain="sued.de", city=None)
    text = "id,name,domain,city\n,West,west.de,\n,Nord,nord.de,Ulm\n,Süd,sued.de,\n,Ost,no domain,\n"
    import_id = checked("companies", text)
    assert _outcomes(import_id) == [
        *((2, "created", None), (3, "updated", first.id)),
        *((4, "unchanged", same.id), (5, "failed", None)),
    ]
    rows = rows_of(import_id)
    assert rows[1].changes == [["city", "Kiel", "Ulm"]]
    assert rows[3].errors == {"domain": {"code": "no_domain", "params": {}}}
    assert rows[3].values == {"domain": "no domain"}
    assert [one.name for one in pulling.companies()] == ["Nord", "Süd"]
    run = pulling.run_of(import_of(import_id).check_id or 0)
    assert (run.state, run.is_preview) == ("finished", True)
    assert run.counts == {"companies": {"created": 1, "updated": 1, "unchanged": 1, "failed": 1}}
    found = dict.fromkeys(("created", "updated", "unchanged", "failed"), 1)
    assert import_of(import_id).foreseen == found | {"alike": 0}


def test_a_check_finds_rows_that_repeat_others(monkeypatch: pytest.MonkeyPatch) -> None:
    company = make_company(name="Nord", domain="nord.de")
    monkeypatch.setattr(checking, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(checking, "NUMBERS_AT_ONCE", 1)
    pulling.short_slices(monkeypatch)
    given = (("A", "a@nord.de"), ("B", "b@nord.de"), ("C", "A@nord.de"))
    text = "last_name,email,company_id\n" + "".join(f"{name},{mail},{company.id}\n" for name, mail in given)
    import_id = checked("contacts", text)
    assert _plans(import_id) == ["failed", "created", "failed"]
    assert [(row.errors or {}).get("email", {}).get("params") for row in rows_of(import_id)] == [
        *({"row": 4}, None, {"row": 2}),
    ]
    run = pulling.run_of(import_of(import_id).check_id or 0)
    assert run.counts == {"contacts": {"created": 1, "failed": 2}}


def test_a_check_names_the_records_that_a_new_row_looks_like() -> None:
    make_company(name="Nordlicht Verlag GmbH", domain=None, street="Holm 1", postcode="24103", city="Kiel")
    text = "name,street,postcode,city\nNordlicht Verlag,Holm 1,24103,Kiel\nWest,Am See 2,80331,München\n"
    import_id = checked("companies", text)
    first, second = rows_of(import_id)
    assert [one["name"] for one in first.alike or []] == ["Nordlicht Verlag GmbH"]
    assert "same_address" in (first.alike or [])[0]["evidence"]
    assert (second.alike, first.is_alike, second.is_alike) == (None, True, False)
    assert (import_of(import_id).foreseen or {})["alike"] == 1


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("id,name\n{id},Nord\n", "id"),
        ("hubspot_id,name\n900,Nord\n", "hubspot_id"),
        ("name,domain\nNord GmbH,www.nord.de\n", "domain"),
        ("email,last_name,company_id\nEVA@nord.de,Moor,{west}\n", "email"),
    ],
)
def test_a_check_warns_of_a_row_that_makes_a_deleted_record_anew(
    connection_id: int, text: str, column: str
) -> None:
    """Until the deletion is undone; the row is stored all the same."""
    kind: ObjectType = "contacts" if column == "email" else "companies"
    west, nord = make_company(name="West", domain="west.de"), make_company(name="Nord", domain="nord.de")
    eva = make_contact(west.id, first_name="Eva", last_name="Moor", email="eva@nord.de")
    make_link(connection_id, "companies", nord.id, "900")
    make_link(connection_id, "contacts", eva.id, "901")
    deletion = deleted(kind, eva.id if kind == "contacts" else nord.id)
    filled = text.format(id=nord.id, west=west.id)
    [row] = rows_of(checked(kind, filled))
    assert (row.outcome, {name: one["code"] for name, one in (row.warnings or {}).items()}) == (
        "created",
        {column: "deleted_here"},
    )
    undo_of(deletion.id)
    [row] = rows_of(checked(kind, filled))
    assert "deleted_here" not in str(row.warnings)


def test_a_check_names_the_rows_that_look_like_each_other_whoever_is_killed() -> None:
    alike = "Nordlicht Verlag GmbH,Holm 1,24103,Kiel\nNordlicht Verlag,Holm 1,24103,Kiel\n"
    text = f"name,street,postcode,city\n{alike}West,Am See 2,80331,München\n"
    import_id = chosen(uploaded("companies", text), text.splitlines()[0].split(","))
    with kills.killed_after(likeness, "compare_rows", 1), pytest.raises(kills.PowerCutError):
        check_again(import_id)
    pulling.wait_is_over(import_of(import_id).check_id or 0)
    assert [[(one["row"], one["name"]) for one in row.alike or []] for row in rows_of(import_id)] == [
        *([(3, "Nordlicht Verlag")], [(2, "Nordlicht Verlag GmbH")], []),
    ]
    assert (import_of(import_id).foreseen or {})["alike"] == 2
    assert pulling.all_rows(ScanKey) == []


def test_an_import_stores_what_the_check_has_foretold(connection_id: int) -> None:
    first = make_company(name="Nord", domain="nord.de", city="Kiel")
    import_id = checked("companies", "name,domain,city\nWest,west.de,\nNord,nord.de,Ulm\nNord,,\n")
    run = imported(import_id)
    assert (run.state, run.is_preview, run.connection_id) == ("finished", False, connection_id)
    assert [(one.name, one.city) for one in pulling.companies()] == [
        *(("Nord", "Ulm"), ("West", None), ("Nord", None)),
    ]
    entries = pulling.entries(run.id)
    assert [(one.outcome, one.record_id, (one.detail or {})["row"]) for one in entries] == [
        *(("created", first.id + 1, 2), ("updated", first.id, 3), ("created", first.id + 2, 4)),
    ]
    assert entries[1].changes == [["city", "Kiel", "Ulm"]]
    edits = pulling.all_rows(RecordEdit)
    assert {(one.origin, one.run_id) for one in edits} == {("csv", run.id)}


@pytest.mark.one_database
def test_what_an_import_changed_stands_once_in_a_records_history() -> None:
    company = make_company(name="Nord", domain="nord.de", city="Kiel")
    run = imported(checked("companies", "domain,city\nnord.de,Ulm\n"))
    with reading() as session:
        events = history.events(session, "companies", company.id, limit=10)
    assert [(one.origin, one.run_id, one.changes) for one in events] == [
        ("csv", run.id, (("city", "Kiel", "Ulm"),))
    ]


def test_an_import_lists_what_looks_alike() -> None:
    make_company(name="Nordlicht Verlag GmbH", domain=None, street="Holm 1", postcode="24103", city="Kiel")
    text = "name,street,postcode,city\nNordlicht Verlag,Holm 1,24103,Kiel\n"
    run = imported(checked("companies", text))
    [pair] = pulling.all_rows(PossibleDuplicate)
    assert (pair.found_by, pair.lower_id, pair.higher_id) == ("csv", 1, 2)
    assert run.checkpoint["alike"] == 1


@pytest.mark.one_database
def test_with_errors_nothing_is_stored_unless_somebody_says_so() -> None:
    import_id = checked("companies", "name,employees\nWest,3\nOst,many\n")
    with pytest.raises(RefusedError, match="rows_have_errors"):
        imported(import_id)
    assert pulling.companies() == []
    run = imported(import_id, skips_bad_rows=True)
    assert pulling.names(pulling.companies()) == ["West"]
    assert run.counts == {"companies": {"created": 1, "failed": 1}}
    failed = pulling.entries(run.id)[1]
    assert (failed.reason, failed.name, (failed.detail or {})["row"]) == ("bad_row", "Ost", 3)
    assert pulling.all_rows(FailingRecord) == [], "a row of a file is no failed sync"


def test_a_row_that_fails_since_it_was_checked_keeps_all_from_being_stored() -> None:
    company = make_company(name="Nord", domain="nord.de")
    import_id = checked("contacts", f"last_name,company_id\nA,{company.id}\nB,{company.id}\n")
    pulling.forget_everything()
    run = imported(import_id)
    assert (run.state, run.error) == ("failed", "book_changed")
    assert pulling.contacts() == []


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_killed_import_goes_on_and_stores_no_row_twice(monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    monkeypatch.setattr(import_run, "ROWS_AT_ONCE", 2)
    import_id = checked("companies", _FIVE)
    with kills.killed_after(storing, "store", call), pytest.raises(kills.PowerCutError):
        imported(import_id)
    assert len(pulling.companies()) == 2 * (call - 1), "what was not committed is gone"
    run_id = import_of(import_id).run_id or 0
    current_services().redis.flushall()
    pulling.change(run_id, touched_at=datetime.now(UTC) - timedelta(minutes=1))
    lifecycle.sweep(current_services())
    run = pulling.worked_off(run_id)
    assert [one.name for one in pulling.companies()] == [f"Firm {number}" for number in range(5)]
    assert (run.state, run.counts) == ("finished", {"companies": {"created": 5}})
    assert len(pulling.entries(run_id)) == 5


def test_a_killed_check_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "ROWS_AT_ONCE", 2)
    import_id = chosen(uploaded("companies", _FIVE))
    with kills.killed_after(planned_rows, "keep", 2), pytest.raises(kills.PowerCutError):
        check_again(import_id)
    run_id = import_of(import_id).check_id or 0
    current_services().redis.flushall()
    pulling.change(run_id, touched_at=datetime.now(UTC) - timedelta(minutes=1))
    lifecycle.sweep(current_services())
    assert pulling.worked_off(run_id).state == "finished"
    assert [row.number for row in rows_of(import_id)] == [2, 3, 4, 5, 6]


def test_a_cancelled_import_keeps_what_it_stored_and_goes_on_when_it_is_checked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_run, "ROWS_AT_ONCE", 2)
    pulling.short_slices(monkeypatch)
    import_id = checked("companies", _FIVE)
    run_id = import_run.start(current_services(), import_id, user_id=None, is_preview=False).run_id
    pulling.one_slice(run_id)
    lifecycle.cancel(current_services(), run_id)
    assert len(pulling.companies()) == 2
    with pytest.raises(RefusedError, match="imported_already"):
        imported(import_id)
    check_again(import_id)
    assert _plans(import_id) == ["already", "already", "created", "created", "created"]
    imported(import_id)
    assert len(pulling.companies()) == 5


@pytest.mark.one_database
def test_rows_that_were_imported_before_are_imported_again_only_when_somebody_says_so() -> None:
    imported(checked("companies", _FIVE))
    again = checked("companies", _FIVE)
    assert set(_plans(again)) == {"already"}
    chosen(again, ["name"], again=True)
    check_again(again)
    assert set(_plans(again)) == {"created"}
    imported(again)
    assert len(pulling.companies()) == 10
    check_again(again)
    assert set(_plans(again)) == {"already"}, "once is once"


def test_an_import_is_undone_and_can_be_imported_anew() -> None:
    changed = make_company(name="Nord", domain="nord.de", city="Kiel")
    import_id = checked("companies", "name,domain,city\nWest,,Bonn\nNord,nord.de,Ulm\n")
    run = imported(import_id)
    undo = undo_of(run.id)
    assert undo.state == "finished"
    assert [(one.name, one.city) for one in pulling.companies()] == [("Nord", "Kiel")]
    assert pulling.company(changed.id).city == "Kiel"
    check_again(import_id)
    assert _plans(import_id) == ["created", "updated"]
    imported(import_id)
    assert pulling.names(pulling.companies()) == ["Nord", "West"]


@pytest.mark.one_database
def test_an_undo_leaves_what_was_changed_since() -> None:
    run = imported(checked("companies", "name,city\nWest,Bonn\n"))
    [company] = pulling.companies()
    editing.edit(
        current_services(),
        "companies",
        company.id,
        company.version,
        {"city": "Ulm"},
        seen={"city": "Bonn"},
        user_id=None,
    )
    undo_of(run.id)
    [left] = pulling.companies()
    assert (left.city, left.is_active) == ("Ulm", False)


@pytest.mark.one_database
def test_one_press_too_many_leads_to_the_same_run() -> None:
    import_id = checked("companies", _FIVE)
    first = import_run.start(current_services(), import_id, user_id=None, is_preview=False)
    second = import_run.start(current_services(), import_id, user_id=None, is_preview=False)
    assert (second.run_id, second.is_new) == (first.run_id, False)
    pulling.worked_off(first.run_id)
    assert len(pulling.companies()) == 5


@pytest.mark.one_database
def test_nothing_is_imported_before_it_was_checked() -> None:
    import_id = uploaded("companies", _FIVE)
    with pytest.raises(RefusedError, match="no_columns"):
        import_run.start(current_services(), import_id, user_id=None, is_preview=True)
    chosen(import_id)
    with pytest.raises(RefusedError, match="not_checked"):
        imported(import_id)


@pytest.mark.one_database
def test_other_columns_ask_for_another_check() -> None:
    import_id = checked("companies", "name,x\nWest,Bonn\n", ["name", ""])
    chosen(import_id, ["name", "city"])
    with pytest.raises(RefusedError, match="not_checked"):
        imported(import_id)
    check_again(import_id)
    imported(import_id)
    assert [(one.name, one.city) for one in pulling.companies()] == [("West", "Bonn")]


def test_an_import_goes_on_beside_a_pull(connection_id: int) -> None:
    pull_id = pulling.begun(connection_id)
    assert pulling.run_of(pull_id).state == "running"
    assert imported(checked("companies", _FIVE)).state == "finished"
    assert pulling.run_of(pull_id).state == "running"


@pytest.mark.one_database
def test_contacts_find_their_company_by_its_domain() -> None:
    company = make_company(name="Nord", domain="nord.de")
    imported(checked("contacts", "Surname,Web\nLind,nord.de\n", ["last_name", "company_domain"]))
    [contact] = pulling.contacts()
    assert (contact.last_name, contact.company_id) == ("Lind", company.id)


def test_contacts_find_their_company_by_its_name() -> None:
    make_company(name="Nord AG", domain=None)
    nord, west = make_company(name="Nord GmbH", domain=None), make_company(name="West GmbH", domain=None)
    rows = ("A,nord gmbh", "B,West", "C,Nord", "D,Ost", "E,")
    import_id = checked("contacts", "last_name,company_name\n" + "\n".join(rows) + "\n")
    assert [
        row.errors and {name: one["code"] for name, one in row.errors.items()} for row in rows_of(import_id)
    ] == [
        *(None, None, {"company_name": "several_companies_named"}, {"company_name": "no_company_named"}),
        {"company_id": "no_company"},
    ]
    imported(import_id, skips_bad_rows=True)
    assert [(one.last_name, one.company_id) for one in pulling.contacts()] == [("A", nord.id), ("B", west.id)]


@pytest.mark.one_database
def test_a_file_is_deleted_a_week_after_somebody_worked_on_it() -> None:
    old, recent = checked("companies", _FIVE), checked("companies", "name\nWest\n")
    uploading.clear_old(current_services())
    assert len(pulling.all_rows(CsvImport)) == 2
    with writing() as session:
        past = datetime.now(UTC) - uploading.KEPT_FOR - timedelta(hours=1)
        session.execute(update(CsvImport).where(CsvImport.id == old).values(touched_at=past))
    uploading.clear_old(current_services())
    with reading() as session:
        for table in (CsvImportPart, CsvImportRow, CsvImportToken):
            assert set(session.scalars(select(table.import_id))) <= {recent}
    assert [one.id for one in pulling.all_rows(CsvImport)] == [recent]
    with pytest.raises(RefusedError, match="file_gone"):
        imported(old)


def test_a_file_of_many_parts_is_read_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_files, "BYTES_AT_ONCE", 7)
    text = "name\n" + "".join(f"Fürth {number}\n" for number in range(20))
    import_id = uploaded("companies", text)
    assert len(pulling.all_rows(CsvImportPart, import_id=import_id)) > 20
    with uploading.as_file(current_services(), import_id) as path:
        assert path.read_text() == text
    assert import_of(import_id).size_bytes == len(text.encode())


@pytest.mark.one_database
def test_contacts_that_an_import_brought_go_with_its_undo() -> None:
    company = make_company(name="Nord", domain="nord.de")
    make_contact(company.id, email="old@nord.de")
    run = imported(checked("contacts", f"first_name,email,company_id\nEva,eva@nord.de,{company.id}\n"))
    assert len(pulling.contacts()) == 2
    undo_of(run.id)
    assert [one.email for one in pulling.contacts()] == ["old@nord.de"]
