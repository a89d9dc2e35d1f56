"""Rate limits of three kinds, and faults on demand."""

from threading import Thread
from typing import Any

import pytest
import requests

from tests.support.applications.worker_process import wait_until
from tests.support.clocks.patience import PATIENCE_S
from tests.support.servers.sandbox_server import SandboxServer

CONTACTS = "/crm/objects/2026-03/contacts"


def statuses(portal: SandboxServer, times: int) -> list[int]:
    return [portal.api("GET", CONTACTS).status_code for _ in range(times)]


def create(portal: SandboxServer, email: str) -> requests.Response:
    return portal.api("POST", CONTACTS, json={"properties": {"email": email}})


def test_the_ten_second_limit_announces_itself_and_refuses(portal: SandboxServer) -> None:
    portal.settings(rate_limit=3)
    left = [portal.api("GET", CONTACTS).headers["X-HubSpot-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = portal.api("GET", CONTACTS)
    assert (refused.status_code, refused.json()["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert refused.headers["X-HubSpot-RateLimit-Max"] == "3"
    assert "Retry-After" not in refused.headers
    assert portal.counts()["throttled"] == 1


def test_by_switch_a_429_says_when_to_come_back(portal: SandboxServer) -> None:
    portal.settings(rate_limit=1, retry_after_on_429=True)
    portal.api("GET", CONTACTS)
    assert 1 <= int(portal.api("GET", CONTACTS).headers["Retry-After"]) <= 10


def test_the_daily_limit_refuses_with_its_own_policy(portal: SandboxServer) -> None:
    portal.settings(daily_limit=1)
    assert portal.api("GET", CONTACTS).headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    refused = portal.api("GET", CONTACTS)
    assert (refused.status_code, refused.json()["policyName"]) == (429, "DAILY")


def test_searches_have_a_limit_of_their_own_and_no_headers(portal: SandboxServer) -> None:
    portal.settings(search_limit=1)
    first = portal.api("POST", f"{CONTACTS}/search", json={})
    assert not [name for name in first.headers if "RateLimit" in name]
    refused = portal.api("POST", f"{CONTACTS}/search", json={})
    assert (refused.status_code, refused.json()["category"]) == (429, "RATE_LIMITS")
    assert "policyName" not in refused.json()
    assert portal.api("GET", CONTACTS).status_code == 200


@pytest.mark.parametrize("status", [423, 477, 500, 502, 504])
def test_a_status_comes_as_often_as_asked_and_after_so_many_calls(portal: SandboxServer, status: int) -> None:
    portal.fault("status", status=status, times=2, after=1, path="/crm/objects/*")
    assert statuses(portal, 5) == [200, status, status, 200, 200]


def test_a_moving_account_says_when_to_come_back(portal: SandboxServer) -> None:
    portal.fault("status", status=477, retry_after_s=7)
    assert portal.api("GET", CONTACTS).headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("policy", "message"), [("burst", "ten_secondly"), ("daily", "daily"), ("search", "secondly limit")]
)
def test_429s_of_each_kind_can_be_asked_for(portal: SandboxServer, policy: str, message: str) -> None:
    portal.fault("status", status=429, policy=policy)
    assert message in portal.api("GET", CONTACTS).json()["message"]


@pytest.mark.parametrize(
    ("reason", "category"), [("expired", "EXPIRED_AUTHENTICATION"), ("invalid", "INVALID_AUTHENTICATION")]
)
def test_401s_of_each_kind_can_be_asked_for(portal: SandboxServer, reason: str, category: str) -> None:
    portal.fault("status", status=401, reason=reason)
    assert portal.api("GET", CONTACTS).json()["category"] == category


def test_only_matching_calls_are_hit(portal: SandboxServer) -> None:
    portal.fault("status", status=502, method="POST", path="*/contacts/batch/*", times=None)
    assert statuses(portal, 2) == [200, 200]
    assert portal.api("POST", f"{CONTACTS}/batch/read", json={"inputs": []}).status_code == 502
    portal.clear_faults()
    assert portal.api("POST", f"{CONTACTS}/batch/read", json={"inputs": []}).status_code == 200


def test_chance_is_the_same_for_the_same_seed(portal: SandboxServer) -> None:
    def draw(seed: int) -> list[int]:
        portal.clear_faults()
        portal.fault("status", status=502, times=None, rate=0.5, seed=seed)
        return statuses(portal, 30)

    first = draw(1)
    assert {200, 502} == set(first)
    assert first == draw(1)
    assert first != draw(2)


@pytest.mark.parametrize(("kind", "made"), [("cut_before", 0), ("cut_after", 1)])
def test_a_cut_connection_did_or_did_not_do_its_work(portal: SandboxServer, kind: str, made: int) -> None:
    portal.fault(kind, method="POST")
    with pytest.raises(requests.ConnectionError):
        create(portal, "ana@firm.com")
    assert portal.counts()["contacts"] == made
    assert create(portal, "ana@firm.com").status_code == (409 if made else 201)


@pytest.mark.parametrize(("effect", "made"), [("before", 0), ("after", 1)])
def test_a_gateway_error_may_hide_a_write_that_took_effect(
    portal: SandboxServer, effect: str, made: int
) -> None:
    portal.fault("status", status=504, effect=effect, method="POST")
    assert create(portal, "ana@firm.com").status_code == 504
    assert portal.counts()["contacts"] == made


@pytest.mark.parametrize("body", ["truncated", "html", "empty"])
def test_a_malformed_body_is_no_json(portal: SandboxServer, body: str) -> None:
    portal.reset(companies=0, contacts=3)
    portal.fault("malformed", body=body)
    answer = portal.api("GET", CONTACTS)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_latency_delays_and_still_answers(portal: SandboxServer) -> None:
    portal.fault("latency", latency_ms=60)
    assert portal.api("GET", CONTACTS).status_code == 200
    assert portal.log()[-1]["took_ms"] >= 60


def test_the_log_and_the_counts_tell_what_callers_did(portal: SandboxServer) -> None:
    portal.create("contacts", {"email": "person@firm.com"})
    number = create(portal, "ana@firm.com").json()["id"]
    portal.api("PATCH", f"{CONTACTS}/{number}", json={"properties": {"email": "ana@firm.com"}})
    counts = portal.counts()
    assert (counts["calls"], counts["writes"], counts["changes"]) == (2, 2, 1)
    assert counts["calls_by_route"] == {
        "objects.create_object contacts": 1,
        "objects.update_object contacts": 1,
    }
    assert [(e["method"], e["status"]) for e in portal.log()] == [("POST", 201), ("PATCH", 200)]


@pytest.mark.parametrize("change", [{"nosuch": 1}, {"rate_limit": "many"}, {"empty_values": "maybe"}])
def test_a_wrong_switch_is_refused(portal: SandboxServer, change: dict[str, Any]) -> None:
    answer = requests.put(f"{portal.url}/sandbox/settings", json=change, timeout=PATIENCE_S)
    assert (answer.status_code, bool(answer.json()["message"])) == (400, True)


def test_an_answer_that_is_held_has_what_there_was_before(portal: SandboxServer) -> None:
    """It comes when it is released, behind what happened meanwhile."""
    made = create(portal, "eva@x.de").json()["id"]
    portal.fault("hold", method="GET", path=f"{CONTACTS}/{made}")
    answers: list[requests.Response] = []
    thread = Thread(target=lambda: answers.append(portal.api("GET", f"{CONTACTS}/{made}?properties=city")))
    thread.start()
    wait_until(lambda: portal.held() == 1, "the answer is held")
    assert portal.under_way() == 1
    portal.update("contacts", made, {"city": "Ulm"})
    assert not answers
    portal.release()
    thread.join(PATIENCE_S)
    assert [one.json()["properties"]["city"] for one in answers] == [None]
    assert (portal.held(), portal.under_way()) == (0, 0)
