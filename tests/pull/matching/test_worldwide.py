"""Companies of many countries: linked, asked about or made by a Pull, and by a Push after it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling, pushing

pytestmark = pytest.mark.one_database

_FIRMS: tuple[tuple[dict[str, Any], dict[str, str], str], ...] = (
    # The record here, the object there, and what a Pull makes of them.
    (
        {"name": "Żabka Kamień", "domain": None, "city": "Łódź", "phone": "+48 42 123 45 76"},
        {"name": "Zabka Kamien Sp. z o.o.", "city": "Lodz", "phone": "42 123 45 76"},
        "linked",
    ),
    (
        {
            "name": "Öztürk Nakliyat",
            "domain": None,
            "street": "Deniz Cad. No: 8 D: 5",
            "city": "İzmir",
            "postcode": "35220",
        },
        {
            "name": "Ozturk Nakliyat Ltd. Şti.",
            "address": "Deniz Caddesi 8/5",
            "city": "Izmir",
            "zip": "35220",
        },
        "linked",
    ),
    (
        {"name": "Morgensonne", "domain": "morgensonne.dk", "city": "Aarhus"},
        {"name": "Aftenstjerne", "domain": "morgensonne.dk", "city": "Odense"},
        "held",
    ),
    (
        {"name": "Bar Uno", "domain": "baruno.wixsite.com", "city": "Lecce"},
        {"name": "Bar Due", "domain": "bardue.wixsite.com", "city": "Bari"},
        "created",
    ),
    (
        {"name": "n/a", "domain": None, "phone": "1234 1234", "city": "Kiel"},
        {"name": "n/a", "phone": "12341234", "city": "Kiel"},
        "created",
    ),
    (
        {"name": "Solpark 1 ApS", "domain": None, "city": "Vejle", "phone": "+45 75 82 11 09"},
        {"name": "Solpark 2 ApS", "city": "Vejle", "phone": "75 82 11 09"},
        "created",
    ),
    (
        {"name": "Grünwald Optik", "domain": "grünwald-optik.at", "city": "Graz"},
        {"name": "Grünwald Optik", "domain": "xn--grnwald-optik-xob.at", "city": "Graz"},
        "linked",
    ),
)


@pytest.mark.parametrize(("here", "there", "becomes"), _FIRMS, ids=[one[0]["name"] for one in _FIRMS])
def test_a_company_of_any_country_is_found_asked_about_or_made(
    connection_id: int, sandbox: SandboxServer, here: dict[str, Any], there: dict[str, str], becomes: str
) -> None:
    sandbox.settings(search_delay_s=0)
    pushing.give_key(sandbox, connection_id)
    record = make_company(**here)
    made = sandbox.create("companies", there)
    run = pulling.pulled(connection_id)
    assert [entry.outcome for entry in pulling.entries(run.id) if entry.remote_id == made["id"]] == [
        {"linked": "updated"}.get(becomes, becomes)
    ]
    again = pulling.pulled(connection_id)
    assert {entry.outcome for entry in pulling.entries(again.id)} <= {"held", "unchanged"}
    pushing.pushed(connection_id)
    count = len(pushing.objects(sandbox, "companies", "name"))
    assert count == {"linked": 1, "held": 1, "created": 2}[becomes], record.id
    pulling.pulled(connection_id)
    assert len(pulling.companies()) == {"linked": 1, "held": 1, "created": 2}[becomes]
