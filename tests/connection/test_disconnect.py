from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.support.applications.services import current_services, reading, writing
from tests.support.pages.page import read_page
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.connecting import PAGE, calls, change_row, grant, page_text, paste, rows
from webapp.errors import RefusedError
from webapp.models import Company, FieldMapping, Link, StatusMapping
from webapp.store.runs import runs as run_store
from webapp.usecases.connection import portal
from webapp.usecases.runs import lifecycle

pytestmark = pytest.mark.one_database


def disconnect(client: FlaskClient) -> str:
    return page_text(client.post(f"{PAGE}/disconnection", follow_redirects=True))


def link_a_company(app: Flask) -> None:
    """A company of ours that is linked to the connected portal."""
    now = datetime.now(UTC)
    with app.app_context(), writing() as session:
        company = Company(uuid="u", name="Alder", sort_key="alder", created_at=now, updated_at=now)
        session.add(company)
        session.flush()
        session.add(
            Link(
                connection_id=rows(app)[0].id,
                object_type="companies",
                record_id=company.id,
                remote_id="9001",
                state="linked",
                local_seen={},
                remote_seen={},
                linked_at=now,
            )
        )


def links_of(app: Flask, connection_id: int) -> int:
    with app.app_context(), reading() as session:
        return session.scalar(select(func.count(Link.id)).where(Link.connection_id == connection_id)) or 0


def test_disconnecting_is_asked_about_first(ada: FlaskClient, app: Flask) -> None:
    paste(ada)
    page = page_text(ada.get(f"{PAGE}/disconnection"))
    assert "Disconnect portal 111222?" in page
    assert "The access token itself lives on at HubSpot" in page
    assert rows(app)[0].state == "connected"


def test_disconnecting_forgets_and_revokes_the_access_and_keeps_the_rest(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    grant(ada, sandbox)
    link_a_company(app)
    page = disconnect(ada)
    assert "HubSpot is disconnected. Records and links are kept." in page
    assert "Portal 111222 was disconnected" in page
    assert calls(sandbox, "/token/revoke") == 1
    [row] = rows(app)
    assert (row.state, row.access_token, row.refresh_token, row.token_expires_at) == (
        "disconnected",
        None,
        None,
        None,
    )
    assert links_of(app, row.id) == 1


@pytest.mark.every_database
def test_disconnecting_cancels_and_fences_off_what_works_and_waits(ada: FlaskClient, app: Flask) -> None:
    paste(ada)
    with app.app_context():
        connection_id = rows(app)[0].id
        first = lifecycle.start(
            current_services(), "pull", connection_id=connection_id, trigger="button", started_by_id=None
        ).run_id
        second = lifecycle.start(
            current_services(), "push", connection_id=connection_id, trigger="button", started_by_id=None
        ).run_id
        with reading() as session:
            fence = run_store.get(session, first).fence  # type: ignore[union-attr]
    disconnect(ada)
    with app.app_context(), writing() as session:
        found = [run_store.get(session, number) for number in (first, second)]
        assert [run.state for run in found if run] == ["cancelled", "cancelled"]
        assert run_store.touch(session, first, fence, {"api_calls": 1}) is False


def test_a_disconnected_portal_is_neither_called_nor_pulled(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    paste(ada)
    disconnect(ada)
    before = sandbox.counts()["calls"]
    with app.app_context():
        connection_id = rows(app)[0].id
        with pytest.raises(RefusedError, match=r"^not_connected$"):
            portal.open_client(current_services(), connection_id)
        with pytest.raises(RefusedError, match=r"^not_connected$"):
            lifecycle.start(
                current_services(), "pull", connection_id=connection_id, trigger="button", started_by_id=None
            )
    assert sandbox.counts()["calls"] == before
    assert "Pull" in [one.shown_text for one in read_page(ada.get(PAGE).text).all("button", disabled=True)]


@pytest.mark.parametrize(("kind", "status"), [("status", 502), ("cut_before", 0)])
def test_an_access_that_hubspot_does_not_end_is_said_and_stops_nothing(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer, kind: str, status: int
) -> None:
    grant(ada, sandbox)
    sandbox.fault(kind, status=status, path="*/revoke", times=None)
    assert "HubSpot could not be told to end the access" in disconnect(ada)
    assert rows(app)[0].state == "disconnected"


def test_a_token_that_hubspot_cannot_end_is_said(ada: FlaskClient, sandbox: SandboxServer) -> None:
    paste(ada)
    assert "delete or rotate it there" in disconnect(ada)
    assert calls(sandbox, "/token/revoke") == 0


def test_an_unreadable_access_can_be_disconnected(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    grant(ada, sandbox)
    change_row(app, refresh_token=b"sealed with another key")
    assert "HubSpot could not be told to end the access" in disconnect(ada)
    assert rows(app)[0].state == "disconnected"


def test_disconnecting_twice_is_harmless(ada: FlaskClient, app: Flask) -> None:
    paste(ada)
    disconnect(ada)
    assert ada.post(f"{PAGE}/disconnection").status_code == 303
    assert ada.get(f"{PAGE}/disconnection").status_code == 303
    assert rows(app)[0].state == "disconnected"


@pytest.mark.every_database
def test_the_same_portal_comes_back_with_its_links_and_its_mapping(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    paste(ada)
    link_a_company(app)
    before = _mappings(app)
    disconnect(ada)
    grant(ada, sandbox)
    [row] = rows(app)
    assert (row.state, row.disconnected_at) == ("connected", None)
    assert links_of(app, row.id) == 1
    assert _mappings(app) == before


def test_another_portal_starts_without_links_and_with_the_usual_mapping(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    paste(ada)
    link_a_company(app)
    disconnect(ada)
    sandbox.settings(portal_id=222333)
    assert "Portal 222333 is connected." in page_text(paste(ada))
    first, second = rows(app)
    assert (first.portal_id, first.state) == ("111222", "disconnected")
    assert (second.portal_id, second.state) == ("222333", "connected")
    assert (links_of(app, first.id), links_of(app, second.id)) == (1, 0)
    assert _mappings(app) == {first.id: _mappings(app)[second.id], second.id: _mappings(app)[second.id]}
    disconnect(ada)
    sandbox.settings(portal_id=111222)
    paste(ada)
    assert [row.state for row in rows(app)] == ["connected", "disconnected"]


def _mappings(app: Flask) -> dict[int, tuple[int, int]]:
    """How many field and status mappings each connection has."""
    with app.app_context(), reading() as session:
        fields = dict(
            session.execute(
                select(FieldMapping.connection_id, func.count()).group_by(FieldMapping.connection_id)
            ).all()
        )
        statuses = dict(
            session.execute(
                select(StatusMapping.connection_id, func.count()).group_by(StatusMapping.connection_id)
            ).all()
        )
    return {number: (fields[number], statuses[number]) for number in fields}
