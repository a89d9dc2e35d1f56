from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
import redis

from tests.support.clocks.passing_time import Time
from tests.support.servers.scripted_portal import TOKEN, ScriptedPortal, scripted_portal
from webapp.hubspot.auth import OAuthApp, refresh
from webapp.hubspot.batches import CreateInput, UpdateInput
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import (
    AccountRefused,
    ConnectionTrouble,
    GatewayTrouble,
    HubSpotError,
    InvalidToken,
    LimiterUnavailable,
    MalformedAnswer,
    ValidationFailed,
    WaitLonger,
)
from webapp.hubspot.http import whole_answers
from webapp.hubspot.http.limits import RateLimiter

ACCOUNT = {"portalId": 111222, "timeZone": "US/Eastern"}
BURST = {
    "status": "error",
    "message": "You have reached your ten_secondly_rolling limit.",
    "errorType": "RATE_LIMIT",
    "policyName": "TEN_SECONDLY_ROLLING",
}
DAILY = {
    "status": "error",
    "message": "You have reached your daily limit.",
    "errorType": "RATE_LIMIT",
    "policyName": "DAILY",
}
SECONDLY = {
    "status": "error",
    "message": "You have reached your secondly limit.",
    "category": "RATE_LIMITS",
}


def test_a_gateway_error_is_tried_again_after_growing_waits(
    portal: ScriptedPortal, client: HubSpotClient, time: Time
) -> None:
    portal.will(502, b"<html>").will(504).will(200, ACCOUNT)
    assert client.account_details().portal_id == 111222
    assert len(time.naps_s) == 2
    assert 1 <= time.naps_s[0] < time.naps_s[1] <= 5


def test_a_call_is_given_up_after_five_tries(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient]
) -> None:
    client = make_client(patience_s=100)
    for _ in range(6):
        portal.will(503)
    with pytest.raises(GatewayTrouble):
        client.account_details()
    assert client.calls == len(portal.requests) == 5


def test_a_slice_is_ended_rather_than_slept_through(
    portal: ScriptedPortal, client: HubSpotClient, time: Time
) -> None:
    for _ in range(5):
        portal.will(503)
    with pytest.raises(WaitLonger) as caught:
        client.account_details()
    assert caught.value.waiting_for == "hubspot_unreachable"
    assert caught.value.not_before > time.now
    assert isinstance(caught.value.cause, GatewayTrouble)
    assert time.slept_s <= 5


def test_a_burst_429_pauses_every_worker_for_the_window(
    portal: ScriptedPortal, client: HubSpotClient, make_client: Callable[..., HubSpotClient], time: Time
) -> None:
    portal.will(429, BURST)
    began_s = monotonic()
    with pytest.raises(WaitLonger) as caught:
        client.account_details()
    assert caught.value.waiting_for == "rate_limit"
    wait_s = (caught.value.not_before - time.now).total_seconds()
    assert 9.9 - (monotonic() - began_s) <= wait_s <= 10
    with pytest.raises(WaitLonger):
        make_client(is_urgent=True).account_details()
    assert len(portal.requests) == 1


def test_a_429_with_a_retry_after_is_obeyed_to_the_letter(
    portal: ScriptedPortal, client: HubSpotClient, time: Time
) -> None:
    portal.will(429, BURST, headers={"Retry-After": "3"}).will(200, ACCOUNT)
    began_s = monotonic()
    client.account_details()
    # Redis counts what passed by itself on a busy machine as well; it forgets up to a millisecond early.
    assert 2.99 - (monotonic() - began_s) <= time.slept_s <= 3.5


def test_a_search_429_holds_searches_alone(portal: ScriptedPortal, client: HubSpotClient, time: Time) -> None:
    portal.will(429, SECONDLY, headers={"Retry-After": "60"})
    with pytest.raises(WaitLonger) as caught:
        client.search("contacts", [])
    assert caught.value.waiting_for == "search_limit"
    portal.will(200, ACCOUNT)
    client.account_details()
    assert time.slept_s == 0


