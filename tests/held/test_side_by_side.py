"""A record that a push held stands beside the objects that it may be, with what differs marked (B32)."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.support import pulling
from tests.support.factories import make_company
from tests.support.pushing import give_key, held, objects, pushed
from tests.support.sandbox_server import SandboxServer
from webapp.models import Run


def test_a_held_company_is_compared_with_both_of_its_candidates(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    sandbox.settings(search_delay_s=0)
    give_key(sandbox, connection_id)
    for name, city in (("Acme", "Bonn"), ("Acme Sales", "Ulm")):
        sandbox.create("companies", {"name": name, "domain": "acme.de", "city": city})
    make_company(name="Acme", domain="acme.de", city="Bonn", postcode="53111")
    pushed(connection_id)
    [waiting] = held()
    page = pages.get("/held/records").text
    assert sorted(re.findall(r'<mark class="differs">([^<]*)</mark>', page)) == ["Acme Sales", "Ulm"]
    assert page.count("Same: link to this one") == 2
    assert "53111" in page
    chosen = (waiting.detail or {})["candidates"][1]["remote_id"]
    pages.post(f"/held/records/{waiting.id}/resolution", data={"verb": "link", "remote_id": chosen})
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert [link.remote_id for link in pulling.links("companies")] == [chosen]
    assert len(objects(sandbox, "companies")) == 2
