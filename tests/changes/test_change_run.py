"""A change of many records is a run: it does what it says, can be foreseen, cut off and undone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_company, make_contact, make_link
from tests.support.usecases import pulling
from webapp.domain.runs.options import ChangeOptions, ListFilter
from webapp.errors import RefusedError
from webapp.models import Contact, InboxEvent, Link, LogEntry, OutboxRecord, RecordEdit, Run
from webapp.usecases.changes import push as changes_push
from webapp.usecases.changes import run as changes_run
from webapp.usecases.undo import run as undo_run
from webapp.usecases.undo.run import UndoRequest


def _changed(*, is_preview: bool = False, **options: Any) -> Run:
    meant = ChangeOptions(**options)
    started = changes_run.start(
        current_services(), meant, trigger="button", user_id=None, is_preview=is_preview
    )
    return pulling.worked_off(started.run_id)


def _reverted(run: Run) -> Run:
    started = undo_run.start(
        current_services(), UndoRequest(run_id=run.id), trigger="button", user_id=None, is_preview=False
    )
    return pulling.worked_off(started.run_id)


@pytest.fixture
def firms(connection_id: int) -> list[int]:
    """Five companies, the first three of them linked."""
    ids = [make_company(name=f"Firm {number}", domain=None, status="Lead").id for number in range(5)]
    for number, record_id in enumerate(ids[:3]):
        make_link(connection_id, "companies", record_id, str(900 + number))
    return ids


def _statuses() -> list[str | None]:
    return [company.status for company in pulling.companies()]


@pytest.mark.one_database
def test_a_status_goes_to_those_that_were_ticked_as_an_edit(firms: list[int]) -> None:
    run = _changed(object_type="companies", verb="status", status="Customer", records=tuple(firms[:2]))
    assert (run.state, run.counts) == ("finished", {"companies": {"updated": 2}})
    assert _statuses() == ["Customer", "Customer", "Lead", "Lead", "Lead"]
    assert [edit.changes for edit in pulling.all_rows(RecordEdit)] == [[["status", "Lead", "Customer"]]] * 2
    assert [row.record_id for row in pulling.all_rows(OutboxRecord)] == firms[:2]
    [first, _] = pulling.all_rows(LogEntry)
    assert (first.name, first.changes) == ("Firm 0", [["status", "Lead", "Customer"]])


@pytest.mark.usefixtures("firms")
def test_it_goes_page_by_page_through_all_that_a_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_run, "PAGE_SIZE", 2)
    make_company(name="Other", domain=None, status="Lead")
    run = _changed(object_type="companies", verb="status", status="Former", listed=ListFilter(search="irm"))
    assert run.counts == {"companies": {"updated": 5}}
    assert run.totals == {"companies": 5}
    assert _statuses() == ["Former"] * 5 + ["Lead"]


@pytest.mark.one_database
def test_a_filter_means_what_it_showed_and_nothing_that_came_later(firms: list[int]) -> None:
    meant = ChangeOptions(object_type="companies", verb="status", status="Former", newest_id=firms[3])
    _changed(**{name: getattr(meant, name) for name in meant.__struct_fields__})
    assert _statuses() == ["Former"] * 4 + ["Lead"]


@pytest.mark.usefixtures("firms")
def test_a_preview_says_the_same_and_changes_nothing() -> None:
    preview = _changed(is_preview=True, object_type="companies", verb="status", status="Customer")
    assert preview.counts == {"companies": {"updated": 5}}
    assert _statuses() == ["Lead"] * 5
    assert pulling.all_rows(RecordEdit) == []


@pytest.mark.one_database
@pytest.mark.usefixtures("firms")
def test_an_undo_puts_the_values_back() -> None:
    run = _changed(object_type="companies", verb="status", status="Customer")
    _reverted(run)
    assert _statuses() == ["Lead"] * 5


def test_records_are_deactivated_and_an_undo_activates_them(firms: list[int]) -> None:
    run = _changed(object_type="companies", verb="deactivate", records=tuple(firms[:2]))
    assert [company.is_active for company in pulling.companies()] == [False, False, True, True, True]
    _reverted(run)
    assert all(company.is_active for company in pulling.companies())
    again = _changed(object_type="companies", verb="activate")
    assert again.counts == {"companies": {"unchanged": 5}}


def _links() -> list[str]:
    return [link.state for link in pulling.all_rows(Link)]


@pytest.mark.usefixtures("firms")
def test_the_sync_is_stopped_of_what_is_linked_and_resumed() -> None:
    _changed(object_type="companies", verb="status", status="Customer")
    run = _changed(object_type="companies", verb="stop")
    assert run.counts == {"companies": {"updated": 3, "skipped": 2}}
    assert _links() == ["stopped"] * 3
    assert pulling.all_rows(OutboxRecord) == [], "what waited to be sent is forgotten"
    resumed = _changed(object_type="companies", verb="resume")
    assert resumed.counts == {"companies": {"updated": 3, "skipped": 2}}
    assert _links() == ["linked"] * 3
    assert {event.remote_id for event in pulling.all_rows(InboxEvent)} == {"900", "901", "902"}
    assert len(pulling.all_rows(OutboxRecord)) == 3
    _reverted(resumed)
    assert _links() == ["stopped"] * 3
    _reverted(run)
    assert _links() == ["linked"] * 3


def test_contacts_get_another_company(firms: list[int]) -> None:
    contact_ids = [make_contact(firms[0], last_name=f"N{number}", email=None).id for number in range(3)]
    run = _changed(
        object_type="contacts", verb="company", company_id=firms[4], records=(*contact_ids[:2], 10_000)
    )
    assert run.counts == {"contacts": {"updated": 2, "skipped": 1}}
    assert [contact.company_id for contact in pulling.contacts()] == [firms[4], firms[4], firms[0]]
    _reverted(run)
    assert {contact.company_id for contact in pulling.contacts()} == {firms[0]}


def test_a_company_that_goes_meanwhile_takes_no_contact_with_it(firms: list[int]) -> None:
    make_contact(firms[0], email=None)
    options = ChangeOptions(object_type="contacts", verb="company", company_id=firms[4])
    started = changes_run.start(current_services(), options, trigger="button", user_id=None)
    with writing() as session:
        session.delete(next(one for one in pulling.companies() if one.id == firms[4]))
    run = pulling.worked_off(started.run_id)
    assert run.counts == {"contacts": {"skipped": 1}}
    with reading() as session:
        assert session.query(Contact).one().company_id == firms[0]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"verb": "company", "company_id": 1}, "no_such_change"),
        ({"verb": "status", "status": "King"}, "no_such_status"),
        ({"verb": "company", "object_type": "contacts", "company_id": 99}, "no_such_company"),
        ({"verb": "activate", "records": ()}, "nothing_chosen"),
    ],
)
@pytest.mark.usefixtures("connection_id")
def test_what_makes_no_sense_is_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises(RefusedError) as error:
        changes_run.start(current_services(), ChangeOptions(**options), trigger="button", user_id=None)
    assert error.value.problem.code == code


def test_a_push_of_many_names_them_and_has_a_limit(firms: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = ChangeOptions(object_type="companies", records=tuple(firms[:2]))
    started = changes_push.start_push(current_services(), chosen, trigger="button", user_id=None)
    run = pulling.run_of(started.run_id)
    assert (run.kind, run.options["records"]) == ("push", {"companies": firms[:2]})
    monkeypatch.setattr(changes_push, "MOST_PUSHED", 4)
    with pytest.raises(RefusedError) as error:
        changes_push.start_push(
            current_services(), ChangeOptions(object_type="companies"), trigger="button", user_id=None
        )
    assert error.value.problem.code == "too_many_to_push"
