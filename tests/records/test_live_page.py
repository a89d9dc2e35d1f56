"""An open record page follows what changes elsewhere (B18)."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.applications.services import current_services, writing
from tests.support.samples.factories import make_connection, make_link
from tests.support.usecases.pulling import company
from webapp.store.push import outbox
from webapp.usecases.records import editing
from webapp.web.records.live_page import RecordStream

pytestmark = pytest.mark.one_database


def _edit(record_id: int, **values: str) -> None:
    present = company(record_id)
    seen = {"name": present.name or "", "city": present.city or ""}
    assert isinstance(
        editing.edit(current_services(), "companies", record_id, present.version, seen | values, seen=seen),
        editing.Saved,
    )


def _added() -> int:
    saved = editing.create(current_services(), "companies", {"name": "Nordlicht", "city": "Bonn"})
    assert isinstance(saved, editing.Saved)
    return saved.record_id


def test_nothing_is_sent_while_the_page_is_true(app: Flask) -> None:
    with app.test_request_context():
        number = _added()
        stream = RecordStream("companies", number, "")
        [first] = stream.look()
        assert first.event == "changed"
        assert stream.look() == []


def test_an_edit_elsewhere_brings_the_new_values_and_says_so(app: Flask) -> None:
    with app.test_request_context():
        number = _added()
        stream = RecordStream("companies", number, "1")
        assert stream.look() == []
        _edit(number, name="Südwind", city="Ulm")
        [frame] = stream.look()
        assert "Ulm" in frame.html
        assert 'id="record-head" hx-swap-oob="true"' in frame.html
        assert "The values on this page have changed." in frame.html
        assert stream.look() == []


def test_the_end_of_a_push_is_shown_though_the_link_was_marked_before(app: Flask) -> None:
    with app.test_request_context():
        connection_id = make_connection().id
        number = _added()
        make_link(connection_id, "companies", number, "7001")
        _edit(number, city="Ulm")
        stream = RecordStream("companies", number, "")
        [before] = stream.look()
        assert "To be sent" in before.html
        with writing() as session:
            outbox.forget(session, connection_id, "companies", number)
        [after] = stream.look()
        assert "To be sent" not in after.html


def test_the_stream_of_a_record_that_is_not_there_says_so_and_ends(app: Flask) -> None:
    with app.test_request_context():
        [gone, over] = RecordStream("companies", 99, "").look()
        assert "This record is not here any more." in gone.html
        assert 'id="details"' in gone.html
        assert over.is_last
