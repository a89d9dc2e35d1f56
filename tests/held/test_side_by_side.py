"""A record that a push held stands beside the objects that it may be, with what differs marked (B32)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import NOW, make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import give_key, held, objects, pushed
from webapp.models import HeldRecord, KeptApart, Run, User


@pytest.mark.one_database
def test_a_held_company_is_compared_with_both_of_its_candidates(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    sandbox.settings(search_delay_s=0)
    give_key(sandbox, connection_id)
    for country in ("Germany", "Austria"):
        sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn", "country": country})
    make_company(name="Acme", domain="acme.de", city="Bonn", postcode="53111", country="Germany")
    pushed(connection_id)
    [pending] = held()
    page = pages.get("/held/records").text
    assert [one.shown_text for one in read_page(page).all("mark", class_="differs")] == ["Austria"]
    assert page.count("Link to this one") == 2
    assert "53111" in page
    chosen = (pending.detail or {})["candidates"][1]["remote_id"]
    pages.post(f"/held/records/{pending.id}/resolution", data={"verb": "link", "remote_id": chosen})
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert [link.remote_id for link in pulling.links("companies")] == [chosen]
    assert len(objects(sandbox, "companies")) == 2


def _held_contacts(connection_id: int, sandbox: SandboxServer) -> list[HeldRecord]:
    """Three contacts that a person once kept apart from the objects with their addresses."""
    give_key(sandbox, connection_id)
    company = make_company(name="Acme", domain="acme.de")
    for number in range(3):
        contact = make_contact(company.id, first_name=f"P{number}", email=f"p{number}@acme.de")
        there = sandbox.create("contacts", {"firstname": f"P{number}", "email": f"p{number}@acme.de"})
        with writing() as session:
            session.add(
                KeptApart(
                    connection_id=connection_id,
                    object_type="contacts",
                    remote_id=str(there["id"]),
                    record_id=contact.id,
                    decided_at=NOW,
                )
            )
    pushed(connection_id)
    assert len(held()) == 3
    return held()


def test_several_are_linked_or_pushed_again_by_one_push(
    connection_id: int,
    sandbox: SandboxServer,
    logged_in: Callable[[User], FlaskClient],
    administrator: User,
) -> None:
    rows = _held_contacts(connection_id, sandbox)
    pages = logged_in(administrator)
    assert "Decide about several at once" in pages.get("/held/records").text
    again = pages.post("/held/records/resolutions", data={"verb": "again", "which": "all"})
    run = pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert again.location == f"/sync-log/{run.id}"
    assert "what needed you" in pages.get(again.location).text
    assert run.counts["contacts"] == {"held": 3}
    form = {"verb": "link", "id": [str(row.id) for row in rows[:2]]}
    pages.post("/held/records/resolutions", data=form)
    run = pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert {one.reason for one in pulling.entries(run.id) if one.reason != "associated"} == {"decided_link"}
    assert [row.record_id for row in held()] == [rows[2].record_id]
    assert len(pulling.links("contacts")) == 2


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_members_decide_about_one_at_a_time(pages: FlaskClient) -> None:
    assert pages.post("/held/records/resolutions", data={"verb": "again"}).status_code == 403