def test_a_search_429_is_waited_out_within_the_call(
    portal: ScriptedPortal, client: HubSpotClient, time: Time
) -> None:
    portal.will(429, SECONDLY).will(200, {"total": 0, "results": []})
    began_s = monotonic()
    assert client.search("contacts", []).total == 0
    # Redis counts what passed by itself on a busy machine as well.
    assert 0.9 - (monotonic() - began_s) <= time.slept_s <= 1.5


@pytest.mark.parametrize("is_late", [False, True])
def test_a_daily_429_asks_again_in_a_quarter_of_an_hour_or_at_midnight_of_the_account(
    portal: ScriptedPortal,
    store: redis.Redis,
    make_client: Callable[..., HubSpotClient],
    time: Time,
    *,
    is_late: bool,
) -> None:
    time.now, wait_s = datetime(2026, 11, 24, 4, 50 if is_late else 0, tzinfo=UTC), 600 if is_late else 900
    new_york = RateLimiter(store, 111222, time_zone="America/New_York", sleep=time.sleep, clock=time.clock)
    portal.will(429, DAILY)
    with pytest.raises(WaitLonger) as caught:
        make_client(limiter=new_york).account_details()
    assert caught.value.waiting_for == "daily_limit"
    assert wait_s - 5 < (caught.value.not_before - time.now).total_seconds() <= wait_s
    assert new_york.usage().refused == {"daily": 1}


def test_a_daily_429_right_after_midnight_does_not_cost_the_new_day(
    portal: ScriptedPortal, client: HubSpotClient, time: Time
) -> None:
    time.now = datetime(2026, 11, 24, 0, 0, 30, tzinfo=UTC)
    portal.will(429, DAILY)
    with pytest.raises(WaitLonger) as caught:
        client.account_details()
    assert caught.value.not_before - time.now <= timedelta(minutes=5)


def test_a_lock_is_waited_out_for_two_seconds_at_least(
    portal: ScriptedPortal, client: HubSpotClient, time: Time
) -> None:
    portal.will(423, {"message": "locked"}).will(200, ACCOUNT)
    client.account_details()
    assert 2 <= time.slept_s <= 5


def test_a_lock_that_stays_ends_the_slice(portal: ScriptedPortal, client: HubSpotClient) -> None:
    for _ in range(5):
        portal.will(423, {"message": "locked"})
    with pytest.raises(WaitLonger) as caught:
        client.account_details()
    assert caught.value.waiting_for == "lock"


def test_a_migration_holds_every_call_as_long_as_it_says(
    portal: ScriptedPortal, client: HubSpotClient, time: Time
) -> None:
    portal.will(477, {"message": "migrating"}, headers={"Retry-After": "7200"})
    for _ in range(2):
        with pytest.raises(WaitLonger) as caught:
            client.account_details()
        assert caught.value.waiting_for == "migration"
        assert abs(caught.value.not_before - time.now - timedelta(hours=2)) < timedelta(seconds=5)
    assert len(portal.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 414, 422])
def test_a_refused_call_is_never_repeated_unchanged(
    portal: ScriptedPortal, client: HubSpotClient, status: int
) -> None:
    portal.will(status, {"status": "error", "message": "no"})
    with pytest.raises(HubSpotError) as caught:
        client.account_details()
    assert not caught.value.retryable
    assert len(portal.requests) == 1


@pytest.mark.parametrize("cut", ["before", "within"])
def test_a_cut_read_is_repeated(portal: ScriptedPortal, client: HubSpotClient, cut: str) -> None:
    portal.will(200, ACCOUNT, cut=cut).will(200, ACCOUNT)
    assert client.account_details().portal_id == 111222


@pytest.mark.parametrize("cut", ["before", "within"])
def test_a_cut_create_is_not_repeated_since_it_may_have_worked(
    portal: ScriptedPortal, client: HubSpotClient, cut: str
) -> None:
    portal.will(201, {"results": []}, cut=cut)
    with pytest.raises(ConnectionTrouble) as caught:
        client.batch_create("contacts", [CreateInput("t1", {"email": "ana@example.com"})])
    assert caught.value.may_have_taken_effect
    assert len(portal.requests) == 1


