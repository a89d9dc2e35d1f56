"""How records end and come back in the sandbox: archived, restored, merged, erased for privacy."""

from __future__ import annotations

import pytest

from tests.support.pages.page import read_page
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.servers.webhook_receiver import Receiver

_PAGE = "/contacts/111222/record/0-1"


def _delivered(sandbox: SandboxServer, receiver: Receiver) -> list[str]:
    sandbox.wait_until(lambda: sandbox.webhooks()["is_idle"])
    return sorted(one["subscriptionType"] for one in receiver.events)


def _new(sandbox: SandboxServer, email: str) -> str:
    return str(sandbox.create("contacts", {"firstname": "Ana", "email": email})["id"])


def test_a_restored_record_is_there_again_under_its_id_and_told_of(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    number = _new(sandbox, "ana@x.de")
    sandbox.archive("contacts", number)
    sandbox.restore("contacts", number)
    assert sandbox.api("GET", f"/crm/v3/objects/contacts/{number}").json()["archived"] is False
    assert _delivered(sandbox, receiver)[-1] == "contact.restore"


def test_a_record_whose_address_was_taken_meanwhile_is_not_restored(sandbox: SandboxServer) -> None:
    number = _new(sandbox, "ana@x.de")
    sandbox.archive("contacts", number)
    _new(sandbox, "ana@x.de")
    page = sandbox.api("POST", f"{_PAGE}/{number}/restoring")
    assert page.status_code == 400
    assert "exists already" in page.text


@pytest.mark.parametrize("by", ["id", "email"])
def test_a_contact_erased_for_privacy_is_nowhere_and_told_of_twice(
    sandbox: SandboxServer, receiver: Receiver, by: str
) -> None:
    number = _new(sandbox, "ana@x.de")
    body = {"objectId": number} if by == "id" else {"objectId": "ana@x.de", "idProperty": "email"}
    answer = sandbox.api("POST", "/crm/objects/2026-03/contacts/gdpr-delete", json=body)
    assert answer.status_code == 204
    for archived in ("true", "false"):
        address = f"/crm/v3/objects/contacts/{number}"
        assert sandbox.api("GET", address, params={"archived": archived}).status_code == 404
    assert {"contact.deletion", "contact.privacyDeletion"} <= set(_delivered(sandbox, receiver))


def test_an_address_that_nobody_has_is_taken_all_the_same(sandbox: SandboxServer) -> None:
    body = {"objectId": "nobody@x.de", "idProperty": "email"}
    assert sandbox.api("POST", "/crm/v3/objects/contacts/gdpr-delete", json=body).status_code == 204


def test_a_person_merges_restores_and_erases_on_the_pages(sandbox: SandboxServer) -> None:
    one, other = _new(sandbox, "ana@x.de"), _new(sandbox, "ann@x.de")
    page = sandbox.api("POST", f"{_PAGE}/{one}/merging", data={"other": other, "new_id": "on"})
    survivor = page.url.rpartition("/")[2]
    assert survivor not in (one, other)
    assert sandbox.get("contacts", survivor)["properties"]["hs_merged_object_ids"] == f"{one};{other}"
    refused = sandbox.api("POST", f"{_PAGE}/{survivor}/merging", data={"other": survivor})
    assert refused.status_code == 400
    sandbox.api("POST", f"{_PAGE}/{survivor}/archiving")
    assert "Restore this contact" in sandbox.api("GET", f"{_PAGE}/{survivor}").text
    sandbox.api("POST", f"{_PAGE}/{survivor}/restoring")
    assert sandbox.get("contacts", survivor)["archived"] is False
    sandbox.api("POST", f"{_PAGE}/{survivor}/erasing")
    assert sandbox.api("GET", f"{_PAGE}/{survivor}").status_code == 404
    assert sandbox.counts()["writes"] == 0


def test_the_pages_follow_calls_limits_and_deliveries(sandbox: SandboxServer, receiver: Receiver) -> None:
    sandbox.settings(rate_limit=50)
    number = _new(sandbox, "ana@x.de")
    sandbox.api("GET", f"/crm/v3/objects/contacts/{number}")
    _delivered(sandbox, receiver)
    calls = sandbox.api("GET", "/calls", params={"live": "1"}).text
    assert read_page(calls).has("meta", http_equiv="refresh", content="1")
    assert "1 of 50" in calls
    sandbox.api("POST", "/deliveries/test")
    _delivered(sandbox, receiver)
    deliveries = sandbox.api("GET", "/deliveries").text
    assert "contact.creation" in deliveries
    assert receiver.events[-1]["eventId"] == 100


def test_an_account_may_rewrite_phone_numbers(sandbox: SandboxServer) -> None:
    sandbox.settings(format_phones=True)
    number = sandbox.create("contacts", {"firstname": "Ana", "phone": "+49 (228) 12-34"})["id"]
    assert sandbox.get("contacts", number)["properties"]["phone"] == "+492281234"


def test_a_company_keeps_the_domains_of_what_was_merged_into_it(sandbox: SandboxServer) -> None:
    domains = ("a.de", "b.de", "b.de", "")
    ids = [str(sandbox.create("companies", {"name": "Acme", "domain": one})["id"]) for one in domains]
    survivor = ids[0]
    for other in ids[1:]:
        survivor = str(sandbox.merge("companies", survivor, other)["id"])
    held = sandbox.get("companies", survivor)["properties"]
    assert (held["domain"], held["hs_additional_domains"]) == ("a.de", "b.de")


def test_a_merge_through_the_api_joins_two_for_good_under_a_new_id(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    one, other = _new(sandbox, "ana@x.de"), _new(sandbox, "ann@x.de")
    address = "/crm/v3/objects/contacts/merge"
    body = {"primaryObjectId": one, "objectIdToMerge": other}
    answer = sandbox.api("POST", address, json=body)
    assert answer.status_code == 200
    survivor = answer.json()["id"]
    assert survivor not in (one, other)
    for merged_away in (one, other):
        found = sandbox.api("GET", f"/crm/v3/objects/contacts/{merged_away}").json()
        assert found["id"] == survivor
    assert "contact.merge" in _delivered(sandbox, receiver)
    assert sandbox.api("POST", address, json={**body, "objectIdToMerge": "9"}).status_code == 404
    assert sandbox.api("POST", address, json=body).status_code == 400
