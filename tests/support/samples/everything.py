"""A book in which something of everything has happened, as rows: for tests that go over all pages.

Companies 1 and 2 with a contact each; run 1 is a push, 2 its undo, 3 a preview, 4 asks, 5 works; object 1 is
held, object 2 has no company; a record is held, another one fails, and one was deleted for privacy. The two
companies, and the two contacts, look alike.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.support.applications.services import writing
from tests.support.samples.factories import (
    NOW,
    add_entries,
    make_company,
    make_contact,
    make_link,
    make_remote_object,
    make_run,
)
from webapp.domain.duplicates.pairs import pair_of
from webapp.domain.mapping.definitions import Definitions, Property
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.models import (
    CsvImport,
    CsvImportRow,
    CustomField,
    FailingRecord,
    HeldCandidate,
    HeldRecord,
    Mail,
    MergedRecord,
    PrivacyDeletion,
    RecordEdit,
)
from webapp.store.duplicates import pairs
from webapp.store.mapping import definitions


def fill(connection_id: int, user_id: int) -> None:
    """Fill an empty book whose portal is connected."""
    _fields()
    _records(connection_id)
    _runs(connection_id, user_id)
    _pending(connection_id)
    _duplicates()
    _imports(connection_id)


def _fields() -> None:
    with writing() as session:
        for kind, name in (("companies", "tier"), ("contacts", "badge")):
            session.add(
                CustomField(object_type=kind, name=name, label=name.title(), kind="text", created_at=NOW)
            )


def _records(connection_id: int) -> None:
    for number in range(2):
        make_company(name=f"Nord {number}", domain=f"nord{number}.de", custom={"tier": "gold"})
        make_contact(number + 1, email=f"jonas{number}@nord.de", custom={"badge": "12"})
    make_link(connection_id, "companies", 1, "501")
    make_link(connection_id, "contacts", 1, "601")
    changes = [["custom.badge", None, "12"], ["company_id", 1, 2]]
    with writing() as session:
        session.add(RecordEdit(object_type="contacts", record_id=1, at=NOW, origin="person", changes=changes))


def _runs(connection_id: int, user_id: int) -> None:
    push = make_run(connection_id, kind="push", started_by_id=user_id)
    overwritten = {"overwritten": [{"field": "custom.badge", "value": "11", "side": "here"}]}
    condition = {"field": "custom.badge", "operator": "is", "value": "gold", "actual": None}
    add_entries(
        push.id,
        [
            {"record_id": 1, "outcome": "updated", "detail": overwritten, "changes": [["company_id", 1, 2]]},
            {"record_id": 1, "outcome": "updated", "changes": [["custom.badge", "11", "12"]]},
            {"record_id": 2, "outcome": "skipped", "reason": "rule_excluded", "detail": condition},
            {"record_id": 2, "outcome": "failed", "reason": "refused_by_hubspot"},
        ],
    )
    make_run(connection_id, kind="undo", options={"run_kind": "push", "run_id": 1, "side": "there"})
    preview = make_run(connection_id, is_preview=True)
    add_entries(preview.id, [{"outcome": "created", "changes": [["custom.badge", None, "3"]]}])
    sample = {"object_type": "contacts", "record_id": 1, "name": "J", "changes": [["custom.badge", "1", "2"]]}
    make_run(
        connection_id,
        kind="reconcile",
        trigger="schedule",
        state="running",
        waiting_for="approval",
        options={"question": {"changed": 200, "links": 300, "samples": [sample]}},
    )
    make_run(connection_id, state="running", options={"fields": {"contacts": ["custom.badge"]}})
    with writing() as session:
        session.add(Mail(run_id=push.id, recipient="ada@example.com", state="waiting", created_at=NOW))


def _duplicates() -> None:
    with writing() as session:
        for kind in OBJECT_TYPES:
            pairs.add_pairs(session, kind, [pair_of(1, 2, ("same_phone",), 20)], found_by="scan")
        pairs.keep_apart(session, "companies", [(1, 7)], user_id=None)
        kept = {"values": {"name": "Nordwind"}}
        gone = {"object_type": "companies", "loser_id": 7, "winner_id": 1, "merged_at": NOW, "kept": kept}
        session.add(MergedRecord(**gone))


def _imports(connection_id: int) -> None:
    """File 1 was checked, of 2 the columns are to be chosen, 3 is checked now, 4 was imported."""
    columns: dict[str, Any] = {"headings": ["name", "tier"], "samples": [["Nord"], []], "rows": 2}
    layout = {"digest": "0" * 64, "encoding": "utf-8-sig", "separator": ",", **columns}
    of_file: dict[str, Any] = {"object_type": "companies", "file_name": "firms.csv", "size_bytes": 30}
    of_file |= {"digest": "0" * 64, "layout": layout, "uploaded_at": NOW, "touched_at": NOW}
    check, working, done = (
        make_run(connection_id, kind="import", is_preview=preview, state=state, options={"import_id": number})
        for number, preview, state in ((1, True, "finished"), (3, True, "running"), (4, False, "finished"))
    )
    chosen = {"columns": ["name", "custom.tier"], "again": False}
    counts = {"updated": 1, "failed": 1, "created": 1, "alike": 1}
    wrong = {"errors": {"custom.tier": {"code": "too_long", "params": {"limit": 3, "length": 4}}}}
    alike = [{"record_id": 1, "name": "Nord 0", "evidence": ["same_name"]}]
    with writing() as session:
        for values in (
            {**chosen, "check_id": check.id, "foreseen": counts},
            {},
            {**chosen, "check_id": working.id},
            {**chosen, "check_id": check.id, "run_id": done.id, "foreseen": counts},
        ):
            session.add(CsvImport(**{**of_file, **values}))
        session.flush()
        rows: list[dict[str, Any]] = [
            {"outcome": "updated", "record_id": 1, "changes": [["custom.tier", "gold", "1"]]},
            {"outcome": "failed", "values": {"custom.tier": "gold"}, **wrong},
            {"outcome": "created", "alike": alike, "is_alike": True},
        ]
        for number, row in enumerate(rows, start=2):
            session.add(CsvImportRow(import_id=1, number=number, name="Nord", **row))


def _pending(connection_id: int) -> None:
    candidates = [{"record_id": 1, "evidence": ["same_email"], "points": 9}]
    make_remote_object(connection_id, "701", detail={"candidates": candidates})
    make_remote_object(connection_id, "702", state="unlinked", reason="no_company")
    make_remote_object(connection_id, "703", state="waiting", reason="waiting_for_company")
    candidate = HeldCandidate(
        connection_id=connection_id, object_type="contacts", remote_id="701", record_id=1
    )
    acme = {"remote_id": "801", "name": "Acme", "evidence": ["same_domain"], "properties": {"name": "Acme"}}
    held = HeldRecord(
        connection_id=connection_id,
        object_type="companies",
        record_id=2,
        reason="several_at_hubspot",
        detail={"candidates": [acme]},
        held_at=NOW,
        run_id=1,
    )
    failing = FailingRecord(
        connection_id=connection_id,
        object_type="contacts",
        key="2",
        record_id=2,
        remote_id="602",
        name="Jonas Wieland",
        direction="out",
        reason="refused_by_hubspot",
        property="email",
        run_id=1,
        failed_at=NOW,
    )
    deleted = PrivacyDeletion(
        connection_id=connection_id, object_type="contacts", remote_id="603", record_id=2, told_at=NOW
    )
    with writing() as session:
        session.add_all([candidate, held, failing, deleted])


def fill_lists(connection_id: int) -> int:
    """Fill a page of every list, and give the portal as many properties as a large one has.

    Returns:
        The number of a run whose entries say much.
    """
    for number in range(60):
        company = make_company(
            name=f"Reederei Südstern {number} GmbH & Co. KG",
            domain=f"suedstern-{number}.example",
            city="Bremen",
        )
        make_contact(company.id, first_name=f"Käthe {number}", email=f"k.{number}@suedstern.example")
        make_run(connection_id)
        make_remote_object(connection_id, f"9{number:03}", state="unlinked", reason="no_company")
    _fill_questions(connection_id)
    changes = [["city", "Bremen", "Hamburg"], ["phone", None, "+49 421 123456"]]
    add_entries(
        1, [{"record_id": number, "outcome": "updated", "changes": changes} for number in range(3, 63)]
    )
    talkative = _fill_log(connection_id)
    properties = tuple(
        Property(f"property_{number}", f"Property number {number}", description="What it says.", group="a")
        for number in range(250)
    )
    with writing() as session:
        for kind in OBJECT_TYPES:
            definitions.keep(session, connection_id, kind, Definitions(properties=properties), NOW)
    return talkative


def _fill_questions(connection_id: int) -> None:
    """A page of everything that waits for a person, each about another record of `fill_lists`."""
    for number in range(3, 63):
        values = _filled(Random(1_000 + number))  # noqa: S311 - the same values in each run of the tests
        candidates = [{"record_id": number, "evidence": ["same_name", "same_phone"], "points": 9}]
        make_remote_object(
            connection_id,
            f"8{number:03}",
            display_name=f"{values['first_name']} {values['last_name']}",
            properties={
                "firstname": values["first_name"],
                "lastname": values["last_name"],
                "email": values["email"],
                "phone": values["phone"],
                "jobtitle": values["job_title"],
                "city": values["city"],
            },
            detail={"candidates": candidates},
        )
    with writing() as session:
        for kind in OBJECT_TYPES:
            alike = [
                pair_of(number, number + 1, ("same_phone", "same_city"), 20) for number in range(3, 62, 2)
            ]
            pairs.add_pairs(session, kind, alike, found_by="scan")


def _fill_log(connection_id: int) -> int:
    """A run with a page of new contacts that have much to say, each of it differently."""
    entries = []
    for number in range(60):
        chance = Random(number)  # noqa: S311 - the same values in each run of the tests
        entries.append(
            {"record_id": 100 + number, "name": _made_up(chance, 2), "outcome": "created"}
            | {"changes": [[field, None, value] for field, value in _filled(chance).items()]}
        )
    run_id = make_run(connection_id, kind="import").id
    add_entries(run_id, entries)
    return run_id


def _filled(chance: Random) -> dict[str, str]:
    """Nine fields, of which one holds a long text."""
    digits = f"+49 {chance.randrange(30, 9999)} {chance.randrange(10_000, 9_999_999)}"
    return {
        "first_name": _made_up(chance, 1),
        "last_name": _made_up(chance, 1),
        "email": f"{_made_up(chance, 1)}@{_made_up(chance, 1)}.example",
        "phone": digits,
        "job_title": _made_up(chance, 3),
        "street": f"{_made_up(chance, 1)} {chance.randrange(1, 200)}",
        "city": _made_up(chance, 1),
        "postcode": f"{chance.randrange(10_000, 99_999)}",
        "custom.badge": _made_up(chance, 150),
    }


def _made_up(chance: Random, count: int) -> str:
    """So many words that nobody has used before."""
    letters = "abcdefghijklmnoprstuvwz"
    made = ("".join(chance.choices(letters, k=chance.randrange(4, 11))) for _ in range(count))
    return " ".join(made).capitalize()