def test_a_create_behind_a_gateway_time_out_is_not_repeated(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(504)
    with pytest.raises(GatewayTrouble) as caught:
        client.batch_create("contacts", [CreateInput("t1", {"email": "ana@example.com"})])
    assert caught.value.may_have_taken_effect


def test_a_create_that_hubspot_surely_did_not_carry_out_is_repeated(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(503).will(423).will(201, {"results": []})
    client.batch_create("contacts", [CreateInput("t1", {"email": "ana@example.com"})])
    assert len(portal.requests) == 3


def test_a_cut_update_is_repeated_since_that_does_no_harm(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(200, {"results": []}, cut="before").will(200, {"results": []})
    client.batch_update("contacts", [UpdateInput("1", {"firstname": "Ana"})])
    assert len(portal.requests) == 2


def test_no_connection_is_a_wait_and_surely_without_effect(make_client: Callable[..., HubSpotClient]) -> None:
    client = make_client(base_url="http://127.0.0.1:1")
    with pytest.raises(WaitLonger) as caught:
        client.batch_create("contacts", [CreateInput("t1", {"email": "ana@example.com"})])
    assert caught.value.waiting_for == "hubspot_unreachable"
    assert caught.value.cause is not None
    assert not caught.value.cause.may_have_taken_effect


def test_a_time_out_uses_up_the_patience(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.hubspot.http.transport.TIMEOUTS_S", (1.0, 0.6))
    portal.will(cut="never").will(200, ACCOUNT)
    with pytest.raises(WaitLonger) as caught:
        make_client(patience_s=1.5).account_details()
    assert isinstance(caught.value.cause, ConnectionTrouble)
    assert caught.value.cause.may_have_taken_effect
    assert len(portal.requests) == 1


def test_the_answer_to_a_write_is_not_lost_because_redis_is(
    portal: ScriptedPortal,
    client: HubSpotClient,
    limiter: RateLimiter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(_: object) -> None:
        raise LimiterUnavailable

    monkeypatch.setattr(limiter, "learn", gone)
    portal.will(204)
    client.archive("contacts", ["1"])
    assert len(portal.requests) == 1


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"portalId": 1', b'{"portalId": "no number"}', b"[]"])
def test_a_malformed_answer_is_retryable_and_said_so(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient], body: bytes
) -> None:
    for _ in range(5):
        portal.will(200, body)
    with pytest.raises(MalformedAnswer):
        make_client(patience_s=100).account_details()
    assert len(portal.requests) == 5


def test_a_post_does_not_follow_a_redirect(portal: ScriptedPortal, client: HubSpotClient) -> None:
    for _ in range(2):
        portal.will(302, headers={"Location": "/elsewhere"})
    with pytest.raises(AccountRefused):
        client.batch_read("contacts", ["1"], [])
    assert len(portal.requests) == 2, "it is made once more, at the same place"


def test_what_is_not_found_behind_a_redirect_is_no_object_that_is_gone(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient]
) -> None:
    portal.will(302, headers={"Location": "/elsewhere"}).will(404, {"message": "resource not found"})
    with pytest.raises(WaitLonger) as waiting:
        make_client(patience_s=0).read("contacts", "1", [])
    assert isinstance(waiting.value.cause, GatewayTrouble)


def test_no_answer_leads_to_another_host(portal: ScriptedPortal, client: HubSpotClient) -> None:
    with scripted_portal() as elsewhere:
        for _ in range(2):
            elsewhere.will(200, ACCOUNT)
        # The same machine under another name, and at another port.
        for there in (elsewhere.url.replace("127.0.0.1", "localhost"), elsewhere.url):
            for _ in range(2):
                portal.will(302, headers={"Location": f"{there}/account"})
            with pytest.raises(AccountRefused):
                client.account_details()
        assert elsewhere.requests == []


def test_within_its_host_a_get_is_led_on_with_its_token(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(307, headers={"Location": "/elsewhere"}).will(200, ACCOUNT)
    assert client.account_details().portal_id == ACCOUNT["portalId"]
    assert [request.headers["Authorization"] for request in portal.requests] == [f"Bearer {TOKEN}"] * 2


class RenewableToken:
    def __init__(self) -> None:
        self.renewals = 0

    def access_token(self) -> str:
        return f"token-{self.renewals}"

    def refreshed(self, after: str) -> str:
        assert after == f"token-{self.renewals}"
        self.renewals += 1
        return self.access_token()


EXPIRED = {"status": "error", "message": "The OAuth token expired.", "category": "EXPIRED_AUTHENTICATION"}


def test_an_expired_token_is_renewed_once_and_the_call_repeated(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient], time: Time
) -> None:
    tokens = RenewableToken()
    portal.will(401, EXPIRED).will(200, ACCOUNT)
    assert make_client(tokens=tokens).account_details().portal_id == 111222
    assert tokens.renewals == 1
    assert [one.headers["Authorization"] for one in portal.requests] == ["Bearer token-0", "Bearer token-1"]
    assert time.slept_s == 0


def test_a_token_refused_after_its_renewal_asks_for_reconnecting(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient]
) -> None:
    tokens = RenewableToken()
    portal.will(401, EXPIRED).will(401, EXPIRED)
    with pytest.raises(InvalidToken) as caught:
        make_client(tokens=tokens).account_details()
    assert caught.value.reason == "reconnect"
    assert not caught.value.retryable
    assert tokens.renewals == 1


def test_a_static_token_that_is_refused_is_not_tried_twice(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(401, EXPIRED)
    with pytest.raises(InvalidToken, match="The OAuth token expired"):
        client.account_details()
    assert len(portal.requests) == 1


def test_a_create_refused_for_its_token_is_repeated_with_the_new_one(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient]
) -> None:
    portal.will(401, EXPIRED).will(201, {"results": []})
    client = make_client(tokens=RenewableToken())
    client.batch_create("contacts", [CreateInput("t1", {"email": "ana@example.com"})])
    assert len(portal.requests) == 2


class OvertakenError(Exception):
    pass


def test_a_slice_that_was_overtaken_writes_nothing(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient]
) -> None:
    def fence() -> None:
        raise OvertakenError

    client = make_client(before_write=fence)
    with pytest.raises(OvertakenError):
        client.batch_update("contacts", [UpdateInput("1", {"firstname": "Ana"})])
    with pytest.raises(OvertakenError):
        client.archive("contacts", ["1"])
    assert portal.requests == []
    portal.will(200, ACCOUNT).will(200, {"results": []})
    client.account_details()
    client.batch_read("contacts", ["1"], [])


def test_the_fence_is_checked_again_before_a_repeated_write(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient]
) -> None:
    checks: list[int] = []
    client = make_client(before_write=lambda: checks.append(1))
    portal.will(503).will(200, {"results": []})
    client.batch_update("contacts", [UpdateInput("1", {"firstname": "Ana"})])
    assert len(checks) == 2


