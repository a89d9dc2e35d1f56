"""A record's history: which side wrote each field, when, in which run; and every change (B39)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import reading, writing
from tests.support.pages.page import pages_from, read_page
from tests.support.samples.factories import NOW, make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import pushed
from webapp.domain.records.history import Event, provenance
from webapp.models import RecordEdit, User
from webapp.store.records import history

LogIn = Callable[[User], FlaskClient]
_NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_the_newest_event_that_changed_a_field_here_gave_it_its_value() -> None:
    pull = Event(at=_NOW, kind="pull", run_id=1, changes=(("city", None, "Ulm"), ("phone", None, "1")))
    edit = Event(at=_NOW + timedelta(hours=1), origin="person", changes=(("phone", "1", "2"),))
    sent = Event(
        at=_NOW + timedelta(hours=2), kind="auto_push", side="there", run_id=2, changes=(("phone", "1", "2"),)
    )
    assert provenance(["city", "phone", "name"], [sent, edit, pull]) == {"city": pull, "phone": edit}


@pytest.mark.usefixtures("in_app")
def test_the_page_tells_pull_edit_and_push_apart(
    sandbox: SandboxServer, logged_in: LogIn, member: User
) -> None:
    company = sandbox.create("companies", {"name": "Nordlicht"})["id"]
    sandbox.create(
        "contacts", {"firstname": "Eva", "lastname": "Roth", "email": "eva@n.de", "phone": "1"}, [company]
    )
    connection_id = pulling.connected()
    pull = pulling.pulled(connection_id)
    edit(phone="+49 731 2")
    push = pushed(connection_id)
    page = read_page(logged_in(member).get("/contacts/1/history").text).shown_text
    assert "Phone +49 731 2 Edited here" in page
    assert f"First name Eva From HubSpot, Pull {pull.id}" in page
    assert f"Updated Sent to HubSpot, Push {push.id}" in page
    assert "Company: empty → Nordlicht" in page
    changes = page[page.index("Newest first") :]
    assert changes.index("Sent to HubSpot") < changes.index("Edited here") < changes.index("From HubSpot")


@pytest.mark.usefixtures("in_app")
def test_a_long_history_comes_in_pages(
    logged_in: LogIn, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.web.records.history.PAGE_SIZE", 2)
    record_id = make_company(name="Nord").id
    client = logged_in(member)
    for number in range(5):
        version = number + 1
        form = {"name": "Nord", "city": f"City {number}", "version": str(version), "seen.name": "Nord"}
        assert client.post(f"/companies/{record_id}", data=form).status_code in (303, 409)
    pages = [read_page(html) for html in pages_from(client, f"/companies/{record_id}/history")]
    shown = [one.shown_text for page in pages for one in page.all("ins")]
    seen = [text for text in shown if text.startswith("City")]
    assert seen == [f"City {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.usefixtures("in_app")
def test_what_happened_at_one_moment_is_not_lost_between_two_pages() -> None:
    record_id = make_company(name="Nord").id
    moments = [NOW, *[NOW + timedelta(seconds=1)] * 5, NOW + timedelta(seconds=2)]
    with writing() as session:
        for number, at in enumerate(moments):
            changes = [["city", None, str(number)]]
            session.add(
                RecordEdit(object_type="companies", record_id=record_id, at=at, origin="csv", changes=changes)
            )
    seen, after = [], ""
    for _ in moments:
        with reading() as session:
            page = history.page(session, "companies", record_id, after=after, limit=2)
        seen += [event.changes[0][2] for event in page.rows]
        after = page.next
        if not after:
            break
    assert sorted(seen) == sorted(str(number) for number in range(7))


@pytest.mark.one_database
@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize("after", ["yesterday", "WzFd", ""])
def test_a_record_without_history_says_so_and_nonsense_is_not_asked(
    logged_in: LogIn, member: User, after: str
) -> None:
    record_id = make_company(name="Nord").id
    client = logged_in(member)
    page = client.get(f"/companies/{record_id}/history?after={after}").text
    assert "Nothing is known." in page
    assert "Earlier than is known" in page
    assert client.get(f"/companies/{10**12}/history").status_code == 404
