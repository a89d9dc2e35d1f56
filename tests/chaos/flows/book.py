"""What changes this side first: deleting, changing many records at once, and files."""

from __future__ import annotations

from io import BytesIO

from tests.chaos.beds.bed import Bed
from tests.chaos.flows.flow import Flow, all_agree, all_finished, contacts_of, pulled, record_named
from tests.support.applications.services import current_services
from tests.support.invariants import laws
from tests.support.invariants.laws import Picture
from webapp.domain.runs.options import ChangeOptions, DeleteOptions
from webapp.usecases.changes import run as changes_run
from webapp.usecases.deletion import run as deletion_run
from webapp.usecases.records.files import import_run, uploading

_GOING = ("Firm 4", "Firm 7")
_TARGET = "Firm 5"
_CITY = "Gera"
_COLUMNS = ("first_name", "last_name", "email", "city", "company_domain")
_ROWS = (
    *(f"Eva,Person {number}a,a@n{number}.de,{_CITY},n{number}.de" for number in (1, 4, 7)),
    *(f"Eva,Person {number}c,c@n{number}.de,{_CITY},n{number}.de" for number in (1, 4, 7)),
)
_FILE = "\r\n".join((",".join(_COLUMNS), *_ROWS, ""))


def begin_deletion(bed: Bed, _: int) -> None:
    """An administrator deletes two companies with their contacts."""
    going = tuple(record_named(bed, "companies", name) for name in _GOING)
    options = DeleteOptions(object_type="companies", records=going, contacts="delete")
    deletion_run.start(current_services(), options, trigger="button", user_id=bed.user_id)


def begin_change(bed: Bed, _: int) -> None:
    """An administrator gives the contacts of two companies another company."""
    going = [str(record_named(bed, "companies", name)) for name in _GOING]
    records = tuple(int(one.id) for one in bed.world.here("contacts") if one.company in going)
    target = record_named(bed, "companies", _TARGET)
    options = ChangeOptions(object_type="contacts", verb="company", company_id=target, records=records)
    changes_run.start(current_services(), options, trigger="button", user_id=bed.user_id)


def begin_import(bed: Bed, _: int) -> None:
    """An administrator uploads a file, has it checked, and imports it."""
    services, content = current_services(), BytesIO(_FILE.encode())
    import_id = uploading.receive(services, "contacts", content, "people.csv", user_id=bed.user_id)
    uploading.choose(services, import_id, _COLUMNS, _COLUMNS, again=False)
    import_run.start(services, import_id, user_id=bed.user_id, is_preview=True)
    bed.come_to_rest()
    import_run.start(services, import_id, user_id=bed.user_id, is_preview=False)


def _begin_command(bed: Bed, _: int) -> None:
    """An operator imports a file by the command, and repeats it where it was cut off."""
    path = bed.folder / "people.csv"
    path.write_text(_FILE, newline="")
    bed.operate("records", "import", "contacts", str(path))


def _judge_deleted(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """Nothing of them is here, and everything is in HubSpot."""
    assert after.there == before.there
    gone = {one.id for one in before.here["companies"] if one.tag in _GOING}
    kept = [one for one in before.here["companies"] if one.id not in gone]
    assert after.here["companies"] == kept
    assert after.here["contacts"] == [one for one in before.here["contacts"] if one.company not in gone]
    assert not gone & after.links["companies"].keys()
    all_agree(after)
    all_finished()


def _judge_changed(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """They belong to the other company, here and in HubSpot; nobody else has moved."""
    assert after.links == before.links
    firms = {one.tag: one.id for one in before.here["companies"]}
    moved = {one.id for name in _GOING for one in contacts_of(before.here["contacts"], firms[name])}
    for one in before.here["contacts"]:
        now = next(each for each in after.here["contacts"] if each.id == one.id)
        assert now.company == (firms[_TARGET] if one.id in moved else one.company)
    there = {one.id: one.company for one in after.there["contacts"]}
    target, _state = after.links["companies"][firms[_TARGET]]
    assert {there[after.links["contacts"][number][0]] for number in moved} == {target}
    all_finished()


def _judge_imported(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """Every row is here once, and what it changed of linked contacts is in HubSpot as well."""
    laws.nothing_twice(after)
    assert after.links == before.links
    cities = {one.tag: one.values["city"] for one in after.here["contacts"]}
    given = {row.split(",")[1] for row in _ROWS}
    assert {tag for tag, city in cities.items() if city == _CITY} == given
    assert len(after.here["contacts"]) == len(before.here["contacts"]) + len(_ROWS) // 2
    all_agree(after)
    all_finished()


FLOWS = (
    Flow("deletion", pulled, begin_deletion, _judge_deleted),
    Flow("bulk change", pulled, begin_change, _judge_changed),
    Flow("import", pulled, begin_import, _judge_imported),
    Flow("import by the command", pulled, _begin_command, _judge_imported),
)
