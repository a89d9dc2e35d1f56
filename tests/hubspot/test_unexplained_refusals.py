"""Refusals without a word of HubSpot's: one record may cause them, or all calls are refused (B45, B49)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.servers.sandbox_server import TOKEN, SandboxServer
from webapp.hubspot.batches import UpdateInput
from webapp.hubspot.calls.in_parts import MOST_ALONE
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import (
    AccountRefused,
    GatewayTrouble,
    HubSpotError,
    MissingScopes,
    ObjectUnreadable,
)
from webapp.hubspot.http.tokens import StaticToken

STYLES = ["html", "none", "foreign"]
STATUSES = [403, 404, 406, 413, 418, 451]
_ODD = "Robert'); DROP TABLE"


@pytest.fixture
def client(sandbox: SandboxServer, make_client: Any) -> HubSpotClient:
    made: HubSpotClient = make_client(base_url=sandbox.url, tokens=StaticToken(TOKEN))
    return made


@pytest.fixture
def people(sandbox: SandboxServer) -> list[str]:
    """A hundred contacts, of whom the 42nd bears a name that a firewall does not let pass."""
    return [
        str(sandbox.create("contacts", {"firstname": _ODD if number == 41 else "Eva"})["id"])
        for number in range(100)
    ]


def _calls(sandbox: SandboxServer) -> int:
    return int(sandbox.counts()["calls"])


@pytest.mark.parametrize(
    ("status", "style"), [(400, one) for one in STYLES] + [(one, "html") for one in STATUSES]
)
def test_an_object_whose_answer_is_kept_back_is_found_out_and_the_others_are_read(
    client: HubSpotClient, sandbox: SandboxServer, people: list[str], status: int, style: str
) -> None:
    sandbox.fault("status", path="*/batch/read", answered=_ODD, status=status, style=style, times=None)
    before = _calls(sandbox)
    answer = client.batch_read("contacts", people, ["firstname"])
    assert list(answer.unreadable) == [people[41]]
    assert (len(answer.results), answer.missing_ids) == (99, [])
    assert _calls(sandbox) - before <= 3 * 8


def test_a_page_of_the_list_is_read_without_values_and_then_in_parts(
    client: HubSpotClient, sandbox: SandboxServer, people: list[str]
) -> None:
    sandbox.fault("status", answered=_ODD, status=400, style="html", times=None)
    page = client.list_page("contacts", ["firstname"])
    assert [one.id for one in page.unreadable] == [people[41]]
    assert sorted(one.id for one in page.results) == sorted({*people} - {people[41]})


def test_an_object_alone_is_unreadable_while_others_can_be_read(
    client: HubSpotClient, sandbox: SandboxServer, people: list[str]
) -> None:
    sandbox.fault("status", path="*/contacts/*", status=404, style="foreign", times=None)
    with pytest.raises(ObjectUnreadable, match="Policy 1171") as caught:
        client.read("contacts", people[41], ["firstname"])
    assert caught.value.object_id == people[41]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, GatewayTrouble), (404, GatewayTrouble), (403, MissingScopes), (418, AccountRefused)],
)
def test_what_refuses_every_call_costs_few_and_is_about_no_object(
    client: HubSpotClient, sandbox: SandboxServer, people: list[str], status: int, kind: type[HubSpotError]
) -> None:
    sandbox.fault("status", status=status, style="html", times=None)
    for ask in (
        lambda: client.batch_read("contacts", people, ["firstname"]),
        lambda: client.read("contacts", people[0], ["firstname"]),
        lambda: client.list_page("contacts", ["firstname"]),
        lambda: client.associations_of(people),
        lambda: client.archive("contacts", people),
        lambda: client.batch_update("contacts", [UpdateInput(one, {"city": "Ulm"}) for one in people]),
    ):
        before = _calls(sandbox)
        with pytest.raises(kind):
            ask()
        assert _calls(sandbox) - before <= 4


def test_what_refuses_one_kind_of_call_is_about_no_object(
    client: HubSpotClient, sandbox: SandboxServer, people: list[str]
) -> None:
    sandbox.fault("status", path="*/batch/read", status=400, style="html", times=None)
    before = _calls(sandbox)
    with pytest.raises(GatewayTrouble):
        client.batch_read("contacts", people, ["firstname"])
    assert _calls(sandbox) - before <= 8 * MOST_ALONE


@pytest.mark.parametrize("odd", [{41}, {0, 1, 2}, set(range(3, 100, 10)), set(range(10))])
def test_many_that_are_refused_keep_no_other(
    client: HubSpotClient, sandbox: SandboxServer, people: list[str], odd: set[int]
) -> None:
    for number in odd:
        sandbox.fault("status", sent=f'"{people[number]}"', status=403, style="html", times=None)
    refused = client.archive("contacts", people)
    assert set(refused) == {people[number] for number in odd}
    assert sandbox.counts()["archived"]["contacts"] == 100 - len(odd)


def test_contacts_whose_companies_are_kept_back_are_named_and_the_others_are_read(
    client: HubSpotClient, sandbox: SandboxServer, people: list[str]
) -> None:
    company = str(sandbox.create("companies", {"name": "Acme"})["id"])
    for one in people[:9]:
        sandbox.update("contacts", one, {}, [company])
    sandbox.fault(
        "status", path="/crm/associations/*", sent=f'"{people[4]}"', status=406, style="none", times=None
    )
    related = client.associations_of(people)
    assert list(related.unreadable) == [people[4]]
    assert [one for one in people if related.get(one)] == [*people[:4], *people[5:9]]
