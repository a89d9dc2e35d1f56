"""What needs a person is one queue: lines in one order, one open, then the next one (B32, B35)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.support.applications.services import current_services, writing
from tests.support.pages.page import Element, pages_from, read_page
from tests.support.samples.factories import NOW, make_company, make_contact, make_remote_object
from tests.support.samples.rows import Rows
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.app import services_of
from webapp.domain.held.comparison import ComparedValue, is_agreed
from webapp.models import FailingRecord, HeldRecord, Run, User
from webapp.store.held import objects as held_objects
from webapp.usecases.held import carry_out
from webapp.web.held import queue

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
HTMX = {"HX-Request": "true"}


def _add(row: Any) -> int:
    with writing() as session:
        session.add(row)
        session.flush()
        number: int = row.id
    return number


class Book:
    """Two held contacts, a record that a push held, and one that fails."""

    def __init__(self, rows: Rows) -> None:
        self.connection_id = rows.connection()
        firm = rows(make_company, name="Nordlicht")
        self.person = rows(make_contact, firm.id, phone="+49 30 123456", city="Bonn")
        detail = {"candidates": [{"record_id": self.person.id, "evidence": ["same_name"]}]}
        properties = {"firstname": "Jonas", "lastname": "Wieland", "email": "j@example.org", "city": None}
        self.first, self.second = (
            rows(
                make_remote_object,
                self.connection_id,
                str(number),
                display_name=name,
                properties=properties,
                detail=detail,
            ).id
            for number, name in ((901, "Jonas Wieland"), (902, "Jona Wieland"))
        )
        candidate = {"remote_id": "801", "name": "Acme", "evidence": [], "properties": {"name": "Acme"}}
        self.record = rows(
            _add,
            HeldRecord(
                connection_id=self.connection_id,
                object_type="companies",
                record_id=firm.id,
                reason="several_at_hubspot",
                detail={"candidates": [candidate]},
                held_at=NOW,
                run_id=1,
            ),
        )
        self.failing = rows(
            _add,
            FailingRecord(
                connection_id=self.connection_id,
                object_type="contacts",
                key="9",
                record_id=self.person.id,
                name="Ana Roth",
                direction="out",
                reason="refused_by_hubspot",
                property="email",
                run_id=1,
                failed_at=NOW,
            ),
        )
        self.keys = [str(self.first), str(self.second), f"r{self.record}", f"f{self.failing}"]


@pytest.fixture
def book(rows: Rows) -> Book:
    return Book(rows)


@pytest.fixture
def reader(logged_in: LogIn, member: User) -> FlaskClient:
    return logged_in(member)


def _lines(html: str) -> list[Element]:
    return read_page(html).all("li", class_="queue-item")


def _keys(html: str) -> list[str]:
    return [line["id"].removeprefix("held-") for line in _lines(html)]


def _open(html: str) -> list[str]:
    return [line["id"].removeprefix("held-") for line in _lines(html) if "is-open" in line["class"].split()]


@pytest.mark.every_database
def test_all_that_needs_a_person_stands_in_one_order_and_the_first_is_open(
    book: Book, reader: FlaskClient
) -> None:
    page = reader.get("/held").text
    assert _keys(page) == book.keys
    assert _open(page) == [book.keys[0]]
    assert _keys(reader.get("/held/records").text) == [book.keys[2]]
    for key in book.keys:
        assert _open(reader.get(f"/held?open={key}").text) == [key]


@pytest.mark.usefixtures("book")
def test_only_what_differs_is_compared_and_an_empty_value_is_marked(reader: FlaskClient) -> None:
    line = read_page(reader.get("/held").text).one("li", class_="is-open")
    heads = [one.shown_text for one in line.all("th", scope="row")]
    assert "City" in heads
    assert "First name" not in heads
    assert "The same on both sides: First name Jonas" in line.shown_text
    assert [one.shown_text for one in line.all("mark", class_="differs")] == ["jonas@nordlicht-verlag.de"]
    alone = [one.shown_text for one in line.all("mark", class_="alone")]
    assert "Bonn" in alone
    assert "empty" in alone


@pytest.mark.parametrize(
    ("remote", "value", "differs", "agreed"),
    [
        ("Bonn", "Bonn", False, True),
        ("Bonn", "Köln", True, False),
        ("Bonn", None, False, False),
        (None, "Bonn", False, False),
        (None, " ", False, True),
    ],
)
def test_a_field_says_nothing_where_all_sides_hold_the_same(
    remote: str | None, value: str | None, *, differs: bool, agreed: bool
) -> None:
    assert is_agreed(remote, [ComparedValue(value, differs)]) is agreed


def test_a_decision_is_confirmed_in_its_place_and_opens_the_next(book: Book, reader: FlaskClient) -> None:
    answer = reader.post(f"/held/{book.first}/resolution", data={"verb": "skip"}, headers=HTMX).text
    done, following = _lines(answer)
    assert done["id"] == f"held-{book.first}"
    assert "It is left out" in done.shown_text
    assert done.has("button", data_undo=True)
    assert following["id"] == f"held-{book.second}"
    assert following["hx-swap-oob"] == f"outerHTML:#held-{book.second}"
    assert "autofocus" in following.attributes
    assert "Link to this one" in following.shown_text


def test_the_counts_of_the_parts_follow_a_decision_and_its_undo(book: Book, reader: FlaskClient) -> None:
    def parts(html: str) -> Element:
        return read_page(html).one(id="queue-parts")

    assert "All 4" in parts(reader.get("/held").text).shown_text
    decided = parts(reader.post(f"/held/{book.first}/resolution", data={"verb": "skip"}, headers=HTMX).text)
    assert decided["hx-swap-oob"] == "true"
    assert "All 3" in decided.shown_text
    assert "Not imported 1" in decided.shown_text
    back = parts(reader.post(f"/held/{book.first}/withdrawal", headers=HTMX).text)
    assert "All 4" in back.shown_text


@pytest.mark.every_database
def test_the_last_decision_of_one_kind_leads_to_the_next_kind(book: Book, reader: FlaskClient) -> None:
    answer = reader.post(f"/held/{book.second}/resolution", data={"verb": "skip"}, headers=HTMX).text
    assert _keys(answer) == [str(book.second), f"r{book.record}"]
    address = f"/held/{book.second}/resolution?type=contacts"
    answer = reader.post(address, data={"verb": "again"}, headers=HTMX).text
    assert _keys(answer) == [str(book.second), f"f{book.failing}"]


def test_without_script_the_next_one_is_open_and_what_was_decided_is_said_above_it(
    book: Book, reader: FlaskClient
) -> None:
    answer = reader.post(f"/held/{book.first}/resolution?type=contacts", data={"verb": "skip"})
    assert answer.status_code == 303
    assert answer.location.endswith("#decided")
    page = reader.get(answer.location).text
    assert _open(page) == [str(book.second)]
    assert "Jonas Wieland. It is left out" in read_page(page).one(id="decided").shown_text
    assert [one["value"] for one in read_page(page).all("option", selected=True)] == ["contacts"]


def test_an_undo_brings_the_line_back_opened(book: Book, reader: FlaskClient) -> None:
    reader.post(f"/held/{book.first}/resolution", data={"verb": "skip"}, headers=HTMX)
    answer = reader.post(f"/held/{book.first}/withdrawal", headers=HTMX).text
    assert _open(answer) == [str(book.first)]
    assert _keys(reader.get("/held").text) == book.keys


@pytest.mark.every_database
def test_what_was_carried_out_is_undone_and_asked_again(
    logged_in: LogIn, member: User, connection_id: int, sandbox: SandboxServer
) -> None:
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    phone = "+49 30 1234567"
    make_contact(first_name="Anna", last_name="Kern", email="office@other.de", phone=phone)
    values = {"firstname": "Anna", "lastname": "Kern", "email": "anna@n.de", "phone": phone, "city": "Bonn"}
    sandbox.create("contacts", values, [firm])
    pulling.pulled(connection_id)
    [found] = pulling.left_out("contacts")
    pages = logged_in(member)
    form = {"type": "contacts", "remote_id": found.remote_id, "name": "Anna Kern", "key": str(found.id)}
    for verb, count in (("link", 1), ("apart", 2)):
        pulling.decided(found.id, verb, 1 if verb == "link" else None)  # type: ignore[arg-type]
        assert len(pulling.contacts()) == count
        assert len(pulling.links("contacts")) == 1
        answer = pages.post(f"/held/{found.id}/withdrawal", data=form, headers=HTMX)
        assert "afterwards you are asked again" in read_page(answer.text).shown_text
        pulling.worked_off(pulling.all_rows(Run)[-1].id)
        assert not pulling.links("contacts")
        [found] = pulling.left_out("contacts")
        carry_out.carry_out(current_services(), found.id)
        [found] = pulling.left_out("contacts")
        assert (found.state, found.reason) == ("held", "doubtful_match")
        assert pulling.contact(1).city is None
        form["key"] = str(found.id)
    nothing = pages.post(f"/held/{found.id + 9}/withdrawal", data={**form, "remote_id": "1"}, headers=HTMX)
    assert nothing.headers["HX-Redirect"].startswith("/sync-log")


def test_members_see_what_fails_and_administrators_try_it_again(
    book: Book, reader: FlaskClient, logged_in: LogIn, administrator: User
) -> None:
    address = f"/held?open=f{book.failing}"
    assert "An administrator can try it again" in reader.get(address).text
    assert reader.post(f"/held/failing/{book.failing}/retry", data={"verb": "again"}).status_code == 403
    pages = logged_in(administrator)
    assert "The property is email" in read_page(pages.get(address).text).shown_text
    answer = pages.post(f"/held/failing/{book.failing}/retry", data={"verb": "again"}, headers=HTMX)
    assert "It is tried again in a moment" in answer.text


@pytest.mark.every_database
def test_the_queue_is_searched_by_any_part_of_a_name(book: Book, reader: FlaskClient) -> None:
    assert _keys(reader.get("/held?q=jona").text) == book.keys[:2]
    assert _keys(reader.get("/held?q=LICHT").text) == [book.keys[2]]
    assert _keys(reader.get("/held?q=roth").text) == [book.keys[3]]
    assert "Nothing matches this filter" in reader.get("/held?q=%25").text


@pytest.mark.every_database
def test_reasons_are_counted_over_all_kinds(book: Book, reader: FlaskClient) -> None:
    page = read_page(reader.get("/held").text)
    counted = [one.shown_text for one in page.all("option") if "(1)" in one.shown_text]
    assert any("HubSpot refused it" in text for text in counted)
    assert "Contacts (3)" in [one.shown_text for one in page.all("option")]
    assert _keys(reader.get("/held?reason=refused_by_hubspot").text) == [f"f{book.failing}"]


@pytest.mark.every_database
def test_pages_go_through_all_kinds_without_gap_or_repetition(
    book: Book, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in (1, 2, 3):
        monkeypatch.setattr(queue, "A_PAGE", size)
        seen = [key for page in pages_from(reader, "/held") for key in _keys(page)]
        assert seen == book.keys, size


@pytest.mark.every_database
def test_a_search_looks_through_a_bounded_stretch_and_goes_on(
    rows: Rows, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_objects, "LOOK_THROUGH", 3)
    connection_id = rows.connection()
    for number in range(8):
        name = "Wanted" if number in (1, 7) else "Other"
        rows(
            make_remote_object,
            connection_id,
            str(number),
            display_name=name,
            state="excluded",
            reason="rule_excluded",
        )
    pages = [_keys(page) for page in pages_from(reader, "/held/not-imported?q=want")]
    assert [key for keys in pages for key in keys] == ["2", "8"]
    assert len(pages) == 3


@pytest.mark.parametrize("key", ["x", "r", "r99", "f99", "99", "9" * 40, "r" + "9" * 40, "²"])
def test_what_is_not_there_is_a_404(book: Book, reader: FlaskClient, key: str) -> None:
    assert book.keys
    assert reader.get(f"/held/item/{key}").status_code == 404
    assert reader.get(f"/held?open={key}&decided={key}&verb=link").status_code == 200


@pytest.mark.every_database
def test_a_page_of_the_queue_looks_up_only_what_is_open(
    app: Flask, book: Book, rows: Rows, reader: FlaskClient
) -> None:
    """However many lines it has."""

    def statements() -> int:
        found: list[str] = []
        engine = services_of(app).database.engine

        def record(*given: Any) -> None:
            found.append(given[2])

        event.listen(engine, "before_cursor_execute", record)
        reader.get("/held")
        event.remove(engine, "before_cursor_execute", record)
        return len(found)

    few = statements()
    detail = {"candidates": [{"record_id": book.person.id, "evidence": ["same_name"]}]}
    for number in range(30):
        rows(make_remote_object, book.connection_id, f"1{number}", detail=detail)
    assert statements() == few
