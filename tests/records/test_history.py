"""A record's history: which side wrote each field, when, in which run; and every change (B39)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support import pulling
from tests.support.factories import make_company
from tests.support.pushing import pushed
from tests.support.sandbox_server import SandboxServer
from tests.webhooks.test_outbox import edit
from webapp.domain.records.history import Event, provenance
from webapp.models import User

LogIn = Callable[[User], FlaskClient]
_NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_newest_event_that_changed_a_field_here_gave_it_its_value() -> None:
    pull = Event(at=_NOW, kind="pull", run_id=1, changes=(("city", None, "Ulm"), ("phone", None, "1")))
    ours = Event(at=_NOW + timedelta(hours=1), origin="person", changes=(("phone", "1", "2"),))
    sent = Event(
        at=_NOW + timedelta(hours=2), kind="auto_push", side="there", run_id=2, changes=(("phone", "1", "2"),)
    )
    assert provenance(["city", "phone", "name"], [sent, ours, pull]) == {"city": pull, "phone": ours}


def test_the_page_tells_pull_edit_and_push_apart(
    in_app: Flask, sandbox: SandboxServer, logged_in: LogIn, member: User
) -> None:
    assert in_app.testing
    company = sandbox.create("companies", {"name": "Nordlicht"})["id"]
    sandbox.create(
        "contacts", {"firstname": "Eva", "lastname": "Roth", "email": "eva@n.de", "phone": "1"}, [company]
    )
    connection_id = pulling.connected()
    pull = pulling.pulled(connection_id)
    edit(phone="+49 731 2")
    push = pushed(connection_id)
    page = _text(logged_in(member).get("/contacts/1/history").text)
    assert "Phone +49 731 2 Edited here" in page
    assert f"First name Eva From HubSpot, Pull {pull.id}" in page
    assert f"Updated Sent to HubSpot, Push {push.id}" in page
    assert "Company: empty → Nordlicht" in page
    changes = page[page.index("Newest first") :]
    assert changes.index("Sent to HubSpot") < changes.index("Edited here") < changes.index("From HubSpot")


def test_a_long_history_comes_in_pages(
    in_app: Flask, logged_in: LogIn, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_app.testing
    monkeypatch.setattr("webapp.web.records.history._AT_ONCE", 2)
    record_id = make_company(name="Nord").id
    client = logged_in(member)
    for number in range(5):
        version = number + 1
        form = {"name": "Nord", "city": f"City {number}", "version": str(version), "seen.name": "Nord"}
        assert client.post(f"/companies/{record_id}", data=form).status_code in (303, 409)
    address, seen = f"/companies/{record_id}/history", []
    for _ in range(5):
        html = client.get(address).text
        seen += re.findall(r"<ins>(City \d)</ins>", html)
        following = re.search(r'rel="next" href="([^"]+)"', html)
        if following is None:
            break
        address = following[1].replace("&amp;", "&")
    assert seen == [f"City {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("before", ["yesterday", "2026-11-26", ""])
def test_a_record_without_history_says_so_and_nonsense_is_not_asked(
    in_app: Flask, logged_in: LogIn, member: User, before: str
) -> None:
    assert in_app.testing
    record_id = make_company(name="Nord").id
    client = logged_in(member)
    page = client.get(f"/companies/{record_id}/history?before={before}").text
    assert "Nothing is known." in page
    assert "Earlier than is known" in page
    assert client.get(f"/companies/{10**12}/history").status_code == 404