def test_a_validation_error_names_the_properties(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(
        400,
        {
            "status": "error",
            "message": "Property values were not valid",
            "category": "VALIDATION_ERROR",
            "errors": [
                {"message": "bad", "code": "INVALID_EMAIL", "context": {"propertyName": ["email"]}},
                {"message": "unknown", "code": "PROPERTY_DOESNT_EXIST", "in": "nick"},
            ],
        },
    )
    with pytest.raises(ValidationFailed) as caught:
        client.batch_update("contacts", [UpdateInput("1", {"email": "foo"})])
    assert caught.value.problems == (
        ("email", "INVALID_EMAIL", "bad"),
        ("nick", "PROPERTY_DOESNT_EXIST", "unknown"),
    )
    assert caught.value.property_name == "email"


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_comes_byte_by_byte_is_given_up(
    part: str, portal: ScriptedPortal, client: HubSpotClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_answers, "WHOLE_S", 0.3)
    portal.will(slow=part).will(200, ACCOUNT)
    assert client.account_details().portal_id == 111222
    portal.will(slow=part)
    with pytest.raises(ConnectionTrouble) as caught:
        client.batch_create("contacts", [CreateInput("one", {})])
    assert caught.value.may_have_taken_effect


def test_a_token_that_comes_byte_by_byte_is_given_up(
    portal: ScriptedPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_answers, "WHOLE_S", 0.3)
    portal.will(slow="body")
    with pytest.raises(ConnectionTrouble):
        refresh(OAuthApp(portal.url, "2026-03", "id", "secret", "https://here.example"), "token")
