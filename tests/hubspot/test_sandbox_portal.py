"""The client against the stand-in portal, on every version of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import get_args
from uuid import uuid4

import pytest

from tests.support.servers.sandbox_server import CLIENT_ID, CLIENT_SECRET, TOKEN, SandboxServer
from webapp.hubspot import auth, scopes
from webapp.hubspot.batches import CreateInput, UpdateInput, UpsertInput
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import (
    Conflict,
    ConnectionTrouble,
    InvalidToken,
    MissingScopes,
    NotFound,
    ValidationFailed,
    WaitLonger,
)
from webapp.hubspot.http.limits import RateLimiter
from webapp.hubspot.http.paths import Version
from webapp.hubspot.http.tokens import StaticToken

PROPERTIES = ["email", "firstname", "lastname", "phone", "lifecyclestage"]


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with SandboxServer().start(companies=40, contacts=250) as server:
        yield server


@pytest.fixture
def sandbox(running: SandboxServer) -> SandboxServer:
    running.restore_defaults(companies=40, contacts=250)
    return running


@pytest.fixture(params=get_args(Version))
def real(
    request: pytest.FixtureRequest, sandbox: SandboxServer, make_client: Callable[..., HubSpotClient]
) -> HubSpotClient:
    return make_client(base_url=sandbox.url, tokens=StaticToken(TOKEN), version=request.param)


def all_of(client: HubSpotClient, object_type: str) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        page = client.list_page(object_type, PROPERTIES, after)
        found += [one.id for one in page.results]
        after = page.after
        if after is None:
            return found


def test_the_account_answers(real: HubSpotClient, limiter: RateLimiter) -> None:
    account = real.account_details()
    assert account.portal_id == 111222
    assert account.time_zone == "US/Eastern"
    assert [one.name for one in real.properties("contacts").results if one.name == "email"] == ["email"]
    assert real.property_groups("companies")
    assert real.owners()
    assert limiter.usage().daily_limit == 625_000


@pytest.mark.parametrize("short_pages", [False, True])
def test_every_object_is_listed_once(
    real: HubSpotClient, sandbox: SandboxServer, *, short_pages: bool
) -> None:
    sandbox.settings(short_pages=short_pages)
    contacts = all_of(real, "contacts")
    assert len(contacts) == len(set(contacts)) == 250
    assert len(all_of(real, "companies")) == 40


def test_a_contact_s_primary_company_is_chosen(real: HubSpotClient, sandbox: SandboxServer) -> None:
    ids = [sandbox.create("companies", {"name": f"Company {number}"})["id"] for number in range(103)]
    lone = sandbox.create("contacts", {"email": "lone@example.com"})["id"]
    busy = sandbox.create("contacts", {"email": "busy@example.com"}, companies=[ids[102], *ids[:102]])["id"]
    assert real.read("contacts", lone, []).chosen_company_id is None
    assert real.read("contacts", busy, []).chosen_company_id == ids[102]
    found = real.associations_of([lone, busy])
    assert found[lone] == []
    assert [one.to_id for one in found[busy] if one.is_primary] == [ids[102]]
    assert len(found[busy]) == 103
    assert real.associate_primary([(busy, ids[0])]).done == [(busy, ids[0])]
    assert real.read("contacts", busy, []).chosen_company_id == ids[0]


def test_objects_are_made_changed_and_archived(real: HubSpotClient) -> None:
    made = real.batch_create(
        "contacts",
        [
            CreateInput("one", {"email": "one@example.org", "firstname": "One"}),
            CreateInput("two", {"email": "not an address"}),
        ],
    )
    assert list(made.by_key) == ["one"]
    assert made.missing_ids == ["two"]
    assert isinstance(made.error_of("two"), ValidationFailed)
    one = made.by_key["one"].id
    again = real.batch_create("contacts", [CreateInput("again", {"email": "one@example.org"})])
    taken = again.error_of("again")
    assert isinstance(taken, Conflict)
    assert taken.existing_id == one

    changed = real.batch_update("contacts", [UpdateInput(one, {"firstname": "Ana"})])
    assert changed.by_key[one].properties["firstname"] == "Ana"
    assert (
        real.batch_read("contacts", ["ONE@example.org"], PROPERTIES, "email").by_key["ONE@example.org"].id
        == one
    )

    real.archive("contacts", [one, "123456789"])
    assert real.batch_read("contacts", [one], PROPERTIES).missing_ids == [one]
    with pytest.raises(NotFound):
        real.read("contacts", one, PROPERTIES)
    assert real.read("contacts", one, PROPERTIES, archived=True).archived


def test_our_unique_property_makes_repeated_upserts_harmless(real: HubSpotClient) -> None:
    real.create_property(
        "companies",
        name="twinbook_id",
        label="Twinbook id",
        group_name="companyinformation",
        has_unique_value=True,
    )
    with pytest.raises(Conflict):
        real.create_property("companies", name="twinbook_id", label="x", group_name="companyinformation")
    inputs = [UpsertInput(str(uuid4()), {"name": f"Company {number}"}) for number in range(3)]
    first = real.batch_upsert("companies", "twinbook_id", inputs)
    second = real.batch_upsert("companies", "twinbook_id", inputs)
    assert first.missing_ids == second.missing_ids == []
    assert {one.new for one in first.results} == {True}
    assert {one.new for one in second.results} == {False}
    assert {one.id for one in first.results} == {one.id for one in second.results}


def test_a_merged_away_id_is_left_out_of_batches_and_answered_by_its_survivor(
    real: HubSpotClient, sandbox: SandboxServer
) -> None:
    kept = sandbox.create("contacts", {"email": "kept@example.com"})["id"]
    gone = sandbox.create("contacts", {"email": "gone@example.com"})["id"]
    survivor = sandbox.merge("contacts", kept, gone)["id"]
    answer = real.batch_update("contacts", [UpdateInput(gone, {"firstname": "x"}), UpdateInput(survivor, {})])
    assert answer.missing_ids == [gone]
    found = real.read("contacts", gone, [])
    assert found.id == survivor
    assert {kept, gone} <= set(found.merged_ids)


def test_a_search_finds_by_value(real: HubSpotClient, sandbox: SandboxServer) -> None:
    sandbox.settings(search_delay_s=0)
    made = sandbox.create("companies", {"name": "Zebra", "domain": "zebra.example"})["id"]
    groups = [{"filters": [{"propertyName": "domain", "operator": "EQ", "value": "zebra.example"}]}]
    assert [one.id for one in real.search("companies", groups, ["domain"]).results] == [made]


def test_a_refused_value_names_its_property(real: HubSpotClient, sandbox: SandboxServer) -> None:
    for errors_list in (True, False):
        sandbox.settings(errors_list=errors_list)
        made = sandbox.create("contacts", {"firstname": f"Ana {errors_list}"})["id"]
        with pytest.raises(ValidationFailed) as caught:
            real.batch_update("contacts", [UpdateInput(made, {"no_such_property": "1"})])
        assert caught.value.property_name == "no_such_property"
        assert caught.value.correlation_id


def test_a_create_cut_after_it_took_effect_happens_once(real: HubSpotClient, sandbox: SandboxServer) -> None:
    sandbox.fault("cut_after", method="POST", path="*/batch/create")
    with pytest.raises(ConnectionTrouble) as caught:
        real.batch_create("contacts", [CreateInput("t", {"email": "once@example.org"})])
    assert caught.value.may_have_taken_effect
    assert sandbox.counts()["writes"] == 1


def test_a_real_burst_limit_is_never_run_into(real: HubSpotClient, sandbox: SandboxServer) -> None:
    sandbox.settings(rate_limit=30)
    for _ in range(26):
        real.account_details()
    with pytest.raises(WaitLonger) as caught:
        real.account_details()
    assert caught.value.waiting_for == "rate_limit"
    assert sandbox.counts()["throttled"] == 0
    assert real.calls == 26


def test_a_revoked_token_and_missing_scopes_say_so(
    sandbox: SandboxServer, make_client: Callable[..., HubSpotClient]
) -> None:
    client = make_client(base_url=sandbox.url, tokens=StaticToken(TOKEN))
    sandbox.settings(withheld_scopes=["crm.objects.contacts.read"])
    with pytest.raises(MissingScopes) as caught:
        client.list_page("contacts", [])
    assert "crm.objects.contacts.read" in caught.value.scopes
    info = auth.private_app_info(sandbox.url, TOKEN)
    assert scopes.missing(info.scopes) == ("crm.objects.contacts.read",)
    sandbox.revoke_tokens()
    with pytest.raises(InvalidToken):
        client.account_details()


@pytest.mark.parametrize("version", get_args(Version))
def test_a_wrong_refresh_token_asks_for_reconnecting(sandbox: SandboxServer, version: Version) -> None:
    app = auth.OAuthApp(sandbox.url, version, CLIENT_ID, CLIENT_SECRET, "http://localhost/callback")
    with pytest.raises(InvalidToken):
        auth.refresh(app, "na1-never-granted")
    assert not auth.introspect(app, "never-granted").is_active
